// Chinese characters: their readings in pinyin and their simplified forms, from Unihan (UAX 38) and
// a list of surnames. The table is made at build time (make_han_table.py). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/search/search_text.hpp"

namespace rootlet {

// The number of a syllable without tone in the sorted list of all.
using Syllable = std::uint16_t;

std::string_view spelling_of(Syllable syllable);  // "zhong"; ü is v
// The syllables that begin with `letters`: [first, end).
struct SyllableRange {
  Syllable first = 0, end = 0;
};
SyllableRange syllables_from(std::string_view letters);
Syllable syllable_count();

// Few and likely ones first. None for a character that has no reading in the table.
std::span<const Syllable> readings_of(std::uint32_t character);

struct Readings {
  std::array<Syllable, 8> all{};
  std::size_t count = 0;
  void add(Syllable syllable);  // unless it is there already
  std::span<const Syllable> list() const { return {all.data(), count}; }
};
// Of the character at `at`. Where it begins a run of Chinese characters, as in a name, the reading
// of a surname comes first.
Readings readings_at(const SearchText& text, std::size_t at);

// The character itself if it has no simplified form, or more than one.
std::uint32_t simplified_form(std::uint32_t character);

}  // namespace rootlet
