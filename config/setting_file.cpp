// Reads `key = value` lines and names file and line of every mistake.
#include "config/setting_file.hpp"

#include <optional>

#include "core/encoding/text_file.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool begins_comment(std::string_view text) {
  return text.starts_with('#') || text.starts_with(';');
}

// A '#' or ';' behind a blank begins a comment; one inside a word, as in a URL, does not.
std::string_view without_comment(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_apart = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t';
    if (is_apart && begins_comment(text.substr(at))) return trimmed(text.substr(0, at));
  }
  return text;
}

// The value in "text", which is as it stands between the quotes, or the words before a comment.
// Nullopt: the quote does not close, or something follows it.
std::optional<std::string_view> value_of(std::string_view text) {
  if (!text.starts_with('"')) return without_comment(text);
  const std::size_t close = text.find('"', 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trimmed(text.substr(close + 1));
  if (!rest.empty() && !begins_comment(rest)) return std::nullopt;
  return text.substr(1, close - 1);
}

void parse_line(std::string_view line, const std::string& where, SettingFile& out) {
  if (line.empty() || begins_comment(line)) return;
  if (line.front() == '[') {
    out.mistakes.push_back({where, "", "sections such as " + std::string(line) + " are not used"});
    return;
  }
  const std::size_t equals = line.find('=');
  const std::string_view key = trimmed(line.substr(0, equals));
  if (equals == std::string_view::npos || key.empty()) {
    out.mistakes.push_back({where, "", "is not a line like: key = value"});
    return;
  }
  const std::optional<std::string_view> value = value_of(trimmed(line.substr(equals + 1)));
  if (!value) {
    out.mistakes.push_back({where, std::string(key), "needs one closing quote at the value's end"});
    return;
  }
  out.lines.push_back({std::string(key), std::string(*value), where});
}

SettingFile unreadable(const std::string& path, const Error& error) {
  const std::string prefix = path + ": ";
  std::string message = error.message;
  if (message.starts_with(prefix)) message.erase(0, prefix.size());
  if (!error.hint.en.empty()) message += " (" + error.hint.en + ")";
  SettingFile out;
  out.mistakes.push_back({path, "", std::move(message)});
  return out;
}

}  // namespace

SettingFile parse_setting_file(std::string_view text, const std::string& name) {
  SettingFile out;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    parse_line(trimmed(text.substr(0, end)), name + ":" + std::to_string(++number), out);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

SettingFile read_setting_file(const std::filesystem::path& path) {
  const Result<PlainText> read = read_plain_text(path, limits::kConfigFileBytes);
  if (read.has_error()) return unreadable(path.string(), read.error());
  SettingFile out = parse_setting_file(read.value().text, path.string());
  out.notice = read.value().notice;
  return out;
}

}  // namespace rootlet
