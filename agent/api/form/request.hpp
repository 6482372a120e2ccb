// A request to the local API, read from an HTTP head: path, parameters, the form of the answer and
// the caller's language. Pure; everything in it comes from outside and is text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sync/wire/server/handler.hpp"

namespace rootlet::agent {

enum class BodyForm { kJson, kCsv, kJsonLines, kEvents, kXlsx };

struct ApiRequest {
  std::string method;
  std::vector<std::string> path;  // decoded segments, without a form's ending
  // Decoded, in the order of the query; names may repeat.
  std::vector<std::pair<std::string, std::string>> parameters;
  BodyForm form = BodyForm::kJson;
  Language language = Language::kEnglish;
  std::string purpose;      // the parameter, or the field Rootlet-Purpose
  bool counts_all = false;  // Prefer: count=exact

  bool has(std::string_view name) const;
  std::string value(std::string_view name, std::string fallback = "") const;  // the first one
  // kBadInput unless absent or a whole number from `min` to `max`.
  Result<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max,
                              std::int64_t fallback) const;
  std::vector<std::string> list(std::string_view name) const;  // split at commas
};

// kBadInput for a target that is not a path with an optional query, is not UTF-8 or has too many
// parameters.
Result<ApiRequest> parse_api_request(const http::RequestHead& head);

// The language of an Accept-Language field: Chinese if zh is preferred to en.
Language accepted_language(std::string_view field);

// The value of a cookie, "" if there is none.
std::string_view cookie_value(std::string_view field, std::string_view name);

// "a=1&b=%20" as names and values; '+' is a blank.
Result<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text);

}  // namespace rootlet::agent
