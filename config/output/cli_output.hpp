// Where a command writes, and in which language: results on standard output; notes, progress and
// errors on standard error. The only place that looks at the terminal, NO_COLOR, --json and
// --quiet, and the gate at which text from data becomes safe to show.
#pragma once

#include <string>
#include <string_view>

#include "core/format/json.hpp"

namespace rootlet {

class TextTable;

struct CliOutput {
  std::string program;  // begins every error: "rootlet: …"
  Language language = Language::kEnglish;
  bool json = false;            // --json
  bool quiet = false;           // --quiet
  bool colour = false;          // standard error may be coloured
  std::size_t out_width = 0;    // columns of the terminal on standard output; 0: not a terminal
  std::size_t error_width = 0;  // the same of standard error

  // Language, colour and widths of this process's environment and terminals.
  static CliOutput of_process(std::string program);

  bool is_chinese() const { return language == Language::kChinese; }
  const std::string& words(const Text& text) const { return text.in(language); }
  // Columns for progress; 0 if none may be drawn.
  std::size_t progress_width() const { return quiet || json ? 0 : error_width; }

  // On standard output. kStorage (a closed pipe) or kStorageFull if it cannot be written. Text is
  // for people: what could steer a terminal or deceive the eye is shown as an escape
  // (visible_text.hpp).
  Status print(std::string_view text) const;
  // Data for a program: exact in a file or pipe, and as print() shows it on a terminal.
  Status print_data(std::string_view text) const;
  // Within the terminal's width, with local times.
  Status print(const TextTable& table) const;
  Status print_json(const json::value& value) const;
  // JSON, or a part of it, that is already text; always UTF-8.
  Status print_json_text(std::string_view json_text) const;
  // What a command found: `value` with --json, else `text`, with local times.
  Status report(const json::value& value, std::string_view text) const;
  Status report(const json::value& value, const TextTable& table, std::string_view if_empty) const;

  // A line on standard error, with local times, unless --quiet.
  void note(std::string_view line) const;

  // The error on standard error: what happened, the rule, what was kept and what to do. With --json
  // also {"error": {"code", "message", "field", "hint", "exit_code"}} on standard output, with the
  // members of `more` beside it. Returns the exit code.
  int fail_with(const Error& error, json::object more = {}) const;
};

// May a stream be coloured, given whether it is a terminal and the values of NO_COLOR
// (https://no-color.org) and TERM, which may be null?
bool may_colour(bool is_terminal, const char* no_color, const char* term);

}  // namespace rootlet
