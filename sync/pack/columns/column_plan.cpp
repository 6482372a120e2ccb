// Transforms values for each code, as the inverse of column_decoder (docs/FORMATS.md, "Column
// codes").
#include "sync/pack/columns/column_plan.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/coding/text_forms.hpp"
#include "sync/pack/coding/text_gaps.hpp"

namespace rootlet {
namespace {

std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

bool is_continuation(char byte) {  // inside a UTF-8 character
  return (byte & 0xC0) == 0x80;
}

// Appends the keys in ascending order to `values` and sets each key's index.
template <typename Map, typename Values>
void assign_sorted_indexes(Map& index_of, Values& values) {
  for (const auto& [value, found] : index_of) values.push_back(value);
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); ++i)
    index_of[values[i]] = static_cast<std::int64_t>(i);
}

}  // namespace

Numbers deltas_of(const Numbers& values) {
  Numbers out;
  out.reserve(values.size());
  std::int64_t before = 0;
  for (const std::int64_t value : values) {
    out.push_back(difference(value, before));
    before = value;
  }
  return out;
}

Numbers differences_of(const Numbers& values, const Numbers& bases) {
  Numbers out;
  out.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out.push_back(difference(values[i], bases[i]));
  return out;
}

std::optional<Chosen> chosen_of(const Numbers& values, std::size_t max_values) {
  std::unordered_map<std::int64_t, std::int64_t> index_of;
  for (const std::int64_t value : values) {
    index_of.emplace(value, 0);
    if (index_of.size() > max_values) return std::nullopt;
  }
  Chosen out;
  assign_sorted_indexes(index_of, out.values);
  for (const std::int64_t value : values) out.indexes.push_back(index_of[value]);
  return out;
}

std::optional<Common> common_of(const Items& items, const Numbers& values, std::size_t max_values) {
  const std::size_t many = std::max<std::size_t>(4, values.size() / 400);
  std::unordered_map<std::int64_t, std::int64_t> counts;
  for (const std::int64_t value : values) ++counts[value];
  std::vector<std::pair<std::int64_t, std::int64_t>> best;  // -count, value
  for (const auto& [value, count] : counts) {
    if (count >= static_cast<std::int64_t>(many)) best.emplace_back(-count, value);
  }
  if (best.empty() || best.size() == counts.size()) return std::nullopt;
  std::sort(best.begin(), best.end());
  best.resize(std::min(best.size(), max_values));
  std::unordered_map<std::int64_t, std::int64_t> index_of;
  for (const auto& [count, value] : best) index_of.emplace(value, 0);
  Common out{.other_items = ChildItems(items)};
  out.other_items.drop_positions();
  assign_sorted_indexes(index_of, out.values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto found = index_of.find(values[i]);
    out.indexes.push_back(found != index_of.end() ? found->second
                                                  : static_cast<std::int64_t>(out.values.size()));
    if (found != index_of.end()) continue;
    out.others.push_back(values[i]);
    out.other_items.add(items, i);
  }
  return out;
}

std::optional<ChosenTexts> chosen_of(const TextViews& values, std::size_t max_values) {
  std::unordered_map<std::string_view, std::int64_t> index_of;
  for (const std::string_view value : values) {
    index_of.emplace(value, 0);
    if (index_of.size() > max_values) return std::nullopt;
  }
  ChosenTexts out;
  assign_sorted_indexes(index_of, out.values);
  for (const std::string_view value : values) out.indexes.push_back(index_of[value]);
  return out;
}

ChosenTexts chosen_of(const TextViews& values, const TextViews& dictionary) {
  std::unordered_map<std::string_view, std::int64_t> index_of;
  for (const std::string_view value : dictionary) {
    index_of.emplace(value, static_cast<std::int64_t>(index_of.size()));
  }
  ChosenTexts out;
  for (const std::string_view value : values) {
    const auto [found, is_new] =
        index_of.emplace(value, static_cast<std::int64_t>(index_of.size()));
    if (is_new) out.values.push_back(value);
    out.indexes.push_back(found->second);
  }
  return out;
}

Quotients quotients_of(const Numbers& values, std::uint64_t divisor) {
  Quotients out;
  for (const std::int64_t value : values) {
    const auto number = static_cast<std::uint64_t>(value);
    out.quotients.push_back(static_cast<std::int64_t>(number / divisor));
    out.remainders.push_back(static_cast<std::int64_t>(number % divisor));
  }
  return out;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  auto size = static_cast<std::size_t>(ends.first - a.begin());
  const auto splits = [&](std::string_view text) {
    return size < text.size() && is_continuation(text[size]);
  };
  while (size > 0 && (splits(a) || splits(b))) --size;
  return size;
}

std::size_t common_suffix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  auto size = static_cast<std::size_t>(ends.first - a.rbegin());
  while (size > 0 && is_continuation(a[a.size() - size])) --size;
  return size;
}

Prefixes prefixes_of(const TextViews& values) {
  Prefixes out;
  std::string_view before;
  for (const std::string_view value : values) {
    const std::size_t shared = common_prefix(value, before);
    out.kept.push_back(static_cast<std::int64_t>(shared));
    out.rest.push_back(value.substr(shared));
    out.positions.push_back(static_cast<std::uint32_t>(shared + 2) / 3);
    before = value;
  }
  return out;
}

Insides insides_of(const TextViews& values, const TextViews& old_values) {
  Insides out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t head = common_prefix(values[i], old_values[i]);
    const std::size_t tail = common_suffix(values[i].substr(head), old_values[i].substr(head));
    out.heads.push_back(static_cast<std::int64_t>(head));
    out.tails.push_back(static_cast<std::int64_t>(tail));
    out.middles.push_back(values[i].substr(head, values[i].size() - head - tail));
  }
  return out;
}

std::optional<Counted> counted_of(const Items& items, const TextViews& values) {
  Counted out{.number_items = ChildItems(items)};
  out.number_items.use_positions();
  Numbers before;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::optional<TextWithGaps> cut = cut_numbers(values[i]);
    if (!cut || out.deltas.size() + cut->numbers.size() > 4 * limits::kBlockRows) {
      return std::nullopt;
    }
    for (std::size_t gap = 0; gap < cut->numbers.size(); ++gap) {
      const std::int64_t base = gap < before.size() ? before[gap] : 0;
      out.deltas.push_back(difference(cut->numbers[gap], base));
      out.number_items.add(items, i, static_cast<std::uint32_t>(gap));
    }
    out.frames.push_back(std::move(cut->text));
    before = std::move(cut->numbers);
  }
  return out;
}

std::optional<Pieces> pieces_of(const Items& items, const TextViews& values,
                                const std::vector<std::string>& affixes) {
  const std::string &start = affixes[0], &end = affixes[1], &separator = affixes[2];
  Pieces out{.piece_items = ChildItems(items)};
  out.piece_items.use_positions();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view value = values[i];
    const bool fits = value.size() >= start.size() + end.size() && value.starts_with(start) &&
                      value.ends_with(end);
    if (!fits) return std::nullopt;
    std::string_view rest = value.substr(start.size(), value.size() - start.size() - end.size());
    std::uint32_t count = 0;
    while (true) {
      const std::size_t at = rest.find(separator);
      out.pieces.push_back(rest.substr(0, at));
      out.piece_items.add(items, i, count);
      if (at == std::string_view::npos) break;
      rest.remove_prefix(at + separator.size());
      ++count;
    }
    out.separators.push_back(count);
    if (out.pieces.size() > kMaxPieces) return std::nullopt;
  }
  return out;
}

namespace {

bool is_punctuation(std::uint32_t c) {
  if (c < 0x80)
    return c >= 0x20 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z') && c != 0x7F;
  const auto in = [c](std::uint32_t first, std::uint32_t last) { return first <= c && c <= last; };
  return in(0x2010, 0x2027) || in(0x3000, 0x3003) || in(0x3008, 0x3011) || in(0xFF01, 0xFF0F) ||
         in(0xFF1A, 0xFF20) || in(0xFF3B, 0xFF40) || in(0xFF5B, 0xFF65);
}

}  // namespace

// Whole words only: a start ends with punctuation, and an end begins with it.
std::pair<std::string_view, std::string_view> common_ends(const TextViews& values) {
  std::string_view start = values.front();
  if (!is_utf8(start)) return {};
  for (const std::string_view value : values) start = start.substr(0, common_prefix(start, value));
  std::size_t start_size = 0;
  for (std::size_t at = 0; at < start.size();) {
    if (is_punctuation(next_character(start, at))) start_size = at;
  }
  start = start.substr(0, start_size);
  std::string_view end = values.front().substr(start.size());
  for (const std::string_view value : values) {
    end.remove_prefix(end.size() - common_suffix(end, value.substr(start.size())));
  }
  for (std::size_t at = 0; at < end.size();) {
    const std::size_t begin = at;
    if (is_punctuation(next_character(end, at))) return {start, end.substr(begin)};
  }
  return {start, {}};
}

std::vector<std::string> separators_in(const TextViews& values, std::size_t most) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (const std::string_view value : values) {
    if (!is_utf8(value)) return {};
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t begin = at;
      if (is_punctuation(next_character(value, at))) ++counts[value.substr(begin, at - begin)];
    }
  }
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const auto& [separator, count] : counts) ranked.emplace_back(count, separator);
  std::sort(ranked.begin(), ranked.end(), std::greater<>());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i)
    out.emplace_back(ranked[i].second);
  return out;
}

std::optional<Frames> frames_of(const Items& items, const TextViews& values,
                                const BlockCells* cells, std::size_t column) {
  constexpr std::size_t kLeastBytes = 3;  // of a cell: one Chinese character, or three digits
  if (cells == nullptr || items.rows == nullptr || !cells->has(column)) return std::nullopt;
  Frames out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view value = values[i];
    if (value.find(kCellPlaceholder) != std::string_view::npos) return std::nullopt;
    const std::string_view cell = cells->at(column, (*items.rows)[i]).text;
    std::string& frame = out.frames.emplace_back(value);
    if (cell.size() < kLeastBytes) continue;
    const std::size_t at = value.find(cell);
    if (at == std::string_view::npos) continue;
    frame.replace(at, cell.size(), 1, kCellPlaceholder);
    out.saved_bytes += cell.size() - 1;
  }
  return out;
}

std::optional<Characters> characters_of(const TextViews& values) {
  Characters out;
  for (const std::string_view value : values) {
    if (!is_utf8(value)) return std::nullopt;
    const std::size_t begin = out.symbols.size();
    for (std::size_t at = 0; at < value.size();) out.symbols.push_back(next_character(value, at));
    out.lengths.push_back(out.symbols.size() - begin);
  }
  if (out.symbols.empty()) return std::nullopt;
  std::unordered_map<std::int64_t, std::int64_t> index_of;
  for (const std::uint32_t character : out.symbols) index_of.emplace(character, 0);
  if (index_of.size() > std::size_t{1} << kSymbolBits) return std::nullopt;
  assign_sorted_indexes(index_of, out.alphabet);
  for (std::uint32_t& character : out.symbols) {
    character = static_cast<std::uint32_t>(index_of[character]);
  }
  return out;
}

std::optional<Characters> characters_of(const TextViews& values,
                                        std::span<const std::uint32_t> dictionary) {
  std::optional<Characters> out = characters_of(values);
  if (!out) return out;
  std::unordered_map<std::int64_t, std::uint32_t> index_of;
  for (const std::uint32_t character : dictionary) {
    index_of.emplace(character, static_cast<std::uint32_t>(index_of.size()));
  }
  std::vector<std::uint32_t> symbols;
  Numbers others;
  for (const std::int64_t character : out->alphabet) {
    const auto next = static_cast<std::uint32_t>(index_of.size());
    const auto [found, is_new] = index_of.emplace(character, next);
    if (is_new) others.push_back(character);
    symbols.push_back(found->second);
  }
  if (index_of.size() > std::size_t{1} << kSymbolBits) return std::nullopt;
  for (std::uint32_t& symbol : out->symbols) symbol = symbols[symbol];
  out->alphabet = std::move(others);
  return out;
}

std::optional<Numbers> days_of(const TextViews& values, std::uint64_t form) {
  Numbers out;
  for (const std::string_view value : values) {
    const std::optional<std::int64_t> day = day_of_date(value, static_cast<DateForm>(form));
    if (!day) return std::nullopt;
    out.push_back(*day);
  }
  return out;
}

std::optional<Moments> moments_of(const TextViews& values, std::uint64_t form) {
  Moments out;
  for (const std::string_view value : values) {
    const std::optional<Moment> moment =
        moment_of(value, {.with_t = (form & 1) != 0, .with_z = (form & 2) != 0});
    if (!moment) return std::nullopt;
    out.days.push_back(moment->day);
    out.seconds.push_back(moment->second);
  }
  return out;
}

std::optional<Identities> identities_of(const TextViews& values) {
  Identities out;
  for (const std::string_view value : values) {
    const std::optional<Identity> identity = identity_of(value);
    if (!identity) return std::nullopt;
    out.areas.push_back(identity->area);
    out.days.push_back(identity->day);
    out.orders.push_back(identity->order);
  }
  return out;
}

std::optional<CreditCodes> credit_codes_of(const TextViews& values) {
  CreditCodes out;
  for (const std::string_view value : values) {
    const std::optional<CreditCode> code = credit_code_of(value);
    if (!code) return std::nullopt;
    out.kinds.push_back(code->kind);
    out.areas.push_back(code->area);
    out.numbers.push_back(code->number);
  }
  return out;
}

bool has_form(std::string_view text, std::uint64_t form) {
  if (form == kCreditCodeForm) return credit_code_of(text).has_value();
  if (form == 0) return identity_of(text).has_value();
  if (form <= 2) return day_of_date(text, static_cast<DateForm>(form - 1)).has_value();
  const TimeForm time{.with_t = ((form - 3) & 1) != 0, .with_z = ((form - 3) & 2) != 0};
  return moment_of(text, time).has_value();
}

Exceptions exceptions_of(const Items& items, const TextViews& values, std::uint64_t form) {
  Exceptions out{.rule_items = ChildItems(items), .other_items = ChildItems(items)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool fits = has_form(values[i], form);
    out.marks.push_back(fits ? 0 : 1);
    (fits ? out.rule : out.others).push_back(values[i]);
    (fits ? out.rule_items : out.other_items).add(items, i);
  }
  return out;
}

std::optional<std::size_t> digits_width(const TextViews& values) {
  bool one_width = true;
  bool unpadded = true;
  for (const std::string_view value : values) {
    if (!is_digits(value)) return std::nullopt;
    one_width = one_width && value.size() == values.front().size();
    unpadded = unpadded && (value.size() == 1 || value[0] != '0');
    if (!one_width && !unpadded) return std::nullopt;
  }
  return one_width ? values.front().size() : 0;
}

Numbers numbers_of_digits(const TextViews& values) {
  Numbers out;
  out.reserve(values.size());
  for (const std::string_view value : values) out.push_back(number_from_digits(value));
  return out;
}

}  // namespace rootlet
