// JSON with limits: a strict parser, canonical output, and a reader of objects that names the
// source and field of each error and rejects unknown keys.
#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/text.hpp"

namespace rootlet {

namespace json = boost::json;

// Strict RFC 8259, at most limits::kJsonDepth deep; of repeated keys the last one counts. Errors
// are kBadInput and name `what` as the source.
Result<json::value> parse_json(std::string_view text, std::string_view what);

// Canonical JSON as The Update Framework signs it (OLPC: sorted keys, no blanks, only `"` and `\`
// escaped, integers only). kBadInput for floating point numbers.
Result<std::string> canonical_json(const json::value& value);

// Indented by two blanks, for files that people edit.
std::string pretty_json(const json::value& value);

// One object of a document, which must outlive this. The error of a getter names "<what>: <path>"
// when the field is missing or of another type; finish() rejects keys that no getter has read.
class JsonObject {
 public:
  static Result<JsonObject> from(const json::value& value, std::string_view what,
                                 std::string path = "");

  Result<std::string> text(std::string_view key, std::size_t max_bytes = 4096);
  Result<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  Result<bool> boolean(std::string_view key);
  Result<JsonObject> object(std::string_view key);
  Result<const json::array*> array(std::string_view key, std::size_t max_items);
  Result<std::vector<std::string>> texts(std::string_view key, std::size_t max_items);
  Result<Text> both_languages(std::string_view key);  // {"zh": …, "en": …} or one string for both
  Result<Bytes> base64(std::string_view key, std::size_t max_bytes);

  bool has(std::string_view key) const;
  std::string text_or(std::string_view key, std::string fallback);  // fallback if absent or no text
  const json::value* find(std::string_view key);                    // counts as read
  Status finish() const;

  Error error(std::string_view key, std::string_view detail) const;
  const std::string& what() const { return what_; }
  std::string path_of(std::string_view key) const;

 private:
  JsonObject(const json::object* object, std::string what, std::string path)
      : object_(object), what_(std::move(what)), path_(std::move(path)) {}
  const json::object* object_;
  std::string what_;
  std::string path_;
  std::vector<std::string> asked_;
};

}  // namespace rootlet
