// Numbers and whole columns; the texts are in column_decoder_texts.cpp.
#include "sync/pack/column_decoder.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet {
namespace {

// Varints are nearly all that a large pack holds: read without a Result for each.
bool fast_varint(const std::uint8_t*& at, const std::uint8_t* end, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70 && at != end; shift += 7) {
    const std::uint64_t byte = *at++;
    if (shift == 63 && byte > 1) return false;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return byte != 0 || shift == 0;
  }
  return false;
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t from_zigzag(std::uint64_t coded) {
  return static_cast<std::int64_t>((coded >> 1) ^ (~(coded & 1) + 1));
}

}  // namespace

void ColumnDecoder::open_branch() {
  if (tree_ != nullptr) tree_->push_back('(');
}

void ColumnDecoder::close_branch() {
  if (tree_ != nullptr) tree_->push_back(')');
}

Result<Code> ColumnDecoder::next_code(int depth) {
  if (depth > kCodeDepth) return error("codes are nested too deep");
  ROOTLET_TRY(const std::uint8_t byte, in_.u8());
  const Code code = static_cast<Code>(byte);
  if (tree_ != nullptr) {
    if (!tree_->empty() && tree_->back() != '(') tree_->push_back(' ');
    tree_->append(name_of(code));
  }
  return code;
}

Result<std::size_t> ColumnDecoder::child_count(std::size_t count) {
  ROOTLET_TRY(const std::uint64_t children, in_.varint_up_to(count));
  if (children == 0) return error("a list of values is empty");
  return static_cast<std::size_t>(children);
}

Result<ColumnDecoder::Numbers> ColumnDecoder::varints(std::size_t count, bool is_signed) {
  if (count > in_.left()) return error("ends before its last number");
  ByteReader ahead = in_;
  ROOTLET_TRY(const ByteView rest, ahead.take(ahead.left()));
  const std::uint8_t* at = rest.data();
  const std::uint8_t* const end = at + rest.size();
  Numbers out;
  out.reserve(count);
  while (out.size() < count) {
    std::uint64_t value = 0;
    if (!fast_varint(at, end, value)) return error("a number is cut short, too long or padded");
    out.push_back(is_signed ? from_zigzag(value) : static_cast<std::int64_t>(value));
  }
  ROOTLET_TRY(in_.take(static_cast<std::size_t>(at - rest.data())));
  return out;
}

// Each number is a difference to its base: the one of `bases`, or the number before.
Result<ColumnDecoder::Numbers> ColumnDecoder::differences(Node node, const Numbers* bases) {
  ROOTLET_TRY(Numbers out, numbers({node.count, node.depth + 1}, nullptr));
  std::int64_t before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = sum(out[i], bases != nullptr ? (*bases)[i] : before);
    before = out[i];
  }
  return out;
}

Result<ColumnDecoder::Numbers> ColumnDecoder::runs(Node node) {
  ROOTLET_TRY(const std::size_t count, child_count(node.count));
  ROOTLET_TRY(const Numbers run_lengths, numbers({count, node.depth + 1}, nullptr));
  ROOTLET_TRY(const Numbers values, numbers({count, node.depth + 1}, nullptr));
  Numbers out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::uint64_t>(run_lengths[i]);
    if (length == 0 || length > node.count - out.size()) return error("a run has a wrong length");
    out.insert(out.end(), static_cast<std::size_t>(length), values[i]);
  }
  if (out.size() != node.count) return error("runs end too early");
  return out;
}

Result<ColumnDecoder::Numbers> ColumnDecoder::choice(Node node) {
  ROOTLET_TRY(const std::size_t count, child_count(node.count));
  ROOTLET_TRY(const Numbers values, numbers({count, node.depth + 1}, nullptr));
  ROOTLET_TRY(Numbers out, numbers({node.count, node.depth + 1}, nullptr));
  for (std::int64_t& which : out) {
    if (static_cast<std::uint64_t>(which) >= count)
      return error("a choice is not among the values");
    which = values[static_cast<std::size_t>(which)];
  }
  return out;
}

Result<ColumnDecoder::Numbers> ColumnDecoder::numbers(Node node, const Numbers* olds) {
  ROOTLET_TRY(const Code code, next_code(node.depth));
  switch (code) {
    case Code::kSigned:
    case Code::kUnsigned:
      return varints(node.count, code == Code::kSigned);
    case Code::kSame: {
      ROOTLET_TRY(const std::int64_t value, in_.zigzag());
      return Numbers(node.count, value);
    }
    default:
      break;
  }
  open_branch();
  Result<Numbers> out = error("an unknown code for numbers");
  if (code == Code::kFromPrevious) out = differences(node, nullptr);
  if (code == Code::kRuns) out = runs(node);
  if (code == Code::kChoice) out = choice(node);
  if (code == Code::kFromOld) {
    const Numbers none(tree_ != nullptr ? node.count : 0, 0);
    if (olds == nullptr && tree_ == nullptr) return error("an old value is used where none is");
    out = differences(node, olds != nullptr ? olds : &none);
  }
  close_branch();
  return out;
}

Result<std::vector<std::size_t>> ColumnDecoder::lengths(Node node) {
  ROOTLET_TRY(const Numbers values, numbers(node, nullptr));
  std::vector<std::size_t> out;
  out.reserve(values.size());
  for (const std::int64_t value : values) {
    if (value < 0 || static_cast<std::uint64_t>(value) > limits::kCellBytes) {
      return error("a text is longer than 65536 bytes");
    }
    out.push_back(static_cast<std::size_t>(value));
  }
  return out;
}

// Which cells are present.
Result<std::vector<bool>> ColumnDecoder::nulls(std::size_t count) {
  std::vector<bool> present;
  bool null_run = false;
  while (present.size() < count) {
    ROOTLET_TRY(const std::uint64_t length, in_.varint_up_to(count - present.size()));
    if (length == 0 && !present.empty()) return error("a run of nulls is empty");
    if (length == 0 && null_run) return error("a run of nulls is empty");
    present.insert(present.end(), static_cast<std::size_t>(length), !null_run);
    null_run = !null_run;
  }
  return present;
}

Status ColumnDecoder::decode_numbers(const ColumnSpec& column, Node node,
                                     std::span<const CellView> olds,
                                     const std::vector<bool>& present, CellColumn& out) {
  Numbers old_values;
  for (std::size_t i = 0; i < olds.size(); ++i) {
    if (present[i]) old_values.push_back(olds[i].integer);
  }
  ROOTLET_TRY(const Numbers values, numbers(node, olds.empty() ? nullptr : &old_values));
  std::size_t next = 0;
  for (const bool is_present : present) {
    if (!is_present) {
      out.push_null();
      continue;
    }
    const std::int64_t value = values[next++];
    if (column.type == ColumnType::kBoolean && tree_ == nullptr && (value & ~1LL) != 0) {
      return error("a boolean is neither 0 nor 1");
    }
    out.push_integer(value);
  }
  return ok();
}

Status ColumnDecoder::decode_texts(const ColumnSpec& column, Node node,
                                   std::span<const CellView> olds, const std::vector<bool>& present,
                                   CellColumn& out) {
  std::vector<std::string_view> old_values;
  for (std::size_t i = 0; i < olds.size(); ++i) {
    if (present[i]) old_values.push_back(olds[i].text);
  }
  ROOTLET_TRY(const Texts values, texts(node, olds.empty() ? nullptr : &old_values));
  std::size_t next = 0;
  for (const bool is_present : present) {
    if (!is_present) {
      out.push_null();
      continue;
    }
    const std::string_view value = values.at(next++);
    if (value.size() > limits::kCellBytes) return error("a text is longer than 65536 bytes");
    if (column.type != ColumnType::kBytes && tree_ == nullptr && !is_utf8(value)) {
      return error("a text is not UTF-8");
    }
    out.push_text(value);
  }
  return ok();
}

Status ColumnDecoder::decode(const ColumnSpec& column, std::size_t count,
                             std::span<const CellView> olds, CellColumn& out) {
  ByteReader ahead = in_;
  ROOTLET_TRY(const std::uint8_t first, ahead.u8());
  std::vector<bool> present(count, true);
  if (first == static_cast<std::uint8_t>(Code::kAllNull)) {
    ROOTLET_TRY(next_code(0));
    for (std::size_t i = 0; i < count; ++i) out.push_null();
    return ok();
  }
  if (first == static_cast<std::uint8_t>(Code::kSomeNull)) {
    ROOTLET_TRY(next_code(0));
    ROOTLET_TRY(present, nulls(count));
  }
  const auto cells = static_cast<std::size_t>(std::count(present.begin(), present.end(), true));
  if (cells == 0) return error("a column has no cells");
  const Node node{cells, 1};
  return holds_integers(column.type) ? decode_numbers(column, node, olds, present, out)
                                     : decode_texts(column, node, olds, present, out);
}

}  // namespace rootlet
