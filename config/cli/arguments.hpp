// A command line, read by Boost.Program_options from the descriptions of its options. Only
// arguments.cpp knows Boost's names. Never guesses an option from a prefix.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cli/command.hpp"

namespace rootlet {

class Arguments {
 public:
  // For a command with a grammar of its own: its words, unread.
  static Arguments unread(std::vector<std::string> words);

  // `name` is an option without dashes or, after name_positionals(), a positional's name.
  bool has(std::string_view name) const { return values_.contains(name); }
  // The value, the last one of several, or `fallback` if there is none.
  std::string value(std::string_view name, std::string fallback = "") const;
  std::vector<std::string> values(std::string_view name) const;
  // The value, split at commas, without empty parts.
  std::vector<std::string> list(std::string_view name) const;
  // The value as a number, `fallback` if absent. kUsage unless it is a whole number from `min` to
  // `max`.
  Result<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max,
                              std::int64_t fallback) const;

  const std::vector<std::string>& positionals() const { return positionals_; }

  // Makes the positionals available under the names of `command`; values() has all words of one
  // that may repeat. kUsage if one is missing or too many are given, if a required option is
  // missing, or if a value is none of its option's choices.
  Status name_positionals(const Command& command, std::string_view usage);

 private:
  friend Result<Arguments> parse_arguments(std::span<const OptionSpec>,
                                           std::span<const std::string>);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positionals_;
};

// kUsage, naming every unknown option, or every option that must not repeat and does. "--" ends the
// options; "-" is a positional; "-h" is --help if there is such an option.
Result<Arguments> parse_arguments(std::span<const OptionSpec> options,
                                  std::span<const std::string> words);

// The index of the first word at or after `from` that is neither an option nor an option's value,
// or words.size().
std::size_t find_positional(std::span<const OptionSpec> options, std::span<const std::string> words,
                            std::size_t from = 0);

}  // namespace rootlet
