// Characters that show nothing: blanks and invisible characters. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace rootlet {

// A blank of any width (U+0020, U+00A0, U+3000, …), a line or tab break, or a character without
// width (U+200B, U+FEFF, …).
bool is_blank(std::uint32_t code_point);

// `utf8` without blanks at its beginning and end.
std::string_view without_blank_ends(std::string_view utf8);

// The first character of `utf8` that is not ASCII, with its place from 1; value 0 if there is none.
struct ForeignCharacter {
  std::uint32_t value = 0;
  std::size_t place = 0;
};
ForeignCharacter first_foreign(std::string_view utf8);

// The ASCII letter or digit that a Cyrillic, Greek or full-width character looks like; 0 if none.
char look_alike(std::uint32_t code_point);

}  // namespace rootlet
