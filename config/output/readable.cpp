// Bytes, durations and wrapped text for people.
#include "config/output/readable.hpp"

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"

namespace rootlet {
namespace {

// Bytes of the UTF-8 character that begins with `first`.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC0) return 1;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Must not begin a line in Chinese.
bool closes(std::string_view character) {
  constexpr std::string_view kClosing = "，。、；：？！）》」』”’";
  return kClosing.find(character) != std::string_view::npos;
}

// A part that must not be broken, with the blanks before it.
struct Piece {
  std::string_view text;
  std::size_t blanks = 0;
  bool starts_line = false;  // a '\n' is before it
};

// Takes the first piece off `rest`: a word, or one CJK character with what closes it.
Piece take_piece(std::string_view& rest) {
  Piece piece;
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\n')) {
    piece.starts_line = piece.starts_line || rest.front() == '\n';
    piece.blanks += rest.front() == ' ' ? 1 : 0;
    rest.remove_prefix(1);
  }
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != ' ' && rest[end] != '\n') {
    const std::string_view character = rest.substr(end, character_bytes(rest[end]));
    const bool is_wide = display_width(character) == 2;
    if (is_wide && end > 0 && !closes(character)) break;
    end += character.size();
    const std::string_view next =
        end < rest.size() ? rest.substr(end, character_bytes(rest[end])) : std::string_view();
    if (is_wide && !closes(next)) break;
  }
  piece.text = rest.substr(0, end);
  rest.remove_prefix(end);
  return piece;
}

}  // namespace

std::string format_bytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1000; value >= 999.5 && unit < 3; ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, value < 9.95 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string format_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += between;
    out += text;
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string margin = "\n" + std::string(indent, ' ');
  std::string out;
  std::size_t column = indent;
  for (std::string_view rest = text; !rest.empty();) {
    const Piece piece = take_piece(rest);
    const std::size_t needed = display_width(piece.text);
    const bool is_full = column > indent && column + piece.blanks + needed > width;
    if (piece.starts_line || is_full) {
      out += margin;
      column = indent;
    } else {
      out += std::string(piece.blanks, ' ');
      column += piece.blanks;
    }
    out += piece.text;
    column += needed;
  }
  return out;
}

}  // namespace rootlet
