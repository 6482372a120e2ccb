// The tree of codes that an encoder chose for a column, and how each code transforms values
// (docs/FORMATS.md, "Column codes"). Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sync/pack/coding/codes.hpp"
#include "sync/pack/columns/modelled.hpp"

namespace rootlet {

using TextViews = std::vector<std::string_view>;

// A node. A plan found for some values may be used for others, if they have its form.
struct ColumnPlan {
  Code code = Code::kUnsigned;
  std::uint64_t number = 0;  // width, divisor, form, column or flag
  std::uint64_t begin = 0, length = 0;
  std::vector<std::string> affixes = {};  // kPieces: start, end, separator
  CellFeature feature = CellFeature::kNumber;
  NumberModel model = {};  // kModelled; kCharacters uses its symbols
  std::vector<ColumnPlan> children = {};
};

// Builds a child's items from some of a node's items.
class ChildItems {
 public:
  explicit ChildItems(const Items& from)
      : has_rows_(from.rows != nullptr),
        has_positions_(from.positions != nullptr),
        depth_(from.depth) {}
  void add(const Items& from, std::size_t i) {
    add(from, i, has_positions_ ? (*from.positions)[i] : 0);
  }
  // Gives the item another position.
  void add(const Items& from, std::size_t i, std::uint32_t position) {
    if (has_rows_) rows_.push_back((*from.rows)[i]);
    if (has_positions_) positions_.push_back(position);
    ++count_;
  }
  void use_positions() { has_positions_ = true; }
  void drop_positions() { has_positions_ = false; }
  Items items() const {
    return {.count = count_,
            .depth = depth_,
            .rows = has_rows_ ? &rows_ : nullptr,
            .positions = has_positions_ ? &positions_ : nullptr};
  }

 private:
  std::vector<std::uint32_t> rows_, positions_;
  bool has_rows_, has_positions_;
  int depth_;
  std::size_t count_ = 0;
};

Numbers deltas_of(const Numbers& values);  // kFromPrevious
Numbers differences_of(const Numbers& values, const Numbers& bases);

struct Chosen {  // kChoice: values ascending
  Numbers values, indexes;
};
std::optional<Chosen> chosen_of(const Numbers& values, std::size_t max_values);

struct Common {  // kCommon: values ascending
  Numbers values = {}, indexes = {}, others = {};
  ChildItems other_items;
};
// Picks up to `max_values` frequent values; nullopt if none is frequent, or if all are.
std::optional<Common> common_of(const Items& items, const Numbers& values, std::size_t max_values);

struct ChosenTexts {
  TextViews values;
  Numbers indexes;
};
std::optional<ChosenTexts> chosen_of(const TextViews& values, std::size_t max_values);
// kKnownChoice: `values` are those that `dictionary` lacks; their indexes follow the dictionary's.
ChosenTexts chosen_of(const TextViews& values, const TextViews& dictionary);

struct Quotients {
  Numbers quotients, remainders;
};
Quotients quotients_of(const Numbers& values, std::uint64_t divisor);  // values >= 0

template <typename T>
struct Repeats {
  Numbers marks = {};  // 1: equal to the previous value
  std::vector<T> others = {};
  ChildItems other_items;
};
template <typename T>
Repeats<T> repeats_of(const Items& items, const std::vector<T>& values) {
  Repeats<T> out{.other_items = ChildItems(items)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool same = i > 0 && values[i] == values[i - 1];
    out.marks.push_back(same ? 1 : 0);
    if (same) continue;
    out.others.push_back(values[i]);
    out.other_items.add(items, i);
  }
  return out;
}

// Bytes shared by two texts at their start or end, whole characters only.
std::size_t common_prefix(std::string_view a, std::string_view b);
std::size_t common_suffix(std::string_view a, std::string_view b);

struct Prefixes {  // kAfterPrefix
  Numbers kept;
  TextViews rest;
  std::vector<std::uint32_t> positions;
};
Prefixes prefixes_of(const TextViews& values);

struct Insides {  // kInsideOld
  Numbers heads, tails;
  TextViews middles;
};
Insides insides_of(const TextViews& values, const TextViews& old_values);

struct Counted {  // kCounted
  std::vector<std::string> frames = {};
  Numbers deltas = {};
  ChildItems number_items;
  TextViews views() const { return {frames.begin(), frames.end()}; }
};
// nullopt if a text cannot have gaps, or there are too many gaps.
std::optional<Counted> counted_of(const Items& items, const TextViews& values);

struct Pieces {             // kPieces
  Numbers separators = {};  // in each text
  TextViews pieces = {};
  ChildItems piece_items;
};
// Texts that start and end with the same bytes, and between them have pieces. nullopt if a text
// does not, or there are too many pieces.
std::optional<Pieces> pieces_of(const Items& items, const TextViews& values,
                                const std::vector<std::string>& affixes);
// What all texts start and end with, without overlap, up to punctuation.
std::pair<std::string_view, std::string_view> common_ends(const TextViews& values);
// Punctuation that separates pieces, the most frequent first; at most `most`.
std::vector<std::string> separators_in(const TextViews& values, std::size_t most);

struct Frames {  // kAroundCell
  std::vector<std::string> frames = {};
  std::size_t saved_bytes = 0;
  TextViews views() const { return {frames.begin(), frames.end()}; }
};
// Puts the placeholder where a text has the text of the cell of its row, once in each text. nullopt
// if a text has a placeholder already, or there are no rows.
std::optional<Frames> frames_of(const Items& items, const TextViews& values,
                                const BlockCells* cells, std::size_t column);

struct Characters {  // kCharacters
  Numbers alphabet;
  std::vector<std::size_t> lengths;
  std::vector<std::uint32_t> symbols;
  Numbers length_numbers() const { return {lengths.begin(), lengths.end()}; }
};
// nullopt if a text is not UTF-8, if there are too many distinct characters, or none.
std::optional<Characters> characters_of(const TextViews& values);
// kKnownCharacters: the alphabet is the characters that `dictionary` lacks; their symbols follow
// the dictionary's.
std::optional<Characters> characters_of(const TextViews& values,
                                        std::span<const std::uint32_t> dictionary);

// nullopt unless all texts have the form.
std::optional<Numbers> days_of(const TextViews& values, std::uint64_t form);
struct Moments {
  Numbers days, seconds;
};
std::optional<Moments> moments_of(const TextViews& values, std::uint64_t form);
struct Identities {
  Numbers areas, days, orders;
};
std::optional<Identities> identities_of(const TextViews& values);
struct CreditCodes {
  Numbers kinds, areas, numbers;
};
std::optional<CreditCodes> credit_codes_of(const TextViews& values);
// kEither: a form that most texts have. Forms are numbered 0 to kForms - 1.
inline constexpr std::uint64_t kCreditCodeForm = 7;
inline constexpr std::uint64_t kForms =
    8;  // 0 identity, 1 and 2 dates, 3 to 6 times, 7 credit code
bool has_form(std::string_view text, std::uint64_t form);
struct Exceptions {
  Numbers marks = {};  // 1: does not have the form
  TextViews rule = {}, others = {};
  ChildItems rule_items, other_items;
};
Exceptions exceptions_of(const Items& items, const TextViews& values, std::uint64_t form);

// The width of kDigits that reproduces every value; nullopt if there is none.
std::optional<std::size_t> digits_width(const TextViews& values);
Numbers numbers_of_digits(const TextViews& values);

}  // namespace rootlet
