// Usage lines and look-up of commands by one, two or three words.
#include "config/cli/command.hpp"

#include <algorithm>

namespace rootlet {

std::string Command::group() const {
  const std::size_t blank = name.find(' ');
  return blank == std::string::npos ? "" : name.substr(0, blank);
}

OptionSpec json_option() {
  return {.name = "json", .help = {.en = "report as JSON, for programs", .zh = "以 JSON 输出"}};
}

std::vector<OptionSpec> common_options() {
  return {{.name = "quiet",
           .help = {.en = "no progress and no notes on standard error; errors remain",
                    .zh = "不显示进度和提示，只显示错误"}},
          {.name = "help",
           .help = {.en = "explain, and do nothing; also -h", .zh = "显示说明，也可用 -h"}},
          {.name = "version", .help = {.en = "the program's version", .zh = "显示版本"}}};
}

std::vector<OptionSpec> general_options(const Program& program) {
  std::vector<OptionSpec> out = program.options;
  const std::vector<OptionSpec> common = common_options();
  out.insert(out.end(), common.begin(), common.end());
  return out;
}

std::vector<OptionSpec> options_of(const Command& command) {
  std::vector<OptionSpec> out = command.options;
  if (command.has_json) out.push_back(json_option());
  return out;
}

const Command* find_command(const Program& program, std::string_view name) {
  const auto found = std::find_if(program.commands.begin(), program.commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == program.commands.end() ? nullptr : &*found;
}

bool is_group(const Program& program, std::string_view words) {
  return std::any_of(program.commands.begin(), program.commands.end(), [&](const Command& command) {
    return command.name.starts_with(std::string(words) + " ");
  });
}

}  // namespace rootlet
