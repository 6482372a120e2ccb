// Patterns of form fields: a small, anchored subset of regular expressions. Matching takes time
// proportional to text length times pattern length, so that no definition can hang an office.
//
//   pattern := branch ("|" branch)*          item := atom ("?" | "*" | "+" | "{n}" | "{n,m}")?
//   branch  := item*                         atom := character | "." | "\d" | "\" character
//                                                  | "[" "^"? (character | a "-" b | "\d")* "]"
//
// Characters are Unicode code points. A leading ^ and a closing $ are allowed and have no effect.
// There are no groups. Rejects patterns of more than 256 bytes, or more than 1024 items after
// expansion of repeats.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

class Pattern {
 public:
  static Result<Pattern> parse(std::string_view text);  // kBadInput
  // True if all of `utf8` matches.
  bool matches(std::string_view utf8) const;

  struct Item {
    std::vector<std::pair<char32_t, char32_t>> ranges;  // inclusive
    bool negated = false;
    bool optional = false;  // may be left out
    bool repeats = false;   // may come again
    bool accepts(char32_t c) const;
  };

 private:
  std::vector<std::vector<Item>> branches_;
};

// The code points of well-formed UTF-8.
std::vector<char32_t> code_points(std::string_view utf8);

}  // namespace rootlet
