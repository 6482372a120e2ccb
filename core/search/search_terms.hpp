// The terms under which a text is indexed and looked up. A term is a letter for its kind and what
// it stands for, in UTF-8:
//
// clang-format off
//   u  one sign, two in a row, or three that are the same           王 小明
//   s  the first sign of a text, or the first one to four characters of a word that begins it
//   r  the first one to four characters of a word further on
//   g  any four characters of a word       3304
//   e  the last sign of a text, or the last four characters of a word that ends it
//   p  the reading of a character          xiao
//   i  the first letters of the readings of two characters in a row
//   b  the first letter of a reading of the first character
//   =  the first letters of all characters of a text of at most four
// clang-format on
//
// A word is a run of ASCII letters and digits. Kinds u to e in capitals are those of key columns,
// so that these come first. Readings are terms beside the characters, never in their place. The
// terms only find candidates: search_match.hpp decides. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/search/search_text.hpp"

namespace rootlet {

inline constexpr std::size_t kWordTermCharacters = 4;
inline constexpr std::size_t kInitialsTextCharacters = 4;

// A row in the index is one document: for each cell its class, its text and an end.
inline constexpr char kKeyCell = 'K';
inline constexpr char kOtherCell = 'O';
inline constexpr char kCellEnd = '\x1f';

// Returns false to stop.
using TermSink = std::function<bool(std::string_view term)>;

bool is_same_sign_three_times(const SearchText& text, std::size_t at);

// Emits every term of `document`; some of them more than once. False if the sink stopped it.
bool document_terms(std::string_view document, const TermSink& sink);

// A kind of term in the class of a column.
inline constexpr char term_kind(char kind, bool is_key) {
  return is_key ? static_cast<char>(kind - 'a' + 'A') : kind;
}

}  // namespace rootlet
