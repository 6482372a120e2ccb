// Control totals that come with a source: what its owner counted there, compared with what was
// read here. A row that was dropped, a text that was cut, a query that was killed and a replica
// that lags behind change a total.
//
// Totals are named as in the answer to a query: "rows", "characters_COLUMN" (Unicode characters of
// all its texts), "sum_COLUMN" (of an integer or decimal column), "newest_COLUMN" (the latest
// value of a date or time column).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kControlBytes = 64 * limits::kKiB;  // of a file of totals

class Control {
 public:
  // A JSON object of totals. kBadInput for a name or value that is none; `what` names the source of
  // the totals in errors.
  static Result<Control> parse(std::string_view text, const DatasetDefinition& dataset,
                               const std::string& what);

  // The fields of a row, in the order of the dataset's columns, as the source delivered them.
  void add(std::span<const std::string_view> fields);

  struct Total {
    std::string name, expected, found;
    bool is_met = false;
  };
  std::vector<Total> totals() const;
  // The greatest values that the owner named, by column: for comparison with the next publish.
  std::map<std::string, std::string> newest() const;

 private:
  __extension__ using Wide = __int128;  // a sum of any number of 64-bit values
  enum class Kind { kRows, kCharacters, kSum, kNewest };
  struct One {
    std::string name;
    Kind kind = Kind::kRows;
    std::size_t column = 0;
    std::string expected = {};
    std::uint64_t count = 0;  // rows or characters
    Wide sum = 0;
    std::string newest = {};
  };
  static bool fits(Kind kind, ColumnType type);
  explicit Control(const DatasetDefinition& dataset) : dataset_(&dataset) {}
  Result<One> total_named(std::string_view name, const std::string& what) const;
  std::string found(const One& one) const;

  const DatasetDefinition* dataset_;
  std::vector<One> totals_;
};

}  // namespace rootlet::platform
