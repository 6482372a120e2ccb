// A command line, read by Boost.Program_options from a list of option specifications. Only
// arguments.cpp knows Boost's names. No option is guessed from a prefix, and every unknown option
// is named at once.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

struct OptionSpec {
  enum class Kind { kSwitch, kValue, kList };  // present or not; one value; may be repeated
  std::string name;                            // "limit-rate", without dashes
  Kind kind = Kind::kValue;
  std::string value_name = {};  // "RATE", for help
  Text help = {};
};

class Arguments {
 public:
  bool has(std::string_view option) const;
  std::string value(std::string_view option,
                    std::string fallback = "") const;  // the last one given
  std::vector<std::string> values(std::string_view option) const;
  const std::vector<std::string>& positionals() const { return positionals_; }

 private:
  friend Result<Arguments> parse_arguments(std::span<const OptionSpec>,
                                           std::span<const std::string>);
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> positionals_;
};

// kUsage, naming every option that no specification has. "--" ends the options; "-" is no option.
Result<Arguments> parse_arguments(std::span<const OptionSpec> options,
                                  std::span<const std::string> arguments);

// The position of the first argument that is neither an option nor an option's value, or
// arguments.size().
std::size_t find_command(std::span<const OptionSpec> options,
                         std::span<const std::string> arguments);

// The options as help text, one to a line, in `language`.
std::string describe_options(std::span<const OptionSpec> options, Language language);

}  // namespace rootlet
