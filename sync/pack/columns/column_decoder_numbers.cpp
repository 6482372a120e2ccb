// Decodes the codes that produce numbers (docs/FORMATS.md, "Column codes").
#include <algorithm>
#include <utility>

#include "core/limits.hpp"
#include "sync/pack/coding/text_forms.hpp"
#include "sync/pack/columns/column_decoder.hpp"

namespace rootlet {
namespace {

// A small pack is nearly all varints, so this avoids a Result for each.
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

// A child without items has no node.
Result<Numbers> ColumnDecoder::child_numbers(const Items& items) {
  if (items.count == 0) return Numbers{};
  return numbers(items.for_child(), nullptr);
}

Result<Numbers> ColumnDecoder::varints(std::size_t count, bool is_signed) {
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

// Adds a base to each number: the one in `bases`, or the previous number.
Result<Numbers> ColumnDecoder::differences(const Items& items, OldNumbers bases) {
  ROOTLET_TRY(Numbers out, child_numbers(items));
  std::int64_t before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = sum(out[i], bases != nullptr ? (*bases)[i] : before);
    before = out[i];
  }
  return out;
}

Result<Numbers> ColumnDecoder::runs(const Items& items) {
  ROOTLET_TRY(const std::size_t count, child_count(items.count));
  ROOTLET_TRY(const Numbers run_lengths, child_numbers(items.without_rows(count)));
  ROOTLET_TRY(const Numbers values, child_numbers(items.without_rows(count)));
  if (only_shows()) return Numbers(items.count, 0);
  Numbers out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::uint64_t>(run_lengths[i]);
    if (length == 0 || length > items.count - out.size()) return error("a run has a wrong length");
    out.insert(out.end(), static_cast<std::size_t>(length), values[i]);
  }
  if (out.size() != items.count) return error("runs end too early");
  return out;
}

Result<Numbers> ColumnDecoder::choice(const Items& items) {
  ROOTLET_TRY(const std::size_t count, child_count(items.count));
  ROOTLET_TRY(const Numbers values, child_numbers(items.without_rows(count)));
  ROOTLET_TRY(Numbers out, child_numbers(items));
  for (std::int64_t& which : out) {
    if (static_cast<std::uint64_t>(which) >= count)
      return error("a choice is not among the values");
    which = values[static_cast<std::size_t>(which)];
  }
  return out;
}

Result<Numbers> ColumnDecoder::split(const Items& items) {
  ROOTLET_TRY(const std::uint64_t divisor, in_.varint());
  if (divisor < 2) return error("a number is split by less than 2");
  ROOTLET_TRY(Numbers out, child_numbers(items));
  ROOTLET_TRY(const Numbers remainders, child_numbers(items));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t product = static_cast<std::uint64_t>(out[i]) * divisor;
    out[i] = sum(static_cast<std::int64_t>(product), remainders[i]);
  }
  return out;
}

Result<Numbers> ColumnDecoder::common(const Items& items) {
  ROOTLET_TRY(const std::size_t count, child_count(items.count));
  ROOTLET_TRY(const std::size_t others, child_count(items.count));
  ROOTLET_TRY(const Numbers values, child_numbers(items.without_rows(count)));
  ROOTLET_TRY(Numbers out, child_numbers(items));
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < out.size() && items.rows != nullptr; ++i) {
    if (static_cast<std::uint64_t>(out[i]) == count) rows.push_back((*items.rows)[i]);
  }
  Items rest = items.without_rows(others);
  if (rows.size() == others) rest.rows = &rows;
  ROOTLET_TRY(const Numbers other_values, child_numbers(rest));
  std::size_t next = 0;
  for (std::int64_t& which : out) {
    const auto index = static_cast<std::uint64_t>(which);
    if (index < count) {
      which = values[static_cast<std::size_t>(which)];
      continue;
    }
    if (index > count || next == others) return error("a choice is not among the values");
    which = other_values[next++];
  }
  if (next != others && !only_shows()) return error("another number of others than declared");
  return out;
}

Result<Numbers> ColumnDecoder::repeated(const Items& items) {
  Marks same;
  ROOTLET_TRY(marks(items, same));
  const Items others = same.items[0];
  ROOTLET_TRY(const Numbers values, child_numbers(others));
  if (only_shows()) return Numbers(items.count, 0);
  Numbers out;
  out.reserve(items.count);
  std::size_t next = 0;
  for (std::size_t i = 0; i < items.count; ++i) {
    if (same.marked[i] && i == 0) return error("nothing comes before the first number");
    out.push_back(same.marked[i] ? out.back() : values[next++]);
  }
  return out;
}

Result<Numbers> ColumnDecoder::from_cell(const Items& items) {
  ROOTLET_TRY(const std::size_t column, column_number());
  ROOTLET_TRY(const std::uint8_t byte, in_.u8());
  const auto feature = static_cast<CellFeature>(byte);
  if (feature != CellFeature::kNumber && feature != CellFeature::kDay)
    return error("an unknown feature of a cell");
  if (items.rows == nullptr && !only_shows()) return error("refers to a cell without a row");
  ROOTLET_TRY(Numbers out, child_numbers(items));
  if (only_shows()) return out;
  const BlockCells::Numbers& seen = cells_->feature(column, feature);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = sum(out[i], seen[(*items.rows)[i]]);
  return out;
}

Result<Numbers> ColumnDecoder::plain_numbers(Code code, const Items& items,
                                             const ValueDictionary* priming) {
  if (code == Code::kModelled) {
    return rootlet::decode_numbers(in_, items, cells_, only_shows(), priming);
  }
  if (code != Code::kSame) return varints(items.count, code == Code::kSigned);
  ROOTLET_TRY(const std::int64_t value, in_.zigzag());
  return Numbers(items.count, value);
}

Result<Numbers> ColumnDecoder::numbers(const Items& items, OldNumbers old_values) {
  const ValueDictionary* priming = std::exchange(priming_, nullptr);
  ROOTLET_TRY(const Code code, next_code(items.depth));
  if (code == Code::kSigned || code == Code::kUnsigned || code == Code::kSame ||
      code == Code::kModelled) {
    return plain_numbers(code, items, priming);
  }
  open_branch();
  Result<Numbers> out = error("an unknown code for numbers");
  if (code == Code::kFromPrevious) out = differences(items, nullptr);
  if (code == Code::kRuns) out = runs(items);
  if (code == Code::kChoice) out = choice(items);
  if (code == Code::kSplit) out = split(items);
  if (code == Code::kCommon) out = common(items);
  if (code == Code::kRepeated) out = repeated(items);
  if (code == Code::kFromCell) out = from_cell(items);
  if (code == Code::kFromOld) {
    const Numbers none(only_shows() ? items.count : 0, 0);
    if (old_values == nullptr && !only_shows())
      return error("an old value is used, but there is none");
    out = differences(items, old_values != nullptr ? old_values : &none);
  }
  close_branch();
  return out;
}

Result<std::vector<std::size_t>> ColumnDecoder::lengths(const Items& items) {
  ROOTLET_TRY(const Numbers values, child_numbers(items));
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

Result<Numbers> ColumnDecoder::days(const Items& items) {
  ROOTLET_TRY(Numbers out, child_numbers(items));
  const auto wrong = [](std::int64_t day) { return day < kFirstDay || day > kLastDay; };
  if (!only_shows() && std::any_of(out.begin(), out.end(), wrong)) {
    return error("a day is not of the years 0 to 9999");
  }
  return out;
}

Result<Numbers> ColumnDecoder::numbers_below(const Items& items, std::int64_t bound) {
  ROOTLET_TRY(Numbers out, child_numbers(items));
  const auto wrong = [&](std::int64_t number) { return number < 0 || number >= bound; };
  if (!only_shows() && std::any_of(out.begin(), out.end(), wrong)) {
    return error("a number has more digits than its place");
  }
  return out;
}

}  // namespace rootlet
