// Texts and figures as people read them on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet {

// "812 B", "1.4 MB", "15 kB": decimal units.
std::string format_bytes(std::uint64_t bytes);

// "0.52 s"
std::string format_seconds(double seconds);

std::string joined(const std::vector<std::string>& texts, std::string_view between);

// `text` in lines of at most `width` terminal columns, each after the first behind `indent` blanks,
// without a '\n' at the end. Breaks at blanks and between CJK characters, and where `text` has a
// '\n'. A word that is longer than a line stays whole.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0);

}  // namespace rootlet
