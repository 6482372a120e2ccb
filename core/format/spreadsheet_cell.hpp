// Texts that a spreadsheet would compute when it opens a CSV file ("CSV injection", OWASP): they
// are written with an apostrophe in front, the spreadsheets' own sign for "this is text", and read
// back without it. Both ways are exact: each text comes back as it was, apostrophes too. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rootlet {

// True if the text begins with = + - @, a tab or a carriage return. A number with its sign is none:
// it computes nothing.
bool looks_like_formula(std::string_view text);

// True if guarded_cell() puts an apostrophe in front: a formula, also behind apostrophes.
bool needs_guard(std::string_view text);
// `text`, or the guarded form of it in `scratch`.
std::string_view guarded_cell(std::string_view text, std::string& scratch);
// The inverse; a view into `text`.
std::string_view unguarded_cell(std::string_view text);

}  // namespace rootlet
