// Look-ups in the table of han_table.hpp.
#include "core/search/han.hpp"

#include <algorithm>

#include "core/search/han_table.hpp"

namespace rootlet {
namespace {

// Where the run of Chinese characters around `at` begins, looking back no further than a surname.
std::size_t run_start(const SearchText& text, std::size_t at) {
  constexpr std::size_t kLongestSurname = 3;
  std::size_t start = at;
  while (start > 0 && at - start < kLongestSurname && is_han(text[start - 1].value)) --start;
  return start;
}

bool begins_with(const SearchText& text, std::size_t start, const han::CompoundSurname& name) {
  if (text.size() - start < name.length) return false;
  for (std::size_t i = 0; i < name.length; ++i) {
    if (text[start + i].value != name.characters[i]) return false;
  }
  return true;
}

void add_surname_readings(const SearchText& text, std::size_t at, Readings& out) {
  const std::size_t start = run_start(text, at);
  const std::size_t place = at - start;
  for (std::uint32_t i = 0; i < han::kCompoundCount && place < 3; ++i) {
    const han::CompoundSurname& name = han::kCompounds[i];
    if (place < name.length && begins_with(text, start, name)) out.add(name.syllables[place]);
  }
  if (place > 0) return;
  const han::Surname* end = han::kSurnames + han::kSurnameCount;
  const han::Surname* found = std::lower_bound(
      han::kSurnames, end, text[at].value,
      [](const han::Surname& one, std::uint32_t character) { return one.character < character; });
  for (; found != end && found->character == text[at].value; ++found) out.add(found->syllable);
}

}  // namespace

std::string_view spelling_of(Syllable syllable) {
  return han::kSyllables[syllable];
}

Syllable syllable_count() {
  return han::kSyllableCount;
}

SyllableRange syllables_from(std::string_view letters) {
  SyllableRange range;
  while (range.first < han::kSyllableCount && spelling_of(range.first) < letters) ++range.first;
  range.end = range.first;
  while (range.end < han::kSyllableCount && spelling_of(range.end).starts_with(letters))
    ++range.end;
  return range;
}

std::span<const Syllable> readings_of(std::uint32_t character) {
  const std::uint32_t page = character / han::kPageCharacters;
  if (page >= han::kDirectorySize) return {};
  const std::uint16_t list =
      han::kPages[han::kDirectory[page] * han::kPageCharacters + character % han::kPageCharacters];
  return {han::kLists + list + 1, han::kLists[list]};
}

void Readings::add(Syllable syllable) {
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(count);
  if (count == all.size() || std::find(all.begin(), end, syllable) != end) return;
  all[count++] = syllable;
}

Readings readings_at(const SearchText& text, std::size_t at) {
  Readings out;
  add_surname_readings(text, at, out);
  for (const Syllable syllable : readings_of(text[at].value)) out.add(syllable);
  return out;
}

std::uint32_t simplified_form(std::uint32_t character) {
  const han::Form* end = han::kForms + han::kFormCount;
  const han::Form* found = std::lower_bound(
      han::kForms, end, character,
      [](const han::Form& one, std::uint32_t wanted) { return one.character < wanted; });
  return found != end && found->character == character ? found->simplified : character;
}

}  // namespace rootlet
