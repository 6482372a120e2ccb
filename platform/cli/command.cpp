#include "platform/cli/command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "platform/cli/print.hpp"

namespace rootlet::platform {
namespace {

namespace po = boost::program_options;

constexpr OptionSpec kEverywhere[] = {
    {"realm", "DIR", "the realm's folder; else ROOTLET_REALM, else this folder", false},
    {"json", "", "report as JSON", false},
    {"help", "", "show this help", false}};

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (auto list : {realm_commands(), service_commands(), catalogue_commands(), office_commands(),
                    inbox_commands(), pack_commands()}) {
    std::move(list.begin(), list.end(), std::back_inserter(all));
  }
  return all;
}

std::string usage_of(const Command& command) {
  std::string text = "rootlet-platform " + std::string(command.name);
  for (std::size_t i = 0; i < command.arguments.size(); ++i) {
    const bool optional = i + command.optional_arguments >= command.arguments.size();
    text += optional ? " [" + std::string(command.arguments[i]) + "]"
                     : " " + std::string(command.arguments[i]);
  }
  for (const OptionSpec& option : command.options) {
    if (!option.required) continue;
    text += " --" + std::string(option.name) + " " + std::string(option.value);
  }
  const bool has_more = std::any_of(command.options.begin(), command.options.end(),
                                    [](const OptionSpec& option) { return !option.required; });
  return text + (has_more ? " [options]" : "");
}

std::string option_lines(std::span<const OptionSpec> options) {
  std::string text;
  for (const OptionSpec& option : options) {
    std::string left = "  --" + std::string(option.name);
    if (!option.value.empty()) left += " " + std::string(option.value);
    text += fit_to_width(left, std::max<std::size_t>(26, left.size())) + "  " +
            std::string(option.help) + (option.required ? " (required)" : "") + "\n";
  }
  return text;
}

std::string help_of(const Command& command) {
  std::string text = "Usage: " + usage_of(command) + "\n\n" + std::string(command.summary) + "\n";
  if (!command.details.empty()) text += "\n" + std::string(command.details) + "\n";
  text += "\nOptions:\n" + option_lines(command.options) + option_lines(kEverywhere);
  return text + "\nExample:\n  " + std::string(command.example) + "\n";
}

std::string help_of_group(const std::vector<Command>& commands, std::string_view group) {
  TextTable table({"Command", "What it does"});
  for (const Command& command : commands) {
    if (!command.name.starts_with(std::string(group) + " ") && !group.empty()) continue;
    table.add({std::string(command.name), std::string(command.summary)});
  }
  std::string text = "Usage: rootlet-platform [--realm DIR] COMMAND …\n\n";
  if (group.empty()) {
    text +=
        "The upstream side of Rootlet: publishes datasets as signed, sealed packs and takes "
        "records in.\n\n";
  }
  text += table.text();
  text += "\nEvery command has --help with an example; those that report have --json.\n";
  if (!group.empty()) return text;
  return text +
         "\nA first day:\n"
         "  rootlet-platform init realm --name \"Example county\" --url https://sync.example\n"
         "  export ROOTLET_REALM=realm\n"
         "  rootlet-platform dataset add villages.json\n"
         "  rootlet-platform publish villages --from csv:villages.csv\n"
         "  rootlet-platform office add jiaxing --division 3304 --name 嘉兴 --out jiaxing.enroll\n"
         "  rootlet-platform grant add jiaxing villages --divisions 3304 --purposes "
         "address-lookup\n"
         "  rootlet-platform serve\n"
         "\nExit codes: 0 done, 1 internal, 2 usage, 3 not reachable, 4 trust refused, 5 not "
         "permitted,\n"
         "6 storage, 8 bad input.\n";
}

Error usage_error(std::string message) {
  return fail(ErrorCode::kUsage, std::move(message));
}

// The command line before the command: global options, then one word or two.
struct Found {
  const Command* command = nullptr;
  std::string group = {};              // a first word alone, or unknown
  std::vector<std::string> rest = {};  // behind the command, with the global options before it
  bool version = false, help = false;
};

bool is_group(const std::vector<Command>& commands, std::string_view word) {
  return std::any_of(commands.begin(), commands.end(), [&](const Command& command) {
    return command.name.starts_with(std::string(word) + " ");
  });
}

const Command* named(const std::vector<Command>& commands, std::string_view name) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

Result<Found> find_command(const std::vector<Command>& commands,
                           std::vector<std::string> arguments) {
  Found found;
  std::size_t at = 0;
  for (; at < arguments.size() && arguments[at].starts_with('-'); ++at) {
    const std::string& word = arguments[at];
    if (word == "--version") {
      found.version = true;
    } else if (word == "--help" || word == "-h") {
      found.help = true;
    } else if (word == "--json" || word.starts_with("--realm=")) {
      found.rest.push_back(word);
    } else if (word == "--realm" && at + 1 < arguments.size()) {
      found.rest.push_back("--realm=" + arguments[++at]);
    } else {
      return usage_error("unknown option " + word + " before a command");
    }
  }
  if (at == arguments.size()) return found;
  std::string name = arguments[at++];
  found.command = named(commands, name);
  if (found.command == nullptr) found.group = name;
  if (is_group(commands, name) && at < arguments.size() && !arguments[at].starts_with('-')) {
    name += " " + arguments[at++];
    found.command = named(commands, name);
    if (found.command == nullptr) return usage_error("there is no command \"" + name + "\"");
  }
  found.rest.insert(found.rest.end(), arguments.begin() + static_cast<long>(at), arguments.end());
  return found;
}

// Boost's parser throws; nothing of it leaves this function.
Result<po::parsed_options> parse_words(const Command& command,
                                       const std::vector<std::string>& words) {
  po::options_description description;
  const auto add = [&](const OptionSpec& option) {
    const std::string name(option.name);
    if (option.value.empty()) {
      description.add_options()(name.c_str(), "");
    } else {
      description.add_options()(name.c_str(), po::value<std::string>(), "");
    }
  };
  try {
    std::for_each(command.options.begin(), command.options.end(), add);
    std::for_each(std::begin(kEverywhere), std::end(kEverywhere), add);
    po::positional_options_description positions;
    positions.add("argument", -1);
    description.add_options()("argument", po::value<std::vector<std::string>>(), "");
    return po::command_line_parser(words)
        .options(description)
        .positional(positions)
        .style(po::command_line_style::allow_long | po::command_line_style::long_allow_next |
               po::command_line_style::long_allow_adjacent)
        .run();
  } catch (const std::exception& problem) {
    return usage_error(std::string(command.name) + ": " + problem.what());
  }
}

Result<std::map<std::string, std::string>> read_words(const Command& command,
                                                      const std::vector<std::string>& words) {
  ROOTLET_TRY(const po::parsed_options parsed, parse_words(command, words));
  std::map<std::string, std::string> values;
  std::size_t arguments = 0;
  for (const po::option& option : parsed.options) {
    const std::string value = option.value.empty() ? "" : option.value.front();
    if (option.position_key < 0) {
      if (values.contains(option.string_key) && option.string_key != "json") {
        return usage_error(std::string(command.name) + ": --" + option.string_key +
                           " is given twice");
      }
      values[option.string_key] = value;
      continue;
    }
    if (arguments == command.arguments.size()) {
      return usage_error(std::string(command.name) + ": \"" + value + "\" is one word too many");
    }
    values[std::string(command.arguments[arguments++])] = value;
  }
  return values;
}

Status check_words(const Command& command, const std::map<std::string, std::string>& values) {
  for (std::size_t i = 0; i + command.optional_arguments < command.arguments.size(); ++i) {
    const std::string name(command.arguments[i]);
    if (!values.contains(name)) {
      return usage_error(std::string(command.name) + ": " + name +
                         " is missing; usage: " + usage_of(command));
    }
  }
  for (const OptionSpec& option : command.options) {
    if (!option.required || values.contains(std::string(option.name))) continue;
    return usage_error(std::string(command.name) + ": --" + std::string(option.name) +
                       " is missing; usage: " + usage_of(command));
  }
  return ok();
}

// On standard error for people, on standard output for programs.
int report_error(const Error& error, bool as_json) {
  const Language language = language_from_environment();
  std::cerr << "rootlet-platform: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << error.hint.in(language) << '\n';
  std::cerr << advice_for(error.code).in(language) << std::endl;
  if (as_json) {
    print_json(json::object{{"error", json::object{{"code", name_of(error.code)},
                                                   {"message", error.message},
                                                   {"field", error.field}}}});
  }
  return exit_code_of(error.code);
}

Status run_found(const std::vector<Command>& commands, const Found& found, const Clock& clock) {
  if (found.version) {
    print_text("rootlet-platform " ROOTLET_VERSION "\n");
    return ok();
  }
  if (found.command == nullptr) {
    const bool known = found.group.empty() || is_group(commands, found.group);
    if (!known && found.group != "help") {
      return usage_error("there is no command \"" + found.group +
                         "\"; see rootlet-platform --help");
    }
    print_text(help_of_group(commands, known ? found.group : ""));
    return ok();
  }
  ROOTLET_TRY(auto values, read_words(*found.command, found.rest));
  if (found.help || values.contains("help")) {
    print_text(help_of(*found.command));
    return ok();
  }
  ROOTLET_TRY(check_words(*found.command, values));
  return found.command->run(CommandInput(std::move(values), clock));
}

}  // namespace

std::string CommandInput::text(std::string_view name, std::string fallback) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? std::move(fallback) : found->second;
}

Result<int> CommandInput::number(std::string_view name, int min, int max, int fallback) const {
  if (!has(name)) return fallback;
  const std::string digits = text(name);
  int value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code == std::errc() && end == digits.data() + digits.size() && value >= min && value <= max) {
    return value;
  }
  Error error = usage_error("--" + std::string(name) + " must be a number from " +
                            std::to_string(min) + " to " + std::to_string(max));
  error.field = std::string(name);
  return error;
}

std::vector<std::string> CommandInput::list(std::string_view name) const {
  std::vector<std::string> words;
  const std::string all = text(name);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(',', begin), all.size());
    if (end > begin) words.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

fs::path CommandInput::realm_folder() const {
  if (has("realm")) return text("realm");
  const char* named = std::getenv("ROOTLET_REALM");
  return named != nullptr && *named != '\0' ? fs::path(named) : fs::path(".");
}

int run_platform(std::span<const char* const> arguments, const Clock& clock) {
  const std::vector<std::string> words(arguments.begin(), arguments.end());
  const bool as_json = std::find(words.begin(), words.end(), "--json") != words.end();
  const std::vector<Command> commands = all_commands();
  const Result<Found> found = find_command(commands, words);
  if (found.has_error()) return report_error(found.error(), as_json);
  const Status status = run_found(commands, found.value(), clock);
  if (status.has_error()) return report_error(status.error(), as_json);
  return 0;
}

}  // namespace rootlet::platform
