// A column's cells: one small entry each, texts end to end in one arena.
#include "sync/pack/table/table.hpp"

namespace rootlet {

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

void CellColumn::assign_texts(std::string bytes, const std::vector<std::size_t>& ends) {
  arena_ = std::move(bytes);
  entries_.clear();
  entries_.reserve(ends.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    if (end < begin || end > arena_.size() || end - begin > INT32_MAX) std::abort();
    entries_.push_back({static_cast<std::int64_t>(begin), static_cast<std::int32_t>(end - begin)});
    begin = end;
  }
}

void CellColumn::clear() {
  entries_.clear();
  arena_.clear();
}

}  // namespace rootlet
