// How people and spreadsheets write booleans, dates, times and numbers, and the one spelling in
// which we keep each. CSV files and forms use the same rules (docs/definitions.md, "Spellings").
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/text.hpp"

namespace rootlet {

// true, yes, y, t, 1, 是 and false, no, n, f, 0, 否, in any letter case.
std::optional<bool> spelled_boolean(std::string_view text);

// "2026-01-31" from 2026-1-31, 2026/1/31, 2026.1.31, 20260131 or 2026年1月31日; nullopt if that
// date does not exist or its year is not in 1..9999.
std::optional<std::string> spelled_date(std::string_view text);

// A date as above, then 'T' or a blank, then 8:00, 08:00 or 08:00:30, then perhaps Z, +08:00 or
// +0800. Without an offset it is the local time "2026-01-31 08:00:30"; with one it is the moment in
// UTC, "2026-01-31T00:00:30Z".
std::optional<std::string> spelled_datetime(std::string_view text);

// `text` without blanks at its ends and with full-width digits, letters and signs as ASCII; views
// `text` if nothing changes, else `scratch`.
std::string_view plain_code(std::string_view text, std::string& scratch);

// What a spreadsheet did to a value, for people; nothing if it shows no trace of one.
//   1.10105E+17   an identity number or code became a floating point number: its last digits are
//   lost
bool is_spreadsheet_number(std::string_view text);
Text spreadsheet_number_hint(std::string_view text);
//   46053         a date became the number of days since 1900
std::optional<std::string> date_of_day_number(std::string_view text);  // "2026-01-31"
//   1,234 or 1,50 a thousands separator or a decimal comma
bool has_number_comma(std::string_view text);

}  // namespace rootlet
