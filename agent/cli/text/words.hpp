// The stable words of our JSON (states, results, types) as people read them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/format/json_fwd.hpp"
#include "core/text.hpp"

namespace rootlet::agent {

// "received" → "已接收"; in English blanks for underscores. An unknown word stays as it is.
std::string word_in(std::string_view word, Language language);

// A state of a granted dataset, with what its grant adds by "mode" and "emergency" in `terms`:
// "current, verify only, emergency grant".
std::string with_terms(std::string_view state, const json::object& terms, Language language);

// The texts of a list, each through word_in(), with commas.
std::string words_in(const json::array& words, Language language);

// The time at `key` in the reader's zone; "" if there is none.
std::string time_at(const json::object& object, std::string_view key);

}  // namespace rootlet::agent
