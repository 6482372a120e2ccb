// Parses a configuration file: "key = value" lines, and comments that begin with '#' or ';'. Knows
// no keys. Reports sections and lines without '=' as mistakes with their line number.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace rootlet {

struct SettingLine {
  std::string key;
  std::string value;  // without blanks and without one pair of double quotes around it
  std::string where;  // "<file>:<line>"
};

struct SettingFile {
  std::vector<SettingLine> lines;
  std::vector<SettingMistake> mistakes;
};

SettingFile read_setting_file(const std::filesystem::path& path);
SettingFile parse_setting_file(std::string_view text, const std::string& name);

}  // namespace rootlet
