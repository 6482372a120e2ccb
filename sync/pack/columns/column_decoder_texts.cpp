// Decodes the codes that produce texts (docs/FORMATS.md, "Column codes"). The output of each is at
// most kDecodedBlockBytes.
#include <algorithm>

#include "core/limits.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/coding/text_forms.hpp"
#include "sync/pack/coding/text_gaps.hpp"
#include "sync/pack/columns/column_decoder.hpp"

namespace rootlet {
namespace {

std::string utf8_of(std::uint32_t character) {
  std::string out;
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | (character >> shift & 0x3F)));
  };
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    out.push_back(static_cast<char>(0xC0 | character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | character >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return out;
}

}  // namespace

std::string_view ColumnDecoder::Texts::at(std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : ends[i - 1];
  return std::string_view(bytes).substr(begin, ends[i] - begin);
}

ColumnDecoder::Texts ColumnDecoder::blank(std::size_t count) {
  Texts out;
  out.ends.resize(count, 0);
  return out;
}

Status ColumnDecoder::append(Texts& out, std::string_view a, std::string_view b,
                             std::string_view c) {
  if (a.size() + b.size() + c.size() > kDecodedBlockBytes - out.bytes.size()) {
    return error("a column makes more text than a block may hold");
  }
  out.bytes.append(a).append(b).append(c);
  out.ends.push_back(out.bytes.size());
  return ok();
}

// One check for texts of a few bytes each, which were appended without checks.
Status ColumnDecoder::fits(const Texts& texts) const {
  if (texts.bytes.size() > kDecodedBlockBytes) {
    return error("a column makes more text than a block may hold");
  }
  return ok();
}

Result<ColumnDecoder::Texts> ColumnDecoder::child_texts(const Items& items) {
  if (items.count == 0) return Texts{};
  return texts(items.for_child(), nullptr);
}

Result<ColumnDecoder::Texts> ColumnDecoder::plain_text(const Items& items) {
  ROOTLET_TRY(const std::uint64_t total, in_.varint_up_to(in_.left()));
  ROOTLET_TRY(const std::vector<std::size_t> sizes, lengths(items));
  ROOTLET_TRY(const ByteView bytes, in_.take(static_cast<std::size_t>(total)));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(sizes.size());
  std::size_t end = 0;
  for (const std::size_t size : sizes) out.ends.push_back(end += size);
  if (end != bytes.size()) return error("texts have another length than their bytes");
  out.bytes = as_text(bytes);
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::same_text(const Items& items) {
  ROOTLET_TRY(const ByteView bytes, in_.sized(limits::kCellBytes));
  Texts out;
  for (std::size_t i = 0; i < items.count; ++i) {
    ROOTLET_TRY(append(out, as_text(bytes)));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::after_prefix(const Items& items) {
  ROOTLET_TRY(const std::vector<std::size_t> kept, lengths(items));
  // The kept text is unknown until the rest is decoded, so its length in characters is estimated
  // from its bytes.
  std::vector<std::uint32_t> positions;
  positions.reserve(kept.size());
  for (const std::size_t size : kept) positions.push_back(static_cast<std::uint32_t>(size + 2) / 3);
  Items rest_items = items;
  rest_items.positions = &positions;
  ROOTLET_TRY(const Texts rest, child_texts(rest_items));
  if (only_shows()) return blank(items.count);
  Texts out;
  std::string before;
  for (std::size_t i = 0; i < items.count; ++i) {
    if (kept[i] > before.size()) return error("a prefix is longer than the text before");
    before.resize(kept[i]);
    before.append(rest.at(i));
    if (before.size() > limits::kCellBytes) return error("a text is longer than 65536 bytes");
    ROOTLET_TRY(append(out, before));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::text_choice(const Items& items) {
  ROOTLET_TRY(const std::size_t count, child_count(items.count));
  ROOTLET_TRY(const Texts values, child_texts(items.without_rows(count)));
  ROOTLET_TRY(const Numbers indexes, child_numbers(items));
  Texts out;
  out.ends.reserve(items.count);
  for (const std::int64_t index : indexes) {
    if (static_cast<std::uint64_t>(index) >= count)
      return error("a choice is not among the values");
    ROOTLET_TRY(append(out, values.at(static_cast<std::size_t>(index))));
  }
  return out;
}

// Width 0: no padding.
Status ColumnDecoder::append_digits(std::string& out, std::int64_t number,
                                    std::size_t width) const {
  char text[kMaxDigits];
  std::size_t begin = kMaxDigits;
  auto left = static_cast<std::uint64_t>(number);
  do {
    text[--begin] = static_cast<char>('0' + left % 10);
    left /= 10;
  } while (left > 0 && begin > 0);
  while (kMaxDigits - begin < width) text[--begin] = '0';
  const std::size_t made = kMaxDigits - begin;
  // Without old values, decoded numbers are arbitrary.
  if (!only_shows() && (left > 0 || (width > 0 && made > width))) {
    return error("a number has more digits than its width");
  }
  out.append(text + begin, made);
  return ok();
}

Result<ColumnDecoder::Texts> ColumnDecoder::digits(const Items& items, OldTexts old_values) {
  ROOTLET_TRY(const std::uint64_t width, in_.varint_up_to(kMaxDigits));
  Numbers old_numbers;
  if (old_values != nullptr) {
    for (const std::string_view old : *old_values) old_numbers.push_back(number_from_digits(old));
  }
  ROOTLET_TRY(const Numbers values,
              numbers(items.for_child(), old_values != nullptr ? &old_numbers : nullptr));
  Texts out;
  out.ends.reserve(items.count);
  for (const std::int64_t value : values) {
    ROOTLET_TRY(append_digits(out.bytes, value, static_cast<std::size_t>(width)));
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::inside_old(const Items& items, OldTexts old_values) {
  ROOTLET_TRY(const std::vector<std::size_t> heads, lengths(items));
  ROOTLET_TRY(const std::vector<std::size_t> tails, lengths(items));
  ROOTLET_TRY(const Texts middles, child_texts(items));
  if (only_shows()) return blank(items.count);
  if (old_values == nullptr) return error("an old value is used, but there is none");
  Texts out;
  for (std::size_t i = 0; i < items.count; ++i) {
    const std::string_view old = (*old_values)[i];
    if (heads[i] + tails[i] > old.size()) return error("keeps more of an old text than it has");
    ROOTLET_TRY(
        append(out, old.substr(0, heads[i]), middles.at(i), old.substr(old.size() - tails[i])));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::characters(const Items& items) {
  ROOTLET_TRY(const std::uint64_t count, in_.varint_up_to(std::size_t{1} << kSymbolBits));
  if (count == 0) return error("an alphabet is empty");
  ROOTLET_TRY(const Numbers alphabet,
              child_numbers(items.without_rows(static_cast<std::size_t>(count))));
  return characters_of(items, alphabet, nullptr);
}

Result<ColumnDecoder::Texts> ColumnDecoder::known_characters(const Items& items) {
  ROOTLET_TRY(const std::uint64_t count, in_.varint_up_to(std::size_t{1} << kSymbolBits));
  ROOTLET_TRY(const Numbers others,
              child_numbers(items.without_rows(static_cast<std::size_t>(count))));
  Numbers alphabet;
  const CharacterDictionary* dictionary =
      cells_ != nullptr ? &cells_->character_dictionary() : nullptr;
  if (dictionary != nullptr)
    alphabet.assign(dictionary->alphabet.begin(), dictionary->alphabet.end());
  alphabet.insert(alphabet.end(), others.begin(), others.end());
  if (only_shows()) alphabet.push_back(0);
  if (alphabet.empty() || alphabet.size() > std::size_t{1} << kSymbolBits) {
    return error("an alphabet is empty or too large");
  }
  return characters_of(items, alphabet, dictionary);
}

Result<ColumnDecoder::Texts> ColumnDecoder::characters_of(const Items& items,
                                                          const Numbers& alphabet,
                                                          const CharacterDictionary* priming) {
  CharacterSource source{.alphabet = {}, .lengths = {}, .priming = priming};
  for (const std::int64_t character : alphabet) {
    if (character < 0 || character > 0x10FFFF) return error("a character is beyond Unicode");
    source.alphabet.push_back(utf8_of(static_cast<std::uint32_t>(character)));
  }
  ROOTLET_TRY(source.lengths, lengths(items));
  Texts out;
  ROOTLET_TRY(decode_characters(in_, source, items, cells_, kDecodedBlockBytes, out.bytes, out.ends,
                                only_shows()));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::date(const Items& items) {
  ROOTLET_TRY(const std::uint8_t form, in_.u8());
  if (form > static_cast<std::uint8_t>(DateForm::kPlain)) return error("an unknown form of dates");
  ROOTLET_TRY(const Numbers values, days(items));
  Texts out;
  out.ends.reserve(items.count);
  for (const std::int64_t day : values) {
    write_date(day, static_cast<DateForm>(form), out.bytes);
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::moment(const Items& items) {
  ROOTLET_TRY(const std::uint8_t form, in_.u8());
  if (form > 3) return error("an unknown form of times");
  ROOTLET_TRY(const Numbers dates, days(items));
  ROOTLET_TRY(const Numbers seconds, numbers_below(items, kDaySeconds));
  Texts out;
  out.ends.reserve(items.count);
  for (std::size_t i = 0; i < items.count; ++i) {
    write_moment({.day = dates[i], .second = seconds[i]},
                 {.with_t = (form & 1) != 0, .with_z = (form & 2) != 0}, out.bytes);
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::identity(const Items& items) {
  ROOTLET_TRY(const Numbers areas, numbers_below(items, 1'000'000));
  ROOTLET_TRY(const Numbers dates, days(items));
  ROOTLET_TRY(const Numbers orders, numbers_below(items, 1'000));
  Texts out;
  out.ends.reserve(items.count);
  for (std::size_t i = 0; i < items.count; ++i) {
    write_identity({.area = areas[i], .day = dates[i], .order = orders[i]}, out.bytes);
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::credit_code(const Items& items) {
  ROOTLET_TRY(const Numbers kinds, numbers_below(items, kCreditKinds));
  ROOTLET_TRY(const Numbers areas, numbers_below(items, 1'000'000));
  ROOTLET_TRY(const Numbers numbers, numbers_below(items, kCreditNumbers));
  Texts out;
  out.ends.reserve(items.count);
  for (std::size_t i = 0; i < items.count; ++i) {
    if (only_shows()) {
      out.ends.push_back(0);
      continue;
    }
    write_credit_code({.kind = kinds[i], .area = areas[i], .number = numbers[i]}, out.bytes);
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::part_of_cell(const Items& items) {
  ROOTLET_TRY(const std::size_t column, column_number());
  ROOTLET_TRY(const std::uint64_t begin, in_.varint_up_to(limits::kCellBytes));
  ROOTLET_TRY(const std::uint64_t length, in_.varint_up_to(limits::kCellBytes));
  if (only_shows()) return blank(items.count);
  if (items.rows == nullptr) return error("refers to a cell without a row");
  Texts out;
  out.ends.reserve(items.count);
  for (const std::uint32_t row : *items.rows) {
    const std::string_view text = cells_->at(column, row).text;
    if (begin + length > text.size()) return error("a part is longer than its cell");
    ROOTLET_TRY(append(
        out, text.substr(static_cast<std::size_t>(begin),
                         length == 0 ? std::string_view::npos : static_cast<std::size_t>(length))));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::repeated_text(const Items& items) {
  Marks same;
  ROOTLET_TRY(marks(items, same));
  ROOTLET_TRY(const Texts values, child_texts(same.items[0]));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(items.count);
  std::size_t next = 0;
  std::string_view before;
  for (std::size_t i = 0; i < items.count; ++i) {
    if (same.marked[i] && i == 0) return error("nothing comes before the first text");
    if (!same.marked[i]) before = values.at(next++);
    ROOTLET_TRY(append(out, before));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::counted(const Items& items) {
  ROOTLET_TRY(const Texts frames, child_texts(items));
  const std::size_t gaps = gaps_in(frames.bytes);
  ROOTLET_TRY(const std::uint64_t total, in_.varint_up_to(limits::kBlockRows * 4));
  if (total != gaps && !only_shows()) return error("another number of gaps than declared");
  // A number belongs to the row of its text; its position is its gap.
  Rows rows, positions;
  for (std::size_t i = 0; i < items.count && !only_shows(); ++i) {
    const std::size_t own = gaps_in(frames.at(i));
    for (std::size_t gap = 0; gap < own; ++gap) {
      if (items.rows != nullptr) rows.push_back((*items.rows)[i]);
      positions.push_back(static_cast<std::uint32_t>(gap));
    }
  }
  Items number_items = items.without_rows(static_cast<std::size_t>(total));
  if (items.rows != nullptr) number_items.rows = &rows;
  number_items.positions = &positions;
  ROOTLET_TRY(const Numbers deltas, child_numbers(number_items));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(items.count);
  Numbers before, now;
  std::size_t next = 0;
  for (std::size_t i = 0; i < items.count; ++i) {
    now.clear();
    for (const char c : frames.at(i)) {
      if (c != kGap) {
        out.bytes.push_back(c);
        continue;
      }
      const std::uint64_t base =
          now.size() < before.size() ? static_cast<std::uint64_t>(before[now.size()]) : 0;
      now.push_back(static_cast<std::int64_t>(base + static_cast<std::uint64_t>(deltas[next++])));
      ROOTLET_TRY(append_digits(out.bytes, now.back(), 0));
    }
    std::swap(before, now);
    out.ends.push_back(out.bytes.size());
    ROOTLET_TRY(fits(out));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::either(const Items& items) {
  Marks exceptions;
  ROOTLET_TRY(marks(items, exceptions));
  ROOTLET_TRY(const Texts rule, child_texts(exceptions.items[0]));
  ROOTLET_TRY(const Texts others, child_texts(exceptions.items[1]));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(items.count);
  std::size_t next[2] = {0, 0};
  for (std::size_t i = 0; i < items.count; ++i) {
    const bool exception = exceptions.marked[i];
    ROOTLET_TRY(append(out, (exception ? others : rule).at(next[exception ? 1 : 0]++)));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::known_choice(const Items& items) {
  ROOTLET_TRY(const std::uint64_t count_and_priming, in_.varint_up_to(2 * items.count + 1));
  const std::uint64_t count = count_and_priming >> 1;
  ROOTLET_TRY(const Texts others, child_texts(items.without_rows(static_cast<std::size_t>(count))));
  static const ValueDictionary kNone;
  const ValueDictionary& dictionary = cells_ != nullptr ? cells_->value_dictionary() : kNone;
  const std::vector<std::string_view>& entries = dictionary.values;
  if ((count_and_priming & 1) == kPrimed) priming_ = &dictionary;
  ROOTLET_TRY(const Numbers indexes, child_numbers(items));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(items.count);
  for (const std::int64_t index : indexes) {
    const auto number = static_cast<std::uint64_t>(index);
    if (number >= entries.size() + count) return error("a choice is not among the values");
    const auto at = static_cast<std::size_t>(number);
    ROOTLET_TRY(append(out, at < entries.size() ? entries[at] : others.at(at - entries.size())));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::pieces(const Items& items) {
  ROOTLET_TRY(const ByteView start, in_.sized(limits::kCellBytes));
  ROOTLET_TRY(const ByteView end, in_.sized(limits::kCellBytes));
  ROOTLET_TRY(const ByteView separator, in_.sized(limits::kCellBytes));
  ROOTLET_TRY(const Numbers separators, child_numbers(items));
  ROOTLET_TRY(const std::uint64_t total, in_.varint_up_to(kMaxPieces));
  Rows rows, positions;
  for (std::size_t i = 0; i < items.count && !only_shows(); ++i) {
    const auto count = static_cast<std::uint64_t>(separators[i]);
    if (count >= total - std::min<std::uint64_t>(total, positions.size())) {
      return error("more pieces than declared");
    }
    for (std::uint32_t piece = 0; piece <= count; ++piece) positions.push_back(piece);
    if (items.rows != nullptr) rows.insert(rows.end(), count + 1, (*items.rows)[i]);
  }
  if (!only_shows() && positions.size() != total) return error("fewer pieces than declared");
  Items piece_items = items.without_rows(static_cast<std::size_t>(total));
  if (items.rows != nullptr) piece_items.rows = &rows;
  piece_items.positions = &positions;
  ROOTLET_TRY(const Texts parts, child_texts(piece_items));
  if (only_shows()) return blank(items.count);
  Texts out;
  out.ends.reserve(items.count);
  std::size_t next = 0;
  for (std::size_t i = 0; i < items.count; ++i) {
    out.bytes.append(as_text(start));
    for (std::int64_t piece = 0; piece <= separators[i]; ++piece) {
      if (piece > 0) out.bytes.append(as_text(separator));
      out.bytes.append(parts.at(next++));
      ROOTLET_TRY(fits(out));
    }
    out.bytes.append(as_text(end));
    out.ends.push_back(out.bytes.size());
    ROOTLET_TRY(fits(out));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::around_cell(const Items& items) {
  ROOTLET_TRY(const std::size_t column, column_number());
  ROOTLET_TRY(const Texts frames, child_texts(items));
  if (only_shows()) return blank(items.count);
  if (items.rows == nullptr) return error("refers to a cell without a row");
  Texts out;
  out.ends.reserve(items.count);
  for (std::size_t i = 0; i < items.count; ++i) {
    const std::string_view cell = cells_->at(column, (*items.rows)[i]).text;
    for (const char c : frames.at(i)) {
      if (c != kCellPlaceholder) {
        out.bytes.push_back(c);
        continue;
      }
      out.bytes.append(cell);
      ROOTLET_TRY(fits(out));
    }
    out.ends.push_back(out.bytes.size());
  }
  ROOTLET_TRY(fits(out));
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::texts(const Items& items, OldTexts old_values) {
  ROOTLET_TRY(const Code code, next_code(items.depth));
  if (code == Code::kSameText) return same_text(items);
  open_branch();
  Result<Texts> out = error("an unknown code for texts");
  if (code == Code::kPlainText) out = plain_text(items);
  if (code == Code::kAfterPrefix) out = after_prefix(items);
  if (code == Code::kTextChoice) out = text_choice(items);
  if (code == Code::kDigits) out = digits(items, old_values);
  if (code == Code::kInsideOld) out = inside_old(items, old_values);
  if (code == Code::kCharacters) out = characters(items);
  if (code == Code::kKnownCharacters) out = known_characters(items);
  if (code == Code::kDate) out = date(items);
  if (code == Code::kMoment) out = moment(items);
  if (code == Code::kIdentity) out = identity(items);
  if (code == Code::kCreditCode) out = credit_code(items);
  if (code == Code::kPartOfCell) out = part_of_cell(items);
  if (code == Code::kRepeatedText) out = repeated_text(items);
  if (code == Code::kCounted) out = counted(items);
  if (code == Code::kEither) out = either(items);
  if (code == Code::kKnownChoice) out = known_choice(items);
  if (code == Code::kPieces) out = pieces(items);
  if (code == Code::kAroundCell) out = around_cell(items);
  close_branch();
  return out;
}

}  // namespace rootlet
