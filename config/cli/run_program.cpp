// Finds the command's name with every option of every command in view, because options may come
// before it and between its words; then parses with the options of that command alone.
#include "config/cli/run_program.hpp"

#include <algorithm>
#include <cstdio>

#include "config/cli/help.hpp"
#include "config/cli/suggestion.hpp"
#include "config/output/pager.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

using Words = std::vector<std::string>;

// What the words name. Without a command they name a group, or nothing.
struct Found {
  const Command* command = nullptr;
  std::string group = {};
  Words rest = {};  // the words without the name
};

// Every option there is, to tell a command's name from the value of an option before it.
std::vector<OptionSpec> every_option(const Program& program) {
  std::vector<OptionSpec> out = general_options(program);
  for (const Command& command : program.commands) {
    const std::vector<OptionSpec> own = options_of(command);
    out.insert(out.end(), own.begin(), own.end());
  }
  return out;
}

const Command* default_of(const Program& program, std::string_view group) {
  for (const Command& command : program.commands) {
    if (command.is_default && command.group() == group) return &command;
  }
  return nullptr;
}

Error no_such_command(const Program& program, const std::string& name) {
  Words known;
  for (const Command& command : program.commands) {
    known.push_back(command.name);
    const std::string group = command.group();
    if (std::find(known.begin(), known.end(), group) == known.end()) known.push_back(group);
  }
  Error error = fail(ErrorCode::kUsage,
                     "there is no command \"" + name + "\"; see " + program.name + " --help");
  error.hint = did_you_mean(nearest_words(name, known));
  return error;
}

Result<Found> find_named(const Program& program, const Words& words) {
  const std::vector<OptionSpec> options = every_option(program);
  const std::size_t first = find_positional(options, words);
  Found found{.rest = words};
  const auto drop = [&](std::size_t at) {
    found.rest.erase(found.rest.begin() + static_cast<std::ptrdiff_t>(at));
  };
  std::string name;
  for (std::size_t at = first, dropped = 0; at < words.size(); ++dropped) {
    name += (name.empty() ? "" : " ") + words[at];
    drop(at - dropped);
    found.command = find_command(program, name);
    if (found.command != nullptr) {
      // A grammar of its own begins after the name; options before it are general ones.
      const bool is_apart = !found.command->own_usage.empty();
      if (is_apart)
        found.rest.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      return found;
    }
    if (!is_group(program, name)) return no_such_command(program, name);
    at = find_positional(options, words, at + 1);
  }
  found.group = name;
  return found;
}

Result<int> print(const CliOutput& output, const std::string& text) {
  const Pager pager(output);
  ROOTLET_TRY(output.print(text));
  return 0;
}

std::string version_text(const Program& program) {
  return program.name + " " ROOTLET_VERSION "\n";
}

// `help`, `help COMMAND`, `help GROUP`.
Result<int> run_help(const Program& program, std::span<const std::string> words,
                     const CliOutput& output) {
  std::string name;
  for (const std::string& word : words) {
    if (!word.starts_with('-')) name += (name.empty() ? "" : " ") + word;
  }
  if (name.empty()) return print(output, program_help(program, output.language));
  if (is_group(program, name)) return print(output, group_help(program, name, output.language));
  const Command* command = find_command(program, name);
  if (command == nullptr) return no_such_command(program, name);
  return print(output, command_help(program, *command, output.language));
}

// Only a group was named, or nothing.
Result<int> run_without_command(const Program& program, const Found& found,
                                const CliOutput& output) {
  std::vector<OptionSpec> options = general_options(program);
  options.push_back(json_option());
  ROOTLET_TRY(const Arguments arguments, parse_arguments(options, found.rest));
  if (arguments.has("version")) return print(output, version_text(program));
  const std::string help = found.group.empty() ? program_help(program, output.language)
                                               : group_help(program, found.group, output.language);
  if (arguments.has("help")) return print(output, help);
  std::fputs(help.c_str(), stderr);
  return exit_code_of(ErrorCode::kUsage);
}

bool asks_for_help(const Words& words) {
  return std::find(words.begin(), words.end(), "--help") != words.end() ||
         std::find(words.begin(), words.end(), "-h") != words.end();
}

Result<int> run_command(const Program& program, const Command& command, const Words& words,
                        CliOutput& output) {
  if (!command.own_usage.empty()) {
    if (asks_for_help(words)) return print(output, command_help(program, command, output.language));
    return command.run({Arguments::unread(words), output});
  }
  std::vector<OptionSpec> options = general_options(program);
  const std::vector<OptionSpec> own = options_of(command);
  options.insert(options.end(), own.begin(), own.end());
  ROOTLET_TRY(Arguments arguments, parse_arguments(options, words));
  output.json = arguments.has("json");
  output.quiet = arguments.has("quiet");
  if (arguments.has("help")) return print(output, command_help(program, command, output.language));
  if (arguments.has("version")) return print(output, version_text(program));
  ROOTLET_TRY(arguments.name_positionals(command, usage_of(program, command)));
  return command.run({arguments, output});
}

// Bytes that are not UTF-8 would spoil the ledger, JSON and the terminal: they go no further.
Status check_words(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_utf8(words[i])) continue;
    std::string which = "argument " + std::to_string(i + 1);
    const bool is_joined = words[i].starts_with("--") && words[i].find('=') != std::string::npos;
    const std::string before = is_joined ? words[i].substr(0, words[i].find('='))
                               : i > 0   ? words[i - 1]
                                         : "";
    if (!before.empty() && is_utf8(before))
      which += is_joined ? " (" + before + ")" : " (after " + before + ")";
    Error error = fail(ErrorCode::kUsage, which + " is not UTF-8 text");
    error.field = "argument " + std::to_string(i + 1);
    error.hint = {
        .en = "Set the terminal to UTF-8, or put the text into a file and save it as UTF-8.",
        .zh = "第 " + std::to_string(i + 1) + " 个参数不是 UTF-8 文本。请将终端编码设为 UTF-8。"};
    return error;
  }
  return ok();
}

Result<int> run_words(const Program& program, const Words& words, CliOutput& output) {
  ROOTLET_TRY(check_words(words));
  const std::size_t first = find_positional(every_option(program), words);
  if (first < words.size() && words[first] == "help") {
    return run_help(program, std::span(words).subspan(first + 1), output);
  }
  ROOTLET_TRY(Found found, find_named(program, words));
  // The help of a group is about all its commands, also if one of them is its default.
  if (!found.group.empty() && !asks_for_help(found.rest)) {
    found.command = default_of(program, found.group);
  }
  if (found.command == nullptr) return run_without_command(program, found, output);
  return run_command(program, *found.command, found.rest, output);
}

}  // namespace

int run_program(const Program& program, std::span<const std::string> words) {
  CliOutput output = CliOutput::of_process(program.name);
  // A mistake on the command line is reported as JSON too.
  output.json = std::find(words.begin(), words.end(), "--json") != words.end();
  const Result<int> code = run_words(program, Words(words.begin(), words.end()), output);
  return code.has_error() ? output.fail_with(code.error()) : code.value();
}

}  // namespace rootlet
