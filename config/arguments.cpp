#include "config/arguments.hpp"

#include <algorithm>
#include <boost/program_options.hpp>

namespace rootlet {
namespace {

namespace po = boost::program_options;

po::options_description description_of(std::span<const OptionSpec> options) {
  po::options_description description;
  for (const OptionSpec& option : options) {
    if (option.kind == OptionSpec::Kind::kSwitch) {
      description.add_options()(option.name.c_str(), "");
    } else {
      description.add_options()(option.name.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
  return description;
}

const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionSpec& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace

bool Arguments::has(std::string_view option) const {
  return options_.contains(option);
}

std::string Arguments::value(std::string_view option, std::string fallback) const {
  const auto found = options_.find(option);
  if (found == options_.end() || found->second.empty()) return fallback;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = options_.find(option);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

Result<Arguments> parse_arguments(std::span<const OptionSpec> options,
                                  std::span<const std::string> arguments) {
  Arguments out;
  std::string unknown;
  try {
    const po::options_description description = description_of(options);
    const int style = po::command_line_style::unix_style &
                      ~static_cast<int>(po::command_line_style::allow_guessing);
    const po::parsed_options parsed =
        po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
            .options(description)
            .style(style)
            .allow_unregistered()
            .run();
    for (const po::option& option : parsed.options) {
      if (option.unregistered) {
        unknown += (unknown.empty() ? "" : ", ") + option.original_tokens.front();
      } else if (option.position_key >= 0) {
        out.positionals_.insert(out.positionals_.end(), option.value.begin(), option.value.end());
      } else {
        auto& values = out.options_[option.string_key];
        values.insert(values.end(), option.value.begin(), option.value.end());
      }
    }
  } catch (const po::error& error) {
    return fail(ErrorCode::kUsage, error.what());
  }
  if (!unknown.empty()) return fail(ErrorCode::kUsage, "unknown option: " + unknown);
  for (const auto& [name, values] : out.options_) {
    const OptionSpec* option = find_option(options, name);
    if (option->kind == OptionSpec::Kind::kValue && values.size() > 1) {
      return fail(ErrorCode::kUsage, "--" + name + " is given more than once");
    }
  }
  return out;
}

std::size_t find_command(std::span<const OptionSpec> options,
                         std::span<const std::string> arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("--") && arguments[at].size() > 2) {
    const std::string_view name = std::string_view(arguments[at]).substr(2);
    const OptionSpec* option = find_option(options, name);
    const bool takes_next = option != nullptr && option->kind != OptionSpec::Kind::kSwitch;
    at += takes_next ? 2 : 1;
  }
  return std::min(at, arguments.size());
}

std::string describe_options(std::span<const OptionSpec> options, Language language) {
  std::vector<std::string> names;
  std::size_t width = 0;
  for (const OptionSpec& option : options) {
    names.push_back("--" + option.name +
                    (option.value_name.empty() ? "" : " " + option.value_name) +
                    (option.kind == OptionSpec::Kind::kList ? " …" : ""));
    width = std::max(width, display_width(names.back()));
  }
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += "  " + fit_to_width(names[i], width) + "  " + options[i].help.in(language) + "\n";
  }
  return out;
}

}  // namespace rootlet
