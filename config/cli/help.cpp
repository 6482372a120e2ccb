// Lays out help: a title, then names on the left and their texts wrapped in a column on the right.
#include "config/cli/help.hpp"

#include <algorithm>

#include "config/output/readable.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kWidth = 100;      // of all help, in terminal columns
constexpr std::size_t kWidestName = 28;  // a longer one has a line of its own
const Text kUsage{.en = "Usage: ", .zh = "用法："};
const Text kCommands{.en = "Commands:", .zh = "命令："};
const Text kOptions{.en = "Options:", .zh = "选项："};
const Text kExample{.en = "Example:", .zh = "示例："};
const Text kRequired{.en = " (required)", .zh = "（必填）"};
const Text kFirstDay{.en = "To begin:", .zh = "开始使用："};

struct Entry {
  std::string name, help;
};

// Names on the left, their help behind them in one column.
std::string entries_text(const std::vector<Entry>& entries) {
  std::size_t width = 0;
  for (const Entry& entry : entries) {
    const std::size_t wanted = display_width(entry.name);
    if (wanted <= kWidestName) width = std::max(width, wanted);
  }
  const std::size_t column = width + 4;
  std::string out;
  for (const Entry& entry : entries) {
    const bool fits = display_width(entry.name) <= width;
    out += "  " + (fits ? fit_to_width(entry.name, width) + "  "
                        : entry.name + "\n" + std::string(column, ' '));
    out += wrapped(entry.help, kWidth, column) + "\n";
  }
  return out;
}

std::string section(const Text& title, const std::string& body, Language language) {
  return body.empty() ? "" : "\n" + title.in(language) + "\n" + body;
}

std::string indented(const std::string& lines) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    out += "  " + lines.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

std::string paragraph(const Text& text, Language language) {
  return text.empty() ? "" : "\n" + wrapped(text.in(language), kWidth) + "\n";
}

std::string commands_text(const Program& program, std::string_view group, Language language) {
  std::vector<Entry> entries;
  for (const Command& command : program.commands) {
    if (group.empty() || command.name.starts_with(std::string(group) + " ")) {
      entries.push_back({command.name, command.summary.in(language)});
    }
  }
  return entries_text(entries);
}

}  // namespace

std::string usage_of(const Program& program, const Command& command) {
  std::string usage;
  for (const std::string& form : command.own_usage) {
    usage += (usage.empty() ? "" : "\n") + program.name + " " + form;
  }
  if (!usage.empty()) return usage;
  usage = program.name + " " + command.name;
  for (const Positional& positional : command.positionals) {
    const std::string name = positional.name + (positional.may_repeat ? "…" : "");
    usage += positional.is_optional ? " [" + name + "]" : " " + name;
  }
  for (const OptionSpec& option : command.options) {
    if (option.is_required) usage += " --" + option.name + " " + option.value_name;
  }
  return usage + " [OPTIONS]";
}

std::string options_help(const std::vector<OptionSpec>& options, Language language) {
  std::vector<Entry> entries;
  for (const OptionSpec& option : options) {
    entries.push_back(
        {"--" + option.name + (option.is_switch() ? "" : " " + option.value_name) +
             (option.may_repeat ? " …" : ""),
         option.help.in(language) + (option.is_required ? kRequired.in(language) : std::string())});
  }
  return entries_text(entries);
}

std::string program_help(const Program& program, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out = kUsage.in(language) + program.name +
                    (zh ? " [选项] 命令 [参数]" : " [OPTIONS] COMMAND …") + "\n";
  out += paragraph(program.summary, language);
  out += section(kCommands, commands_text(program, "", language), language);
  out += section(kOptions, options_help(general_options(program), language), language);
  out += section(kFirstDay, indented(program.example.in(language)), language);
  out += paragraph(program.details, language);
  out += paragraph(exit_codes_text(), language);
  return out + (zh ? "\n每个命令的说明：" + program.name + " 命令 --help\n"
                   : "\nHelp for one command: " + program.name + " COMMAND --help\n");
}

std::string group_help(const Program& program, std::string_view group, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out = kUsage.in(language) + program.name + " " + std::string(group) +
                    (zh ? " 命令 [参数]" : " COMMAND …") + "\n";
  out += section(kCommands, commands_text(program, group, language), language);
  return out + (zh ? "\n每个命令的说明：" : "\nHelp for one command: ") + program.name + " " +
         std::string(group) + (zh ? " 命令 --help\n" : " COMMAND --help\n");
}

std::string command_help(const Program& program, const Command& command, Language language) {
  const bool zh = language == Language::kChinese;
  const std::string& label = kUsage.in(language);
  std::string usage = usage_of(program, command);
  const std::string margin = "\n" + std::string(display_width(label), ' ');
  for (std::size_t at = 0; (at = usage.find('\n', at)) != std::string::npos; at += margin.size()) {
    usage.replace(at, 1, margin);
  }
  std::string out = label + usage + "\n";
  out += paragraph(command.summary, language) + paragraph(command.details, language);
  out += section(kOptions, options_help(options_of(command), language), language);
  out += section(kExample, indented(command.example.in(language)), language);
  return out + (zh ? "\n通用选项见 " + program.name + " --help\n"
                   : "\nGeneral options: " + program.name + " --help\n");
}

Text exit_codes_text() {
  return {.en =
              "Exit codes: 0 done, 1 internal error, 2 usage or configuration, 3 upstream not "
              "reachable, 4 trust refused, 5 not permitted, 6 storage, 7 not enrolled, 8 bad "
              "input.",
          .zh =
              "退出码：0 完成，1 内部错误，2 用法或配置有误，3 无法连接上级，4 签名校验未通过，"
              "5 未获授权，6 存储故障，7 尚未注册，8 输入有误。"};
}

}  // namespace rootlet
