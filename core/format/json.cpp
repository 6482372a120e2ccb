// Strict parsing (RFC 8259), canonical JSON (OLPC, as The Update Framework 1.0 signs it), and the
// object reader that names every mistake.
#include "core/format/json.hpp"

#include <algorithm>

#include "core/format/json_position.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

void append_canonical_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

Status append_canonical(std::string& out, const json::value& value);

Status append_canonical_object(std::string& out, const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out.push_back('{');
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_canonical_text(out, members[i]->key());
    out.push_back(':');
    ROOTLET_TRY(append_canonical(out, members[i]->value()));
  }
  out.push_back('}');
  return ok();
}

Status append_canonical(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return ok();
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return ok();
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      return ok();
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      return ok();
    case json::kind::double_:
      return bad_input("canonical JSON holds no floating point numbers", "number");
    case json::kind::string:
      append_canonical_text(out, value.get_string());
      return ok();
    case json::kind::array: {
      out.push_back('[');
      bool first = true;
      for (const json::value& item : value.get_array()) {
        if (!first) out.push_back(',');
        first = false;
        ROOTLET_TRY(append_canonical(out, item));
      }
      out.push_back(']');
      return ok();
    }
    case json::kind::object:
      return append_canonical_object(out, value.get_object());
  }
  return ok();
}

void append_pretty(std::string& out, const json::value& value, const std::string& indent) {
  const std::string inner = indent + "  ";
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    std::size_t left = object->size();
    for (const auto& member : *object) {
      out += inner + json::serialize(json::string(member.key())) + ": ";
      append_pretty(out, member.value(), inner);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += indent + "}";
  } else if (const json::array* array = value.if_array();
             array != nullptr && !array->empty() && array->front().is_structured()) {
    out += "[\n";
    std::size_t left = array->size();
    for (const json::value& item : *array) {
      out += inner;
      append_pretty(out, item, inner);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += indent + "]";
  } else {
    out += json::serialize(value);
  }
}

Error not_json(std::string_view text, std::size_t at, std::string_view what,
               const std::string& reason) {
  const TextPosition position = position_of(text, at);
  const std::string line = std::to_string(position.line), column = std::to_string(position.column);
  const std::string place = "line " + line + ", column " + column;
  return bad_input(std::string(what) + ": " + place + ": not valid JSON: " + reason, place,
                   {.en = "Look there and just before it: a comma, a quote or a bracket is missing "
                          "or too many.",
                    .zh = "第 " + line + " 行第 " + column +
                          " 列附近不是有效的 JSON：请检查逗号、引号和括号。"});
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  json::error_code error;
  json::stream_parser parser({}, options);
  std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read == text.size()) parser.finish(error);
  const std::size_t extra = text.find_first_not_of(" \t\r\n", read);
  if (!error && extra != std::string_view::npos) {
    read = extra;
    error = json::error::extra_data;
  } else if (!error && !parser.done()) {
    parser.finish(error);
  }
  if (error) return not_json(text, read, what, error.message());
  return parser.release();
}

Result<std::string> canonical_json(const json::value& value) {
  std::string out;
  ROOTLET_TRY(append_canonical(out, value));
  return out;
}

std::string pretty_json(const json::value& value) {
  std::string out;
  append_pretty(out, value, "");
  return out + "\n";
}

Result<JsonObject> JsonObject::from(const json::value& value, std::string_view what,
                                    std::string path) {
  const json::object* object = value.if_object();
  if (object == nullptr) {
    const std::string name = path.empty() ? "document" : path;
    return bad_input(std::string(what) + ": " + name + " must be an object", name);
  }
  return JsonObject(object, std::string(what), std::move(path));
}

std::string JsonObject::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Error JsonObject::error(std::string_view key, std::string_view detail) const {
  const std::string path = path_of(key);
  return bad_input(what_ + ": " + path + " " + std::string(detail), path);
}

const json::value* JsonObject::find(std::string_view key) {
  asked_.emplace_back(key);
  return object_->if_contains(key);
}

bool JsonObject::has(std::string_view key) const {
  return object_->contains(key);
}

Result<std::string> JsonObject::text(std::string_view key, std::size_t max_bytes) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (!value->is_string()) return error(key, "must be a string");
  const json::string& string = value->get_string();
  if (string.size() > max_bytes) {
    return error(key, "is longer than " + std::to_string(max_bytes) + " bytes");
  }
  return std::string(string);
}

std::string JsonObject::text_or(std::string_view key, std::string fallback) {
  const json::value* value = find(key);
  if (value == nullptr || !value->is_string()) return fallback;
  return std::string(value->get_string());
}

Result<std::int64_t> JsonObject::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (!value->is_int64()) return error(key, "must be an integer");
  const std::int64_t number = value->get_int64();
  if (number < min || number > max) {
    return error(key, "must be between " + std::to_string(min) + " and " + std::to_string(max));
  }
  return number;
}

Result<bool> JsonObject::boolean(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (!value->is_bool()) return error(key, "must be true or false");
  return value->get_bool();
}

Result<JsonObject> JsonObject::object(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (!value->is_object()) return error(key, "must be an object");
  return JsonObject(&value->get_object(), what_, path_of(key));
}

Result<const json::array*> JsonObject::array(std::string_view key, std::size_t max_items) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (!value->is_array()) return error(key, "must be a list");
  if (value->get_array().size() > max_items) {
    return error(key, "has more than " + std::to_string(max_items) + " items");
  }
  return &value->get_array();
}

Result<std::vector<std::string>> JsonObject::texts(std::string_view key, std::size_t max_items) {
  ROOTLET_TRY(const json::array* items, array(key, max_items));
  std::vector<std::string> out;
  for (const json::value& item : *items) {
    if (!item.is_string()) return error(key, "must hold strings only");
    out.emplace_back(item.get_string());
  }
  return out;
}

Result<Text> JsonObject::both_languages(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr) return error(key, "is missing");
  if (value->is_string()) {
    const std::string both(value->get_string());
    return Text{.en = both, .zh = both};
  }
  ROOTLET_TRY(JsonObject object, JsonObject::from(*value, what_, path_of(key)));
  Text text{.en = object.text_or("en", ""), .zh = object.text_or("zh", "")};
  ROOTLET_TRY(object.finish());
  if (text.empty()) return error(key, "needs \"zh\" or \"en\"");
  return text;
}

Result<Bytes> JsonObject::base64(std::string_view key, std::size_t max_bytes) {
  ROOTLET_TRY(const std::string coded, text(key, max_bytes / 3 * 4 + 8));
  Result<Bytes> bytes = from_base64(coded);
  if (bytes.has_error()) return error(key, "is not base64");
  return bytes;
}

Status JsonObject::finish() const {
  for (const auto& member : *object_) {
    if (std::find(asked_.begin(), asked_.end(), member.key()) == asked_.end()) {
      return error(member.key(), "is not a known key");
    }
  }
  return ok();
}

}  // namespace rootlet
