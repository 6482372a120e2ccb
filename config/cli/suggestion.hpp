// "Did you mean …?" for a misspelt command, option or name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text.hpp"

namespace rootlet {

// How many characters must be inserted, removed, replaced or swapped with their neighbour to turn
// `a` into `b` (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The one or two of `known` that are nearest to `word`: those at a distance of at most 2 and less
// than half of the word, whatever the letters' case; else those that begin with `word`, if it has
// at least 3 characters. None if nothing is that near.
std::vector<std::string> nearest_words(std::string_view word,
                                       const std::vector<std::string>& known);

// "Did you mean a or b?"; empty if `words` is.
Text did_you_mean(const std::vector<std::string>& words);

}  // namespace rootlet
