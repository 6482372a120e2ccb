#include "agent/cli/cli_output.hpp"

#include <cerrno>
#include <cstring>

#include "agent/channel/answer.hpp"
#include "config/cli/table_text.hpp"

namespace rootlet::agent {

Status CliOutput::print(std::string_view text) const {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return fail(errno == ENOSPC ? ErrorCode::kStorageFull : ErrorCode::kStorage,
                std::string("standard output: ") + std::strerror(errno));
  }
  return ok();
}

Status CliOutput::print_json(const json::value& value) const {
  return print(pretty_json(value) + "\n");
}

void CliOutput::tell(std::string_view line) const {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

int CliOutput::fail_with(const Error& error) const {
  std::string message = "rootlet: " + error.message;
  if (!error.field.empty() && error.message.find(error.field) == std::string::npos) {
    message += " (" + error.field + ")";
  }
  tell(message);
  if (!error.hint.empty()) tell("  " + words(error.hint));
  tell("  " + words(advice_for(error.code)));
  if (json) {
    json::object body = to_json(error);
    body["exit_code"] = exit_code_of(error.code);
    // The exit code tells the failure even if this cannot be written.
    static_cast<void>(print_json(json::object{{"error", std::move(body)}}).has_error());
  }
  return exit_code_of(error.code);
}

std::string text_at(const json::object& object, std::string_view key, Language language) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return "";
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  const json::object* both = value->if_object();
  if (both == nullptr) return "";
  const Text text{.en = text_at(*both, "en"), .zh = text_at(*both, "zh")};
  return text.in(language);
}

std::int64_t integer_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
}

bool boolean_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_at(const json::object& object, std::string_view key) {
  static const json::object empty;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : empty;
}

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array empty;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : empty;
}

std::string joined(const json::array& texts) {
  std::string out;
  for (const json::value& text : texts) {
    if (!text.is_string()) continue;
    out += (out.empty() ? "" : ", ") + std::string(text.get_string());
  }
  return out;
}

}  // namespace rootlet::agent
