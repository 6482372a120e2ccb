// Decodes whole columns: nulls, then cells (docs/FORMATS.md, "Column codes"). The codes for numbers
// and texts are in column_decoder_numbers.cpp and column_decoder_texts.cpp.
#include "sync/pack/columns/column_decoder.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/text.hpp"

namespace rootlet {

void ColumnDecoder::open_branch() {
  if (tree_ != nullptr) tree_->push_back('(');
}

void ColumnDecoder::close_branch() {
  if (tree_ != nullptr) tree_->push_back(')');
}

Result<Code> ColumnDecoder::next_code(int depth) {
  if (depth > kCodeDepth) return error("codes are nested too deep");
  if (++codes_ > kCodesPerColumn) return error("a column has too many codes");
  ROOTLET_TRY(const std::uint8_t byte, in_.u8());
  const Code code = static_cast<Code>(byte);
  if (tree_ != nullptr) {
    if (!tree_->empty() && tree_->back() != '(') tree_->push_back(' ');
    tree_->append(name_of(code));
  }
  return code;
}

// A child's number of items, at least one and at most `count`.
Result<std::size_t> ColumnDecoder::child_count(std::size_t count) {
  ROOTLET_TRY(const std::uint64_t children, in_.varint_up_to(count));
  if (children == 0) return error("a list of values is empty");
  return static_cast<std::size_t>(children);
}

// A column whose cells may be used.
Result<std::size_t> ColumnDecoder::column_number() {
  ROOTLET_TRY(const std::uint64_t column, in_.varint_up_to(limits::kColumns));
  if (!only_shows() && (cells_ == nullptr || !cells_->has(static_cast<std::size_t>(column)))) {
    return error("refers to a column that is not there");
  }
  return static_cast<std::size_t>(column);
}

// A count, then one number for each item: 1 if it is marked. Each item keeps its row and position.
Status ColumnDecoder::marks(const Items& items, Marks& out) {
  ROOTLET_TRY(const std::uint64_t count, in_.varint_up_to(items.count));
  ROOTLET_TRY(const Numbers numbers, child_numbers(items));
  out.marked.resize(items.count);
  std::uint64_t marked = 0;
  for (std::size_t i = 0; i < items.count; ++i) {
    const bool mark = numbers[i] == 1;
    if (!mark && numbers[i] != 0) return error("a mark is neither 0 nor 1");
    out.marked[i] = mark;
    marked += mark ? 1 : 0;
    if (items.rows != nullptr) out.rows[mark ? 1 : 0].push_back((*items.rows)[i]);
    if (items.positions != nullptr) out.positions[mark ? 1 : 0].push_back((*items.positions)[i]);
  }
  if (!only_shows() && marked != count) return error("another number of marks than declared");
  for (int side = 0; side < 2; ++side) {
    out.items[side] = {.count = static_cast<std::size_t>(side == 1 ? count : items.count - count),
                       .depth = items.depth,
                       .rows = items.rows != nullptr ? &out.rows[side] : nullptr,
                       .positions = items.positions != nullptr ? &out.positions[side] : nullptr};
  }
  return ok();
}

Status ColumnDecoder::runs_of_nulls(std::size_t count, std::vector<bool>& present) {
  bool null_run = false;
  while (present.size() < count) {
    ROOTLET_TRY(const std::uint64_t length, in_.varint_up_to(count - present.size()));
    if (length == 0 && (null_run || !present.empty())) return error("a run of nulls is empty");
    present.insert(present.end(), static_cast<std::size_t>(length), !null_run);
    null_run = !null_run;
  }
  return ok();
}

Status ColumnDecoder::decode_numbers(const ColumnSpec& column, const Items& items,
                                     std::span<const CellView> old_cells,
                                     const std::vector<bool>& present, CellColumn& out) {
  Numbers old_values;
  for (std::size_t i = 0; i < old_cells.size(); ++i) {
    if (present.empty() || present[i]) old_values.push_back(old_cells[i].integer);
  }
  ROOTLET_TRY(const Numbers values, numbers(items, old_cells.empty() ? nullptr : &old_values));
  const bool only_bits = column.type == ColumnType::kBoolean && !only_shows();
  std::size_t next = 0;
  for (std::size_t i = 0; next < values.size() || i < present.size(); ++i) {
    if (!present.empty() && !present[i]) {
      out.push_null();
      continue;
    }
    const std::int64_t value = values[next++];
    if (only_bits && (value & ~1LL) != 0) return error("a boolean is neither 0 nor 1");
    out.push_integer(value);
  }
  return ok();
}

// Checks that each text is within the limit and, unless the column holds bytes, UTF-8: the
// concatenation is valid, and no text begins inside a character.
Status ColumnDecoder::check_texts(const ColumnSpec& column, const Texts& texts) const {
  const bool check_utf8 = column.type != ColumnType::kBytes && !only_shows();
  const auto is_continuation = [&](std::size_t at) {
    return at < texts.bytes.size() && (texts.bytes[at] & 0xC0) == 0x80;
  };
  if (check_utf8 && !is_utf8(texts.bytes)) return error("a text is not UTF-8");
  std::size_t begin = 0;
  for (const std::size_t end : texts.ends) {
    if (end - begin > limits::kCellBytes) return error("a text is longer than 65536 bytes");
    if (check_utf8 && is_continuation(end)) return error("a text is not UTF-8");
    begin = end;
  }
  return ok();
}

Status ColumnDecoder::decode_texts(const ColumnSpec& column, const Items& items,
                                   std::span<const CellView> old_cells,
                                   const std::vector<bool>& present, CellColumn& out) {
  std::vector<std::string_view> old_values;
  for (std::size_t i = 0; i < old_cells.size(); ++i) {
    if (present.empty() || present[i]) old_values.push_back(old_cells[i].text);
  }
  ROOTLET_TRY(Texts values, texts(items, old_cells.empty() ? nullptr : &old_values));
  ROOTLET_TRY(check_texts(column, values));
  if (present.empty() && out.size() == 0) {
    out.assign_texts(std::move(values.bytes), values.ends);
    return ok();
  }
  std::size_t next = 0;
  for (std::size_t i = 0; next < values.size() || i < present.size(); ++i) {
    if (!present.empty() && !present[i]) {
      out.push_null();
      continue;
    }
    out.push_text(values.at(next++));
  }
  return ok();
}

Result<std::vector<std::uint32_t>> ColumnDecoder::marked_rows(const CellSelection& selection) {
  cells_ = selection.cells;
  codes_ = 0;
  Marks marked;
  ROOTLET_TRY(marks({.count = selection.count, .depth = 0, .rows = selection.rows}, marked));
  // The real rows are unknown when only showing; any rows have the right count.
  if (only_shows()) marked.rows[1].assign(marked.items[1].count, 0);
  return std::move(marked.rows[1]);
}

Status ColumnDecoder::decode(const ColumnSpec& column, const CellSelection& selection,
                             CellColumn& out) {
  cells_ = selection.cells;
  codes_ = 0;
  ByteReader ahead = in_;
  ROOTLET_TRY(const std::uint8_t first, ahead.u8());
  Items items{.count = selection.count, .depth = 0, .rows = selection.rows};
  if (first == static_cast<std::uint8_t>(Code::kAllNull)) {
    ROOTLET_TRY(next_code(0));
    for (std::size_t i = 0; i < selection.count; ++i) out.push_null();
    return ok();
  }
  std::vector<bool> present;  // empty: all
  Marks marked;
  if (first == static_cast<std::uint8_t>(Code::kSomeNull)) {
    ROOTLET_TRY(next_code(0));
    ROOTLET_TRY(runs_of_nulls(selection.count, present));
    for (std::size_t i = 0; i < selection.count && selection.rows != nullptr; ++i) {
      if (present[i]) marked.rows[1].push_back((*selection.rows)[i]);
    }
    items.count = static_cast<std::size_t>(std::count(present.begin(), present.end(), true));
    if (selection.rows != nullptr) items.rows = &marked.rows[1];
  } else if (first == static_cast<std::uint8_t>(Code::kNullMarks)) {
    ROOTLET_TRY(next_code(0));
    open_branch();
    ROOTLET_TRY(marks(items, marked));
    close_branch();
    present = marked.marked;
    // The real rows are unknown when only showing; any cells have the right count.
    for (std::size_t i = 0; i < present.size() && only_shows(); ++i) {
      present[i] = i < marked.items[1].count;
    }
    items = marked.items[1];
  }
  if (items.count == 0) return error("a column has no cells");
  items.depth = 1;
  return holds_integers(column.type)
             ? decode_numbers(column, items, selection.old_cells, present, out)
             : decode_texts(column, items, selection.old_cells, present, out);
}

}  // namespace rootlet
