// Where a command's words go, and in which language: results on standard output, everything about
// them on standard error.
#pragma once

#include <cstdio>

#include "core/format/json.hpp"

namespace rootlet::agent {

struct CliOutput {
  Language language = Language::kEnglish;
  bool json = false;  // --json

  const std::string& words(const Text& text) const { return text.in(language); }
  // kStorage (a full disk, a closed pipe) if it cannot be written.
  Status print(std::string_view text) const;
  Status print_json(const json::value& value) const;
  // A line on standard error.
  void tell(std::string_view line) const;
  // The error on standard error: what happened, the rule, what was kept and what to do; with --json
  // also {"error": …} on standard output. Gives the exit code.
  int fail_with(const Error& error) const;
};

// The text at `key`, "" if there is none; for {"zh", "en"} objects the one of `language`.
std::string text_at(const json::object& object, std::string_view key,
                    Language language = Language::kEnglish);
std::int64_t integer_at(const json::object& object, std::string_view key);
bool boolean_at(const json::object& object, std::string_view key);
// Empty if absent or of another kind.
const json::object& object_at(const json::object& object, std::string_view key);
const json::array& array_at(const json::object& object, std::string_view key);
// "a, b, c" of a list of texts.
std::string joined(const json::array& texts);

}  // namespace rootlet::agent
