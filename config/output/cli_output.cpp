// Reads the terminals and the environment once, when the process starts.
#include "config/output/cli_output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "config/output/local_time.hpp"
#include "config/output/message_text.hpp"
#include "config/output/text_table.hpp"
#include "core/format/json_values.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kUsualWidth = 80;  // of a terminal that does not say its own

std::size_t terminal_width(int descriptor) {
  if (::isatty(descriptor) == 0) return 0;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

// `prefix` is our own, and may hold colour.
void write_error_line(std::string_view line, const std::string& prefix = {}) {
  const std::string whole = prefix + visible_text(line, LineEnds::kKept) + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

Status write_output(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return fail(errno == ENOSPC ? ErrorCode::kStorageFull : ErrorCode::kStorage,
                std::string("standard output: ") + std::strerror(errno));
  }
  return ok();
}

}  // namespace

CliOutput CliOutput::of_process(std::string program) {
  CliOutput output{.program = std::move(program), .language = language_from_environment()};
  output.out_width = terminal_width(STDOUT_FILENO);
  output.error_width = terminal_width(STDERR_FILENO);
  output.colour = may_colour(output.error_width > 0, std::getenv("NO_COLOR"), std::getenv("TERM"));
  return output;
}

Status CliOutput::print(std::string_view text) const {
  return write_output(visible_text(text, LineEnds::kKept));
}

Status CliOutput::print_data(std::string_view text) const {
  return out_width > 0 ? print(text) : write_output(text);
}

Status CliOutput::print(const TextTable& table) const {
  return print(table.with_local_times().text(out_width));
}

Status CliOutput::print_json(const json::value& value) const {
  return print_json_text(pretty_json(value));
}

Status CliOutput::print_json_text(std::string_view json_text) const {
  return write_output(visible_json(json_text));
}

Status CliOutput::report(const json::value& value, std::string_view text) const {
  return json ? print_json(value) : print(with_local_times(text));
}

Status CliOutput::report(const json::value& value, const TextTable& table,
                         std::string_view if_empty) const {
  if (json) return print_json(value);
  return table.empty() ? print(if_empty) : print(table);
}

void CliOutput::note(std::string_view line) const {
  if (!quiet) write_error_line(with_local_times(line));
}

int CliOutput::fail_with(const Error& error, json::object more) const {
  const std::string name = program + ":";
  const std::string prefix = (colour ? "\033[1;31m" + name + "\033[0m" : name) + " ";
  std::string line = error_text(error, language);
  if (!error.field.empty() && error.message.find(error.field) == std::string::npos) {
    line += is_chinese() ? "（" + error.field + "）" : " (" + error.field + ")";
  }
  write_error_line(with_local_times(line), prefix);
  if (!error.hint.empty()) write_error_line(with_local_times("  " + words(error.hint)));
  // The hint of bad input is the rule; any other hint knows the cause, and so what to do.
  const bool says_what_to_do = !error.hint.empty() && error.code != ErrorCode::kBadInput;
  if (!says_what_to_do) write_error_line("  " + words(advice_for(error.code)));
  if (json) {
    json::object body = to_json(error);
    body["exit_code"] = exit_code_of(error.code);
    // If this cannot be written, the exit code still reports the failure.
    more["error"] = std::move(body);
    static_cast<void>(print_json(more).has_error());
  }
  return exit_code_of(error.code);
}

bool may_colour(bool is_terminal, const char* no_color, const char* term) {
  const bool is_refused = no_color != nullptr && *no_color != '\0';
  const bool is_dumb = term == nullptr || std::strcmp(term, "dumb") == 0;
  return is_terminal && !is_refused && !is_dumb;
}

}  // namespace rootlet
