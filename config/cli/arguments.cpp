// Boost.Program_options splits the words; unknown and doubled options are collected here, because
// Boost would name only the first.
#include "config/cli/arguments.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <limits>

#include "config/cli/suggestion.hpp"
#include "config/output/readable.hpp"

namespace rootlet {
namespace {

namespace po = boost::program_options;

const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionSpec& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

po::options_description description_of(std::span<const OptionSpec> options) {
  po::options_description description;
  for (const OptionSpec& option : options) {
    const std::string name = option.name == "help" ? "help,h" : option.name;
    if (option.is_switch()) {
      description.add_options()(name.c_str(), "");
    } else {
      description.add_options()(name.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
  return description;
}

// Boost's parser throws; nothing of that leaves this function.
Result<po::parsed_options> parse_words(std::span<const OptionSpec> options,
                                       std::span<const std::string> words) {
  try {
    const po::options_description description = description_of(options);
    const int style = po::command_line_style::unix_style &
                      ~static_cast<int>(po::command_line_style::allow_guessing);
    return po::command_line_parser(std::vector<std::string>(words.begin(), words.end()))
        .options(description)
        .style(style)
        .allow_unregistered()
        .run();
  } catch (const po::error& error) {
    return fail(ErrorCode::kUsage, error.what());
  }
}

Error unknown_options(std::span<const OptionSpec> options,
                      const std::vector<std::string>& unknown) {
  std::vector<std::string> known, near;
  for (const OptionSpec& option : options) known.push_back("--" + option.name);
  for (const std::string& one : unknown) {
    for (std::string& name : nearest_words(one.substr(0, one.find('=')), known)) {
      if (std::find(near.begin(), near.end(), name) == near.end()) near.push_back(std::move(name));
    }
  }
  Error error = fail(ErrorCode::kUsage, "unknown option: " + joined(unknown, ", "));
  error.hint = did_you_mean(near);
  return error;
}

std::string range_text(std::int64_t min, std::int64_t max) {
  if (max == std::numeric_limits<std::int64_t>::max()) return "of at least " + std::to_string(min);
  return "from " + std::to_string(min) + " to " + std::to_string(max);
}

// kUsage if a value is none of the option's choices.
Status check_choice(const OptionSpec& option, const std::string& value) {
  const auto& choices = option.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return ok();
  }
  Error error = fail(ErrorCode::kUsage, "--" + option.name + " is '" + value +
                                            "', but must be one of: " + joined(choices, ", "));
  error.field = option.name;
  error.hint = did_you_mean(nearest_words(value, choices));
  return error;
}

Error missing(const Command& command, std::string_view usage, const std::string& what) {
  return fail(ErrorCode::kUsage,
              command.name + ": " + what + " is missing; usage: " + std::string(usage));
}

}  // namespace

Arguments Arguments::unread(std::vector<std::string> words) {
  Arguments out;
  out.positionals_ = std::move(words);
  return out;
}

std::string Arguments::value(std::string_view name, std::string fallback) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return fallback;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  std::vector<std::string> parts;
  const std::string all = value(name);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(',', begin), all.size());
    if (end > begin) parts.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<std::int64_t> Arguments::number(std::string_view name, std::int64_t min, std::int64_t max,
                                       std::int64_t fallback) const {
  if (!has(name)) return fallback;
  const std::string digits = value(name);
  const char* end = digits.data() + digits.size();
  std::int64_t number = 0;
  const auto [rest, failed] = std::from_chars(digits.data(), end, number);
  if (failed == std::errc() && rest == end && number >= min && number <= max) return number;
  Error error = fail(ErrorCode::kUsage,
                     "--" + std::string(name) + " must be a whole number " + range_text(min, max));
  error.field = std::string(name);
  return error;
}

Status Arguments::name_positionals(const Command& command, std::string_view usage) {
  const bool takes_more = !command.positionals.empty() && command.positionals.back().may_repeat;
  for (std::size_t i = 0; i < positionals_.size(); ++i) {
    if (i >= command.positionals.size()) {
      if (takes_more) {
        values_[command.positionals.back().name].push_back(positionals_[i]);
        continue;
      }
      return fail(ErrorCode::kUsage, command.name + ": unexpected argument \"" + positionals_[i] +
                                         "\"; usage: " + std::string(usage));
    }
    values_[command.positionals[i].name] = {positionals_[i]};
  }
  for (const Positional& positional : command.positionals) {
    if (!positional.is_optional && !has(positional.name)) {
      return missing(command, usage, positional.name);
    }
  }
  for (const OptionSpec& option : command.options) {
    for (const std::string& value : values(option.name)) {
      ROOTLET_TRY(check_choice(option, value));
    }
    if (!option.is_required || has(option.name)) continue;
    Error error = missing(command, usage, "--" + option.name);
    error.hint = {.en = "--" + option.name + " " + option.value_name + ": " + option.help.en,
                  .zh = "--" + option.name + " " + option.value_name + "：" + option.help.zh};
    return error;
  }
  return ok();
}

Result<Arguments> parse_arguments(std::span<const OptionSpec> options,
                                  std::span<const std::string> words) {
  ROOTLET_TRY(const po::parsed_options parsed, parse_words(options, words));
  Arguments out;
  std::vector<std::string> unknown, doubled;
  for (const po::option& option : parsed.options) {
    if (option.unregistered) {
      unknown.push_back(option.original_tokens.front());
    } else if (option.position_key >= 0) {
      out.positionals_.insert(out.positionals_.end(), option.value.begin(), option.value.end());
    } else {
      auto& values = out.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
  }
  if (!unknown.empty()) return unknown_options(options, unknown);
  for (const auto& [name, values] : out.values_) {
    const OptionSpec* option = find_option(options, name);
    if (!option->may_repeat && values.size() > 1) doubled.push_back("--" + name);
  }
  if (doubled.empty()) return out;
  return fail(ErrorCode::kUsage, "given more than once: " + joined(doubled, ", "));
}

std::size_t find_positional(std::span<const OptionSpec> options, std::span<const std::string> words,
                            std::size_t from) {
  std::size_t at = from;
  while (at < words.size() && words[at].starts_with("-") && words[at].size() > 1 &&
         words[at] != "--") {
    const OptionSpec* option = words[at].starts_with("--")
                                   ? find_option(options, std::string_view(words[at]).substr(2))
                                   : nullptr;
    at += option != nullptr && !option->is_switch() ? 2 : 1;
  }
  return std::min(at, words.size());
}

}  // namespace rootlet
