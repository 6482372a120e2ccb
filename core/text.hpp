// Texts for people, in Chinese and English, and their width on a terminal. The language follows
// LC_ALL, LC_MESSAGES, LANG.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/unicode/utf8.hpp"

namespace rootlet {

enum class Language { kEnglish, kChinese };

struct Text {
  std::string en = {};
  std::string zh = {};
  bool empty() const { return en.empty() && zh.empty(); }
  // The text in `language`; the other language if that one is missing.
  const std::string& in(Language language) const;
};

// Language of the environment: zh* gives Chinese, anything else English.
Language language_from_environment();

// Columns of a terminal that `utf8` takes; CJK characters take two, combining marks none.
std::size_t display_width(std::string_view utf8);

// `utf8` padded with blanks, or cut with an ellipsis, to `columns`.
std::string fit_to_width(std::string_view utf8, std::size_t columns);

}  // namespace rootlet
