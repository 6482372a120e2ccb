// Parses a configuration file: "key = value" lines, and comments that begin with '#' or ';', on a
// line of their own or behind a value and a blank. A value that holds such a mark behind a blank
// goes into double quotes. Knows no keys. Sections, lines without '=' and open quotes are mistakes
// with their line number.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace rootlet {

struct SettingLine {
  std::string key;
  std::string value;  // without blanks, comment and double quotes around it
  std::string where;  // "<file>:<line>"
};

struct SettingFile {
  std::vector<SettingLine> lines;
  std::vector<SettingMistake> mistakes;
  Text notice = {};  // how the file was read, if not as UTF-8
};

SettingFile read_setting_file(const std::filesystem::path& path);
SettingFile parse_setting_file(std::string_view text, const std::string& name);

}  // namespace rootlet
