// Text from data, made safe to show: characters that steer a terminal, forge a line of a log or
// reorder what people see are written as escapes. The gates of output use it (config/output, log);
// nothing else needs to. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rootlet {

// Controls (C0, DEL, C1), line and paragraph separators, directional marks and overrides, other
// invisible format characters, and noncharacters. The joiners that scripts need are none of them.
bool is_unsafe_to_show(std::uint32_t code_point);

enum class LineEnds { kEscaped, kKept };

// `text` with each unsafe character as \u{202e} and each byte that is not UTF-8 as \x{ff}: always
// UTF-8. Shown again it stays as it is.
std::string visible_text(std::string_view text, LineEnds line_ends = LineEnds::kEscaped);

// `json`, which is a JSON text, with unsafe characters inside its strings as \u escapes: the same
// value. Bytes that are not UTF-8 become U+FFFD.
std::string visible_json(std::string_view json);

}  // namespace rootlet
