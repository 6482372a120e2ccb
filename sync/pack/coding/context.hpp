// The context of a symbol: what its probabilities depend on (docs/FORMATS.md, "Modelled numbers").
// A reader checks that everything a context uses exists before it uses it. One thread.
#pragma once

#include <vector>

#include "core/bytes.hpp"
#include "sync/pack/coding/block_cells.hpp"

namespace rootlet {

// The numbers or texts of one node: how many, and to which rows they belong.
struct Items {
  std::size_t count = 0;
  int depth = 0;
  const std::vector<std::uint32_t>* rows = nullptr;  // of the block; null: they belong to no row
  const std::vector<std::uint32_t>* positions = nullptr;  // characters or gaps before them

  // The same items, one level deeper.
  Items for_child() const {
    Items child = *this;
    child.depth += 1;
    return child;
  }
  // `values` values that belong to no row, such as those of a dictionary.
  Items without_rows(std::size_t values) const { return {.count = values, .depth = depth}; }
};

// The values of the kinds are part of the format.
struct ContextPart {
  enum class Kind : std::uint8_t {
    kPrevious = 1,        // the previous symbol of the same list or text, plus 1; 0 at the start
    kSecondPrevious = 2,  // the symbol before that, likewise
    kPosition = 3,        // the number of characters before it in the text
    kEqualsAbove = 4,     // CellFeature::kEqualsAbove of a column
    kSymbol = 5,          // CellFeature::kSymbol of a column
    kSymbolAbove = 6,     // the same of the row above; 0 in the first row
    kNumber = 7,          // CellFeature::kNumber: (number - base) / divisor
    kDay = 8,             // CellFeature::kDay: (day - base) / divisor
    kEqualsOld = 9,       // CellFeature::kEqualsOld of a column
  };
  Kind kind = Kind::kPrevious;
  std::uint32_t column = 0;
  std::uint32_t prefix = 0;   // kSymbol, kSymbolAbove: as in BlockCells::feature()
  std::int64_t base = 0;      // kNumber, kDay
  std::uint64_t divisor = 1;  // kNumber, kDay
  std::uint32_t size = 2;     // larger values count as size - 1

  bool uses_column() const { return kind >= Kind::kEqualsAbove; }
  bool is_binary() const { return kind == Kind::kEqualsAbove || kind == Kind::kEqualsOld; }
};
using ContextParts = std::vector<ContextPart>;

inline constexpr std::size_t kContextParts = 4;
inline constexpr std::uint32_t kContextSize = 1U << 16;             // values of one part
inline constexpr std::uint64_t kContexts = std::uint64_t{1} << 44;  // values of all parts together

void put_context(ByteWriter& out, const ContextParts& parts);
// Appends the encoding of `parts`, at most kContextParts. read_context() is the inverse: kUntrusted
// for unknown kinds, duplicate parts, sizes out of range, and columns that `cells` lacks. With
// `only_skip` the context will not be evaluated, so a missing column is no error.
Result<ContextParts> read_context(ByteReader& in, const Items& items, const BlockCells* cells,
                                  bool only_skip);

// Evaluates a context for each item. Parts that depend on columns are combined in advance.
class Context {
 public:
  Context(const ContextParts& parts, const Items& items, BlockCells* cells);

  std::uint64_t size() const { return size_; }
  std::uint64_t at(std::size_t item, std::uint32_t position, std::uint32_t previous,
                   std::uint32_t second_previous) const {
    std::uint64_t context = column_values_.empty() ? 0 : column_values_[item];
    context =
        context * position_size_ + (position < position_size_ ? position : position_size_ - 1);
    context =
        context * previous_size_ + (previous < previous_size_ ? previous : previous_size_ - 1);
    return context * second_previous_size_ +
           (second_previous < second_previous_size_ ? second_previous : second_previous_size_ - 1);
  }

 private:
  void add_column_part(const ContextPart& part, const Items& items, BlockCells& cells);

  std::vector<std::uint64_t> column_values_;  // by item; empty: always 0
  std::uint64_t size_ = 1;
  std::uint32_t position_size_ = 1, previous_size_ = 1, second_previous_size_ = 1;
};

}  // namespace rootlet
