// The command descriptions of both programs: complete in both languages, and without contradiction.
#include <set>

#include "agent/cli/cli.hpp"
#include "config/cli/help.hpp"
#include "platform/cli/cli.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

const std::vector<Program>& programs() {
  static const std::vector<Program> kPrograms = {agent::agent_program(),
                                                 platform::platform_program()};
  return kPrograms;
}

bool has_both(const Text& text) {
  return !text.en.empty() && !text.zh.empty() && display_width(text.zh) > 0 && text.en != text.zh;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    widest = std::max(widest, display_width(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

}  // namespace

TEST_CASE("programs: every command and option is described in English and Chinese") {
  for (const Program& program : programs()) {
    CHECK(has_both(program.summary));
    for (const OptionSpec& option : general_options(program)) {
      CAPTURE(option.name);
      CHECK(has_both(option.help));
    }
    for (const Command& command : program.commands) {
      CAPTURE(command.name);
      CHECK(has_both(command.summary));
      CHECK_FALSE(command.summary.en.ends_with("."));
      CHECK((command.details.empty() || has_both(command.details)));
      CHECK(command.example.en.find(program.name + " ") != std::string::npos);
      for (const OptionSpec& option : options_of(command)) {
        CAPTURE(option.name);
        CHECK(has_both(option.help));
      }
    }
  }
}

TEST_CASE("programs: the help of a command names every option, in both languages") {
  for (const Program& program : programs()) {
    for (const Command& command : program.commands) {
      CAPTURE(command.name);
      for (const Language language : {Language::kEnglish, Language::kChinese}) {
        const std::string help = command_help(program, command, language);
        CHECK(help.find(program.name + " " + command.name) != std::string::npos);
        const std::string& example = command.example.in(language);
        CHECK(help.find("  " + example.substr(0, example.find('\n'))) != std::string::npos);
        for (const OptionSpec& option : options_of(command)) {
          CHECK(help.find("--" + option.name) != std::string::npos);
        }
        for (const Positional& positional : command.positionals) {
          CHECK(help.find(positional.name) != std::string::npos);
        }
        CHECK(is_utf8(help));
      }
    }
  }
}

TEST_CASE("programs: the help of a program names every command and general option") {
  for (const Program& program : programs()) {
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const std::string help = program_help(program, language);
      for (const OptionSpec& option : general_options(program)) {
        CHECK(help.find("--" + option.name) != std::string::npos);
      }
      for (const Command& command : program.commands) {
        CAPTURE(command.name);
        CHECK(help.find("\n  " + command.name + " ") != std::string::npos);
        if (command.group().empty()) continue;
        CHECK(group_help(program, command.group(), language).find(command.summary.in(language)) !=
              std::string::npos);
      }
      CHECK(widest_line(help) <= 110);  // only command lines of an example may be longer than 100
    }
  }
}

TEST_CASE("programs: an option has one form in all commands of a program, and no name twice") {
  for (const Program& program : programs()) {
    std::map<std::string, bool> is_switch;
    std::set<std::string> names;
    for (const OptionSpec& option : general_options(program)) {
      is_switch[option.name] = option.is_switch();
    }
    const auto general = is_switch;
    for (const Command& command : program.commands) {
      CAPTURE(command.name);
      CHECK(names.insert(command.name).second);
      CHECK_FALSE(is_group(program, command.name));
      std::set<std::string> own;
      for (const OptionSpec& option : options_of(command)) {
        CAPTURE(option.name);
        CHECK(own.insert(option.name).second);
        CHECK_FALSE(general.contains(option.name));
        CHECK(is_switch.emplace(option.name, option.is_switch()).first->second ==
              option.is_switch());
      }
      bool optional_seen = false;
      for (const Positional& positional : command.positionals) {
        CHECK((positional.is_optional || !optional_seen));
        optional_seen = positional.is_optional;
      }
    }
  }
}
