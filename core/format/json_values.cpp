// Reads our own JSON answers, where a missing field is an empty value and never an error.
#include "core/format/json_values.hpp"

namespace rootlet {

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

double number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
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

std::string joined(const json::array& values) {
  std::string out;
  for (const json::value& value : values) {
    if (!value.is_string()) continue;
    out += (out.empty() ? "" : ", ") + std::string(value.get_string());
  }
  return out;
}

json::array json_texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object to_json(const Text& text) {
  return {{"en", text.in(Language::kEnglish)}, {"zh", text.in(Language::kChinese)}};
}

json::object to_json(const Error& error) {
  json::object out{{"code", name_of(error.code)}, {"message", error.message}};
  if (!error.field.empty()) out["field"] = error.field;
  if (!error.hint.empty()) out["hint"] = to_json(error.hint);
  if (error.retry_after_seconds > 0) out["retry_after_seconds"] = error.retry_after_seconds;
  return out;
}

Error error_from_json(const json::object& object) {
  const json::object& hint = object_at(object, "hint");
  return Error(error_code_named(text_at(object, "code")), text_at(object, "message"),
               text_at(object, "field"), {.en = text_at(hint, "en"), .zh = text_at(hint, "zh")});
}

}  // namespace rootlet
