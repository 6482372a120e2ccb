// The form of a text in which two texts that people take for the same are equal: for search. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rootlet {

// `utf8` in compatibility form (full width becomes half width, combined characters one), in lower
// case, without invisible characters, and with one kind of middle dot. Text that is not well-formed
// stays as it is.
std::string folded(std::string_view utf8);

}  // namespace rootlet
