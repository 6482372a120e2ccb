// Names and numbers of datasets, partitions, rows and versions, and the rules that names must meet.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

using Rid = std::uint64_t;      // a row's dense number in its stream, from 0
using Version = std::uint64_t;  // a stream's version; 0 is the empty table before the first publish
using Grade = std::uint8_t;     // 1..4

// "villages/3304": one partition of one dataset. The partition is a prefix of digits or "all".
struct StreamName {
  std::string dataset;
  std::string partition;
  std::string text() const { return dataset + "/" + partition; }
  static Result<StreamName> parse(std::string_view text);  // kBadInput
  auto operator<=>(const StreamName&) const = default;
};

// For names that become file and table names: a-z, 0-9, '-' and '_', a letter first, at most
// limits::kNameBytes. Otherwise kBadInput with `field`.
Status check_identifier(std::string_view text, std::string_view field);

// Column names keep their letters as the source writes them: A-Z, a-z, 0-9, '_', no digit first.
Status check_column_name(std::string_view text, std::string_view field);

// "all", or 2, 4, 6, 9 or 12 digits.
Status check_division(std::string_view text, std::string_view field);

// True if division `inner` is part of `outer`: "all" covers every division, a prefix each one that
// begins with it.
bool division_covers(std::string_view outer, std::string_view inner);

}  // namespace rootlet
