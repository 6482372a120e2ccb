// Counts the different values of one column, as long as they are few. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::agent {

struct ValueCount {
  OwnedCell value;
  std::uint64_t count = 0;
};

class FacetCounter {
 public:
  void add(const CellView& cell);

  // More than limits::kFacetValues, or one too long for a list: nothing is counted any more.
  bool has_too_many() const { return too_many_; }
  // No value occurs twice: such a column tells rows apart and groups nothing.
  bool is_unique() const;
  std::vector<ValueCount> counts() const;  // the most frequent first, then by value

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  void add_text(std::string_view text);
  void check_size();

  std::unordered_map<std::int64_t, std::uint64_t> integers_;
  std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>> texts_;
  std::uint64_t nulls_ = 0;
  bool too_many_ = false;
};

}  // namespace rootlet::agent
