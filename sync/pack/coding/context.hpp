// What a probability may depend on (docs/FORMATS.md, "Modelled numbers"). The bytes tell it; that
// everything it looks at is there is checked before it is used.
#pragma once

#include <vector>

#include "core/bytes.hpp"
#include "sync/pack/coding/block_cells.hpp"

namespace rootlet {

// The numbers or texts that a node is asked for: how many, and where they belong.
struct Items {
  std::size_t count = 0;
  int depth = 0;
  const std::vector<std::uint32_t>* rows = nullptr;       // of the block; null: of no row
  const std::vector<std::uint32_t>* positions = nullptr;  // characters before them in their text

  // The same items, for a child.
  Items for_child() const {
    Items child = *this;
    child.depth += 1;
    return child;
  }
  // A list of values, which belong to no row.
  Items without_rows(std::size_t values) const { return {.count = values, .depth = depth}; }
};

// The numbers of the kinds are the format.
struct ContextPart {
  enum class Kind : std::uint8_t {
    kPrevious = 1,        // the symbol before in the same list or text, from 1; 0 at its start
    kSecondPrevious = 2,  // the symbol before that one
    kPosition = 3,        // how many characters of the text are before
    kEqualsAbove = 4,     // Look::kEqualsAbove of a column
    kSymbol = 5,          // Look::kSymbol of a column
    kSymbolAbove = 6,     // the same of the row above; 0 in the first row
    kNumber = 7,          // Look::kNumber: (number - base) / divisor
    kDay = 8,             // Look::kDay: (day - base) / divisor
    kEqualsOld = 9,       // Look::kEqualsOld of a column
  };
  Kind kind = Kind::kPrevious;
  std::uint32_t column = 0;
  std::uint32_t prefix = 0;   // kSymbol, kSymbolAbove: as in BlockCells::feature()
  std::int64_t base = 0;      // kNumber, kDay
  std::uint64_t divisor = 1;  // kNumber, kDay
  std::uint32_t size = 2;     // what is `size` or more counts as size - 1

  bool uses_column() const { return kind >= Kind::kEqualsAbove; }
  bool is_binary() const { return kind == Kind::kEqualsAbove || kind == Kind::kEqualsOld; }
};
using ContextParts = std::vector<ContextPart>;

inline constexpr std::size_t kContextParts = 4;
inline constexpr std::uint32_t kContextSize = 1U << 16;             // of a part
inline constexpr std::uint64_t kContexts = std::uint64_t{1} << 44;  // of all parts together

void put_context(ByteWriter& out, const ContextParts& parts);
// If `only_skip`, nobody will look, and what is not there is no error.
Result<ContextParts> read_context(ByteReader& in, const Items& items, const BlockCells* cells,
                                  bool only_skip);

// A context at work: what columns tell is mixed in advance, one number per item.
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
