// The table that make_han_table.py writes at build time: readings, simplified forms, surnames. Only
// han.cpp reads it.
#pragma once

#include <cstdint>

namespace rootlet::han {

struct Form {
  std::uint32_t character, simplified;
};
struct Surname {
  std::uint32_t character;
  std::uint16_t syllable;
};
struct CompoundSurname {
  std::uint32_t length;
  std::uint32_t characters[3];
  std::uint16_t syllables[3];
};

extern const char kSyllables[][7];  // sorted
extern const std::uint16_t kSyllableCount;
// Lists of syllables, each after its length. List 0 is empty.
extern const std::uint16_t kLists[];
// The list of each character, in pages of kPageCharacters; the page of each code point range.
inline constexpr std::uint32_t kPageCharacters = 64;
extern const std::uint16_t kPages[];
extern const std::uint16_t kDirectory[];
extern const std::uint32_t kDirectorySize;
extern const Form kForms[];  // by character
extern const std::uint32_t kFormCount;
extern const Surname kSurnames[];  // by character; one character may have several
extern const std::uint32_t kSurnameCount;
extern const CompoundSurname kCompounds[];
extern const std::uint32_t kCompoundCount;

}  // namespace rootlet::han
