#include "agent/cli/cli.hpp"

#include <iostream>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/trust_command.hpp"
#include "agent/office/trusted_clock.hpp"

namespace rootlet::agent {
namespace {

class SilentSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
};

std::vector<Command> all_commands() {
  std::vector<Command> out;
  for (auto* group : {&care_commands, &read_commands, &record_commands}) {
    for (Command& command : (*group)()) out.push_back(std::move(command));
  }
  return out;
}

std::vector<OptionSpec> general_options() {
  std::vector<OptionSpec> out = setting_options();
  out.push_back({.name = "help",
                 .kind = OptionSpec::Kind::kSwitch,
                 .help = {.en = "explain, and do nothing", .zh = "显示说明"}});
  out.push_back({.name = "version",
                 .kind = OptionSpec::Kind::kSwitch,
                 .help = {.en = "the program's version", .zh = "显示版本"}});
  return out;
}

// Every command's options, to find where the command itself stands.
std::vector<OptionSpec> every_option(const std::vector<Command>& commands) {
  std::vector<OptionSpec> out = general_options();
  for (const Command& command : commands) {
    out.insert(out.end(), command.options.begin(), command.options.end());
  }
  return out;
}

std::string overview(const std::vector<Command>& commands, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out =
      zh ? "用法：rootlet [选项] 命令 [参数]\n\n" : "Usage: rootlet [OPTIONS] COMMAND …\n\n";
  const auto line = [&](std::string_view name, const std::string& words) {
    out += "  " + fit_to_width(name, 13) + " " + words + "\n";
  };
  for (const Command& command : commands) line(command.name, command.summary.in(language));
  line("trust",
       zh ? "通用的 The Update Framework 客户端" : "a plain client of The Update Framework");
  out += zh ? "\n选项：\n" : "\nOptions:\n";
  out += describe_options(general_options(), language);
  out += zh ? "\n每个命令都有说明：rootlet 命令 --help\n"
            : "\nEach command explains itself: rootlet COMMAND --help\n";
  return out;
}

std::string explanation(const Command& command, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out = (zh ? "用法：rootlet " : "Usage: rootlet ") + std::string(command.name);
  if (!command.usage.empty()) out += " " + std::string(command.usage);
  out += "\n\n" + command.help.in(language) + "\n";
  if (!command.options.empty()) {
    out += (zh ? "\n选项：\n" : "\nOptions:\n") + describe_options(command.options, language);
  }
  out += zh ? "\n通用选项见 rootlet --help\n" : "\nGeneral options: rootlet --help\n";
  return out;
}

const Command* find_command_named(const std::vector<Command>& commands, std::string_view name) {
  for (const Command& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

Status check_words(const Command& command, const Arguments& arguments) {
  const std::size_t words = arguments.positionals().size();
  if (words >= command.min_words && words <= command.max_words) return ok();
  return fail(ErrorCode::kUsage,
              std::string(words < command.min_words ? "something is missing" : "too many words") +
                  ": rootlet " + std::string(command.name) + " " + std::string(command.usage));
}

int run_command(const Command& command, const Arguments& arguments, const CliOutput& output) {
  const LoadedSettings loaded = load_settings(arguments, process_environment());
  if (!loaded.mistakes.empty() && command.name != "check-config") {
    return output.fail_with(mistakes_error(loaded.mistakes));
  }
  set_log_level(loaded.settings.log_level);
  const AgentContext context{.home = Home(loaded.settings.home),
                             .settings = loaded.settings,
                             .clock = &system_clock(),
                             .boot = current_boot()};
  const Result<int> code = command.run({context, loaded, arguments, output});
  return code.has_error() ? output.fail_with(code.error()) : code.value();
}

int print_or_fail(const CliOutput& output, const std::string& text) {
  const Status printed = output.print(text);
  return printed.has_error() ? output.fail_with(printed.error()) : 0;
}

// A first word that is no command, or none at all.
int without_command(const std::vector<Command>& commands, const std::vector<std::string>& words,
                    const CliOutput& output) {
  const Result<Arguments> arguments = parse_arguments(general_options(), words);
  if (arguments.has_error()) return output.fail_with(arguments.error());
  if (arguments.value().has("version")) {
    return print_or_fail(output, "rootlet " ROOTLET_VERSION "\n");
  }
  const std::string text = overview(commands, output.language);
  if (arguments.value().has("help")) return print_or_fail(output, text);
  output.tell(text);
  return exit_code_of(ErrorCode::kUsage);
}

}  // namespace

OptionSpec json_option() {
  return {.name = "json",
          .kind = OptionSpec::Kind::kSwitch,
          .help = {.en = "as JSON, for programs", .zh = "以 JSON 输出"}};
}

Result<json::object> call_service(const CommandRun& run, std::string_view command,
                                  json::object args) {
  SilentSink sink;
  return AgentClient(run.context).call(command, std::move(args), sink);
}

int run_cli(const std::vector<std::string>& arguments) {
  const std::vector<Command> commands = all_commands();
  CliOutput output{.language = language_from_environment()};
  const std::size_t at = find_command(every_option(commands), arguments);
  std::vector<std::string> words = arguments;
  if (at == arguments.size()) return without_command(commands, words, output);
  const std::string name = arguments[at];
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  if (name == "trust") {
    return run_trust_command(
        {arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end()}, std::cout,
        std::cerr);
  }
  if (name == "help") {
    const Command* asked = words.empty() ? nullptr : find_command_named(commands, words.back());
    return print_or_fail(output, asked == nullptr ? overview(commands, output.language)
                                                  : explanation(*asked, output.language));
  }
  const Command* command = find_command_named(commands, name);
  if (command == nullptr) {
    return output.fail_with(
        fail(ErrorCode::kUsage, "there is no command '" + name + "'; see rootlet --help"));
  }
  std::vector<OptionSpec> options = general_options();
  options.insert(options.end(), command->options.begin(), command->options.end());
  const Result<Arguments> parsed = parse_arguments(options, words);
  if (parsed.has_error()) return output.fail_with(parsed.error());
  output.json = parsed.value().has("json");
  if (parsed.value().has("help")) {
    return print_or_fail(output, explanation(*command, output.language));
  }
  if (parsed.value().has("version")) {
    return print_or_fail(output, "rootlet " ROOTLET_VERSION "\n");
  }
  const Status fits = check_words(*command, parsed.value());
  if (fits.has_error()) return output.fail_with(fits.error());
  return run_command(*command, parsed.value(), output);
}

}  // namespace rootlet::agent
