// Reads `key = value` lines and names file and line of every mistake.
#include "config/setting_file.hpp"

#include "core/file/file.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

void parse_line(std::string_view line, const std::string& where, SettingFile& out) {
  if (line.empty() || line.front() == '#' || line.front() == ';') return;
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
  const std::string_view value = unquoted(trimmed(line.substr(equals + 1)));
  out.lines.push_back({std::string(key), std::string(value), where});
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
  const Result<std::string> text = read_text_file(path, limits::kConfigFileBytes);
  if (text.has_error()) {
    SettingFile out;
    out.mistakes.push_back({path.string(), "", text.error().message});
    return out;
  }
  if (!is_utf8(text.value())) {
    SettingFile out;
    out.mistakes.push_back({path.string(), "", "is not UTF-8 text"});
    return out;
  }
  return parse_setting_file(text.value(), path.string());
}

}  // namespace rootlet
