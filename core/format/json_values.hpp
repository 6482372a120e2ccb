// JSON values to and from our own. Unlike JsonObject (json.hpp) these readers never fail: they are
// for answers that our own programs wrote, where an absent value is an empty one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/format/json.hpp"

namespace rootlet {

// The text at `key`, or a number there as text; of a {"zh", "en"} object the text in `language`.
// "" if there is none.
std::string text_at(const json::object& object, std::string_view key,
                    Language language = Language::kEnglish);
std::int64_t integer_at(const json::object& object, std::string_view key);  // 0 if there is none
double number_at(const json::object& object, std::string_view key);         // 0 if there is none
bool boolean_at(const json::object& object, std::string_view key);  // false if there is none
// Empty if absent or of another kind.
const json::object& object_at(const json::object& object, std::string_view key);
const json::array& array_at(const json::object& object, std::string_view key);

// "a, b, c" of the texts in `values`.
std::string joined(const json::array& values);

json::array json_texts(const std::vector<std::string>& texts);

// {"en", "zh"}; a missing language repeats the other one.
json::object to_json(const Text& text);

// {"code", "message"} and, as far as they are set, "field", "hint" and "retry_after_seconds".
json::object to_json(const Error& error);
// The inverse, without the time to wait. An unknown code gives kInternal.
Error error_from_json(const json::object& object);

// As format_time() writes it; null if there is none.
inline json::value json_time(const std::optional<UnixTime>& at) {
  return at.has_value() ? json::value(format_time(*at)) : json::value(nullptr);
}

// A count or size in JSON's signed integers.
inline std::int64_t json_count(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

}  // namespace rootlet
