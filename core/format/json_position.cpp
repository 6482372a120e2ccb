// Walks valid JSON without building values: only brackets, quotes and commas matter.
#include "core/format/json_position.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) { skip_blanks(); }

  std::size_t at() const { return at_; }

  // From an object to the value of its member `key`; false, without moving, if there is none. Of
  // several the last one counts, as for the parser.
  bool enter_member(std::string_view key) {
    const std::size_t start = at_;
    std::size_t found = std::string_view::npos;
    if (!take('{')) return false;
    while (at_ < text_.size() && !take('}')) {
      const std::string_view name = string();
      take(':');
      if (name == key) found = at_;
      skip_value();
      take(',');
    }
    at_ = found == std::string_view::npos ? start : found;
    return found != std::string_view::npos;
  }

  // From an array to its item `index`.
  bool enter_item(std::size_t index) {
    const std::size_t start = at_;
    bool is_there = take('[');
    for (std::size_t i = 0; i < index && is_there; ++i) {
      skip_value();
      is_there = take(',');
    }
    is_there = is_there && at_ < text_.size() && text_[at_] != ']';
    if (!is_there) at_ = start;
    return is_there;
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip_blanks();
    return true;
  }
  // Its characters as they are written.
  std::string_view string() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    const std::string_view inside = text_.substr(begin, at_ - begin);
    take('"');
    return inside;
  }
  void skip_value() {
    std::size_t depth = 0;
    do {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      if (c == '"') {
        string();
      } else if (c == '{' || c == '[') {
        ++depth;
        take(c);
      } else if (c == '}' || c == ']') {
        --depth;
        take(c);
      } else if (depth > 0 && (c == ',' || c == ':')) {
        take(c);
      } else {
        at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size());
        skip_blanks();
      }
    } while (depth > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Takes the next step off `path`: a key, or an index in brackets. False: there is no such place.
bool take_step(std::string_view& path, Walker& walker) {
  if (path.starts_with('[')) {
    std::size_t index = 0;
    const auto [end, failed] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (failed != std::errc() || end == path.data() + path.size() || *end != ']') return false;
    path.remove_prefix(static_cast<std::size_t>(end + 1 - path.data()));
    if (path.starts_with('.')) path.remove_prefix(1);
    return walker.enter_item(index);
  }
  const std::size_t end = std::min(path.find_first_of(".["), path.size());
  const std::string_view key = path.substr(0, end);
  path.remove_prefix(end);
  if (path.starts_with('.')) path.remove_prefix(1);
  const bool is_last = path.empty();
  return walker.enter_member(key) || is_last;  // a missing member: where it should be
}

}  // namespace

TextPosition position_of(std::string_view text, std::size_t at) {
  TextPosition position;
  for (std::size_t i = 0; i < std::min(at, text.size());) {
    const bool is_line_end = text[i] == '\n';
    position.line += is_line_end ? 1 : 0;
    position.column = is_line_end ? 1 : position.column + 1;
    i += std::max<std::size_t>(code_point_at(text, i).bytes, 1);
  }
  return position;
}

std::optional<TextPosition> find_in_json(std::string_view text, std::string_view path) {
  Walker walker(text);
  while (!path.empty()) {
    if (!take_step(path, walker)) return std::nullopt;
  }
  return position_of(text, walker.at());
}

Error with_position(Error error, std::string_view text, std::string_view what) {
  const std::string prefix = std::string(what) + ": ";
  const bool has_path = error.code == ErrorCode::kBadInput && !error.field.empty() &&
                        !error.field.starts_with("line ") && error.message.starts_with(prefix);
  const auto found = has_path ? find_in_json(text, error.field) : std::nullopt;
  if (!found) return error;
  error.message.insert(prefix.size(), "line " + std::to_string(found->line) + ", column " +
                                          std::to_string(found->column) + ": ");
  return error;
}

}  // namespace rootlet
