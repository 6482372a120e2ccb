// Cells of a column: one small entry each, texts end to end in one arena.
#include "sync/pack/table.hpp"

#include <cstdlib>

namespace rootlet {
namespace {
constexpr std::int32_t kNullMark = -1;
constexpr std::int32_t kIntegerMark = -2;
}  // namespace

void CellColumn::push_null() {
  entries_.push_back({0, kNullMark});
}

void CellColumn::push_integer(std::int64_t value) {
  entries_.push_back({value, kIntegerMark});
}

void CellColumn::push_text(std::string_view value) {
  if (value.size() > INT32_MAX) std::abort();  // limits::kCellBytes is far below
  entries_.push_back(
      {static_cast<std::int64_t>(arena_.size()), static_cast<std::int32_t>(value.size())});
  arena_.append(value);
}

void CellColumn::push(const CellView& cell) {
  switch (cell.kind) {
    case CellView::Kind::kNull:
      return push_null();
    case CellView::Kind::kInteger:
      return push_integer(cell.integer);
    case CellView::Kind::kText:
      return push_text(cell.text);
  }
}

CellView CellColumn::at(std::size_t row) const {
  if (row >= entries_.size()) std::abort();  // a bug in the caller
  const Entry& entry = entries_[row];
  if (entry.length == kNullMark) return {};
  if (entry.length == kIntegerMark) return {CellView::Kind::kInteger, entry.number, {}};
  return {CellView::Kind::kText, 0,
          std::string_view(arena_).substr(static_cast<std::size_t>(entry.number),
                                          static_cast<std::size_t>(entry.length))};
}

void CellColumn::clear() {
  entries_.clear();
  arena_.clear();
}

}  // namespace rootlet
