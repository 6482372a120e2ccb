// Where in a JSON text a key path is, so that an error about a value can name its line. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace rootlet {

struct TextPosition {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in characters
};

// The position of byte `at` of `text`.
TextPosition position_of(std::string_view text, std::size_t at);

// Where the value at `path` ("columns[2].name") begins; for a member that is missing, the object
// that lacks it. `text` must be valid JSON. Nullopt if the path leads nowhere.
std::optional<TextPosition> find_in_json(std::string_view text, std::string_view path);

// `error` of a reader of `text`, whose field is a key path, with line and column behind the
// source's name `what`. An error that has no such place is returned as it is.
Error with_position(Error error, std::string_view text, std::string_view what);

}  // namespace rootlet
