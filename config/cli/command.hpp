// What a program's command line offers, as data. The parser, --help, the man pages and the shell
// completions all come from these descriptions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

class Arguments;
struct CliOutput;

// What a value names, so that a shell can complete it.
enum class ValueType { kText, kFile, kFolder };

struct OptionSpec {
  std::string name;             // "limit-rate", without dashes
  std::string value_name = {};  // "RATE", for help; a switch has none and takes no value
  Text help = {};
  bool is_required = false;
  bool may_repeat = false;
  ValueType type = ValueType::kText;
  std::vector<std::string> choices = {};  // the values there are, for help and completion

  bool is_switch() const { return value_name.empty(); }
};

struct Positional {
  std::string name;  // "FILE"; upper case, so that it cannot be taken for an option
  bool is_optional = false;
  ValueType type = ValueType::kText;
  bool may_repeat = false;  // the last one only: takes every further word too
};

// What a command receives.
struct CommandInput {
  const Arguments& arguments;
  const CliOutput& output;
};

// Returns the exit code.
using CommandFunction = std::function<Result<int>(const CommandInput&)>;

struct Command {
  std::string name;   // "status", "outbox show" or "dataset source set"
  Text summary = {};  // one line, imperative, without a full stop
  Text details = {};  // sentences
  Text example = {};  // command lines, one to a line
  std::vector<Positional> positionals = {};
  std::vector<OptionSpec> options = {};
  bool has_json = true;     // adds --json
  bool is_default = false;  // also runs if only the first word of its name is given
  // For a command with a grammar of its own: its usage, one form to a line, without the program's
  // name. It receives the words after its name as positionals, options among them.
  std::vector<std::string> own_usage = {};
  CommandFunction run = nullptr;

  std::string group() const;  // the first word of a name of several words, else ""
};

struct Program {
  std::string name;  // "rootlet"
  Text summary = {};
  Text details = {};                     // sentences at the end of --help
  Text example = {};                     // command lines of a first day
  std::vector<OptionSpec> options = {};  // general ones, before or after any command
  std::vector<Command> commands = {};    // in the order of --help
};

// --json, --quiet, --help and --version, which every program has.
OptionSpec json_option();
std::vector<OptionSpec> common_options();

// The program's general options and the common ones.
std::vector<OptionSpec> general_options(const Program& program);
// The command's own options, with --json if it has it.
std::vector<OptionSpec> options_of(const Command& command);

// Null if there is no command of this name.
const Command* find_command(const Program& program, std::string_view name);
// Whether commands have names that begin with these words and go on.
bool is_group(const Program& program, std::string_view words);

}  // namespace rootlet
