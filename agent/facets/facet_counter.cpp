#include "agent/facets/facet_counter.hpp"

#include <algorithm>

#include "core/local_limits.hpp"

namespace rootlet::agent {

void FacetCounter::add(const CellView& cell) {
  if (too_many_) return;
  if (cell.kind == CellView::Kind::kNull) {
    ++nulls_;
  } else if (cell.kind == CellView::Kind::kInteger) {
    ++integers_[cell.integer];
    check_size();
  } else {
    add_text(cell.text);
  }
}

void FacetCounter::add_text(std::string_view text) {
  if (const auto known = texts_.find(text); known != texts_.end()) {
    ++known->second;
    return;
  }
  too_many_ = text.size() > limits::kFacetValueBytes;
  if (too_many_) return;
  texts_.emplace(text, 1);
  check_size();
}

void FacetCounter::check_size() {
  too_many_ = integers_.size() + texts_.size() > limits::kFacetValues;
}

bool FacetCounter::is_unique() const {
  const auto once = [](const auto& one) { return one.second == 1; };
  return nulls_ < 2 && std::ranges::all_of(integers_, once) && std::ranges::all_of(texts_, once);
}

std::vector<ValueCount> FacetCounter::counts() const {
  std::vector<ValueCount> out;
  if (too_many_) return out;
  if (nulls_ > 0) out.push_back({.value = {}, .count = nulls_});
  for (const auto& [integer, count] : integers_) {
    out.push_back({{.kind = CellView::Kind::kInteger, .integer = integer}, count});
  }
  for (const auto& [text, count] : texts_) {
    out.push_back({{.kind = CellView::Kind::kText, .text = text}, count});
  }
  std::ranges::sort(out, [](const ValueCount& a, const ValueCount& b) {
    if (a.count != b.count) return a.count > b.count;
    if (a.value.integer != b.value.integer) return a.value.integer < b.value.integer;
    return a.value.text < b.value.text;
  });
  return out;
}

}  // namespace rootlet::agent
