// Looks are dropped all at once when they grow too large: making them again is cheap.
#include "sync/pack/coding/block_cells.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <unordered_map>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/coding/codes.hpp"
#include "sync/pack/coding/text_forms.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kLookBytes = 8 * limits::kMiB;  // of a block
// As much as a model is worth learning from; part of the format.
constexpr std::size_t kKnownTexts = 2'048, kKnownCharacters = 4'096;

std::string_view bytes_of(const CellView& cell, std::size_t prefix) {
  if (cell.kind == CellView::Kind::kText) {
    return prefix == 0 ? cell.text : cell.text.substr(0, prefix);
  }
  return {reinterpret_cast<const char*>(&cell.integer), sizeof cell.integer};
}

// In order of first appearance. Neighbours are often the same.
BlockCells::Numbers symbols(const CellColumn& cells, std::size_t rows, std::size_t prefix) {
  std::unordered_map<std::string_view, std::int64_t> known;
  std::unordered_map<std::int64_t, std::int64_t> known_numbers;
  BlockCells::Numbers out;
  out.reserve(rows);
  CellView above;
  for (std::size_t row = 0; row < rows; ++row) {
    const CellView cell = cells.at(row);
    const auto next = static_cast<std::int64_t>(known.size() + known_numbers.size() + 1);
    if (row > 0 && cell == above) {
      out.push_back(out.back());
    } else if (cell.kind == CellView::Kind::kNull) {
      out.push_back(0);
    } else if (cell.kind == CellView::Kind::kInteger) {
      out.push_back(known_numbers.emplace(cell.integer, next).first->second);
    } else {
      out.push_back(known.emplace(bytes_of(cell, prefix), next).first->second);
    }
    above = cell;
  }
  return out;
}

// Values in the order in which they come, and how often each did. `Places` finds a value's place.
template <typename Value, typename Places>
class CountedValues {
 public:
  // Where it is, by when it first came.
  std::uint32_t count(const Value& value) {
    std::uint32_t& place = places_[value];
    if (place == 0) {
      values_.emplace_back(value, 0);
      place = static_cast<std::uint32_t>(values_.size());
    }
    ++values_[place - 1].second;
    return place - 1;
  }
  // Fills `values`, those first that came most; for each old place the new one.
  std::vector<std::uint32_t> by_count(std::vector<Value>& values) const {
    std::vector<std::uint32_t> sorted(values_.size()), order(values_.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [this](auto a, auto b) { return values_[a].second > values_[b].second; });
    for (std::uint32_t place = 0; place < sorted.size(); ++place) {
      values.push_back(values_[sorted[place]].first);
      order[sorted[place]] = place;
    }
    return order;
  }

 private:
  Places places_;  // from 1; 0: not seen
  std::vector<std::pair<Value, std::size_t>> values_;
};

using CountedTexts =
    CountedValues<std::string_view, std::unordered_map<std::string_view, std::uint32_t>>;

// Of characters, nearly all of which are in the first plane.
class CharacterPlaces {
 public:
  std::uint32_t& operator[](std::uint32_t character) {
    return character < first_.size() ? first_[character] : others_[character];
  }

 private:
  std::vector<std::uint32_t> first_ = std::vector<std::uint32_t>(0x10000);
  std::unordered_map<std::uint32_t, std::uint32_t> others_;
};

using CountedCharacters = CountedValues<std::uint32_t, CharacterPlaces>;

std::int64_t number_of(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? number_from_digits(cell.text) : cell.integer;
}

std::int64_t day_of(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? day_in(cell.text).value_or(0) : 0;
}

}  // namespace

void BlockCells::set(std::size_t column, const CellColumn& cells) {
  if (cells.size() != rows_) std::abort();  // a bug in the caller
  columns_[column] = &cells;
  std::erase_if(looks_, [&](const auto& look) { return std::get<0>(look.first) == column; });
}

void BlockCells::set_old(std::size_t column, const CellColumn& olds) {
  set(column, olds);
  olds_[column] = &olds;
}

const KnownTexts& BlockCells::known_texts() {
  const auto [place, is_new] = known_texts_.try_emplace(own_);
  KnownTexts& known = place->second;
  if (!is_new || !has_old(own_)) return known;
  CountedTexts places;
  for (std::size_t row = 0; row < rows_ && known.rows.size() < kKnownTexts; ++row) {
    const CellView cell = olds_[own_]->at(row);
    if (cell.kind != CellView::Kind::kText) continue;
    known.rows.push_back(static_cast<std::uint32_t>(row));
    known.which.push_back(places.count(cell.text));
  }
  const std::vector<std::uint32_t> order = places.by_count(known.values);
  for (std::int64_t& which : known.which) which = order[static_cast<std::size_t>(which)];
  return known;
}

const KnownCharacters& BlockCells::known_characters() {
  const auto [place, is_new] = known_characters_.try_emplace(own_);
  KnownCharacters& known = place->second;
  if (!is_new || !has_old(own_)) return known;
  CountedCharacters places;
  for (std::size_t row = 0; row < rows_; ++row) {
    const CellView cell = olds_[own_]->at(row);
    if (cell.kind != CellView::Kind::kText || !is_utf8(cell.text)) continue;
    if (cell.text.size() > kKnownCharacters - known.symbols.size()) break;
    const std::size_t begin = known.symbols.size();
    for (std::size_t at = 0; at < cell.text.size();) {
      known.symbols.push_back(places.count(next_character(cell.text, at)));
    }
    known.rows.push_back(static_cast<std::uint32_t>(row));
    known.lengths.push_back(known.symbols.size() - begin);
  }
  const std::vector<std::uint32_t> order = places.by_count(known.alphabet);
  for (std::uint32_t& symbol : known.symbols) symbol = order[symbol];
  return known;
}

BlockCells::Numbers BlockCells::make(std::size_t column, Look look, std::size_t prefix) const {
  const CellColumn& cells = *columns_[column];
  if (look == Look::kSymbol) return symbols(cells, rows_, prefix);
  Numbers out;
  out.reserve(rows_);
  CellView above;
  for (std::size_t row = 0; row < rows_; ++row) {
    const CellView cell = cells.at(row);
    if (look == Look::kAsAbove) out.push_back(row > 0 && cell == above ? 1 : 0);
    if (look == Look::kNumber) out.push_back(number_of(cell));
    if (look == Look::kDay) out.push_back(day_of(cell));
    if (look == Look::kAsOld) out.push_back(cell == olds_[column]->at(row) ? 1 : 0);
    above = cell;
  }
  return out;
}

const BlockCells::Numbers& BlockCells::look(std::size_t column, Look look, std::size_t prefix) {
  const Key key{column, look, prefix};
  if (const auto known = looks_.find(key); known != looks_.end()) return known->second;
  if ((looks_.size() + 1) * rows_ * sizeof(std::int64_t) > kLookBytes) looks_.clear();
  return looks_.emplace(key, make(column, look, prefix)).first->second;
}

}  // namespace rootlet
