// Numbers and dates of cells as text. Pure. Sources: ECMA-376 part 1, 18.8.30 (number formats),
// 18.17.4 (dates); Microsoft's list of formats by language for the numbers 27 to 36 and 50 to 58.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

// What a number format makes of a number.
struct NumberFormat {
  enum class Kind : std::uint8_t { kNumber, kDate, kTime, kDateTime, kElapsed };
  Kind kind = Kind::kNumber;
  std::uint8_t digits = 0;  // "000000" shows at least six digits
};

NumberFormat format_of_code(std::string_view code);
// One of those that files name by number only.
NumberFormat format_of_id(std::uint32_t id);

enum class DateSystem { k1900, k1904 };

// Why a number is not read: with the rule, for people.
struct NumberProblem {
  std::string en, zh;  // what is wrong
  std::string en_rule, zh_rule;
};

struct NumberText {
  std::string text;
  std::optional<NumberProblem> problem = {};
};

// The shortest decimal, without an exponent, of the fifteen digits that a spreadsheet keeps; a date
// as YYYY-MM-DD, a time as HH:MM:SS, both with T between. A problem for what is no number, a number
// of more than fifteen digits before the point, and a date outside of 1900 to 9999.
NumberText number_text(std::string_view raw, NumberFormat format, DateSystem system);

}  // namespace rootlet
