#include "agent/api/form/request.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/format/percent.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

constexpr std::array<std::pair<std::string_view, BodyForm>, 4> kEndings{
    {{".json", BodyForm::kJson},
     {".csv", BodyForm::kCsv},
     {".ndjson", BodyForm::kJsonLines},
     {".xlsx", BodyForm::kXlsx}}};
constexpr std::array<std::pair<std::string_view, BodyForm>, 7> kTypes{
    {{"application/json", BodyForm::kJson},
     {"text/csv", BodyForm::kCsv},
     {"application/x-ndjson", BodyForm::kJsonLines},
     {"application/ndjson", BodyForm::kJsonLines},
     {"application/jsonl", BodyForm::kJsonLines},
     {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", BodyForm::kXlsx},
     {"text/event-stream", BodyForm::kEvents}}};
// Only these may have an ending; a key or an id may contain one itself.
constexpr std::array<std::string_view, 5> kLists{"rows", "datasets", "forms", "outbox", "ledger"};

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// Takes the part before `mark` off the front.
std::string_view take_part(std::string_view& left, char mark) {
  const std::size_t end = std::min(left.find(mark), left.size());
  const std::string_view part = left.substr(0, end);
  left.remove_prefix(std::min(end + 1, left.size()));
  return part;
}

Result<std::string> decoded(std::string_view text) {
  std::optional<std::string> out = percent_decode(text);
  if (!out || !is_utf8(*out) || out->find('\0') != std::string::npos) {
    return bad_input("the address holds bytes that are not UTF-8 text", "address");
  }
  return std::move(*out);
}

BodyForm accepted_form(std::string_view field) {
  while (!field.empty()) {
    std::string_view one = take_part(field, ',');
    const std::string_view type = trimmed(take_part(one, ';'));
    for (const auto& [name, form] : kTypes) {
      if (http::equal_ignoring_case(type, name)) return form;
    }
  }
  return BodyForm::kJson;
}

// Takes a form's ending off the name of a list.
std::optional<BodyForm> take_ending(std::string& name) {
  for (const auto& [ending, form] : kEndings) {
    if (!name.ends_with(ending)) continue;
    const std::string list = name.substr(0, name.size() - ending.size());
    if (std::ranges::find(kLists, list) == kLists.end()) continue;
    if (form == BodyForm::kXlsx && list != "rows") continue;
    name = list;
    return form;
  }
  return std::nullopt;
}

bool prefers_exact_count(std::string_view field) {
  while (!field.empty()) {
    if (http::equal_ignoring_case(trimmed(take_part(field, ',')), "count=exact")) return true;
  }
  return false;
}

}  // namespace

bool ApiRequest::has(std::string_view name) const {
  return std::ranges::any_of(parameters, [&](const auto& one) { return one.first == name; });
}

std::string ApiRequest::value(std::string_view name, std::string fallback) const {
  for (const auto& [one, value] : parameters) {
    if (one == name) return value;
  }
  return fallback;
}

Result<std::int64_t> ApiRequest::number(std::string_view name, std::int64_t min, std::int64_t max,
                                        std::int64_t fallback) const {
  if (!has(name)) return fallback;
  const std::string text = value(name);
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (whole && number >= min && number <= max) return number;
  return bad_input(std::string(name) + " must be a whole number from " + std::to_string(min) +
                       " to " + std::to_string(max),
                   std::string(name));
}

std::vector<std::string> ApiRequest::list(std::string_view name) const {
  std::vector<std::string> out;
  const std::string text = value(name);
  std::string_view left = text;
  while (!left.empty()) {
    const std::string_view part = trimmed(take_part(left, ','));
    if (!part.empty()) out.emplace_back(part);
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    std::string pair(take_part(text, '&'));
    if (pair.empty()) continue;
    if (out.size() == limits::kApiParameters) {
      return bad_input(
          "there are more than " + std::to_string(limits::kApiParameters) + " parameters",
          "address");
    }
    std::ranges::replace(pair, '+', ' ');
    std::string_view left = pair;
    ROOTLET_TRY(std::string name, decoded(take_part(left, '=')));
    ROOTLET_TRY(std::string value, decoded(left));
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

Result<ApiRequest> parse_api_request(const http::RequestHead& head) {
  ApiRequest request;
  request.method = std::string(head.method);
  std::string_view target = head.target;
  std::string_view path = take_part(target, '?');
  if (!path.starts_with('/')) return bad_input("the address is not a path", "address");
  path.remove_prefix(1);
  while (!path.empty()) {
    ROOTLET_TRY(std::string segment, decoded(take_part(path, '/')));
    request.path.push_back(std::move(segment));
  }
  ROOTLET_TRY(request.parameters, parse_form(target));
  request.form = accepted_form(head.field("accept"));
  if (!request.path.empty()) {
    if (const auto form = take_ending(request.path.back())) request.form = *form;
  }
  request.language = accepted_language(head.field("accept-language"));
  request.purpose = request.value("purpose");
  if (request.purpose.empty()) {
    // A field holds ASCII; other text is percent-encoded.
    ROOTLET_TRY(request.purpose, decoded(head.field("rootlet-purpose")));
  }
  request.counts_all = prefers_exact_count(head.field("prefer"));
  return request;
}

Language accepted_language(std::string_view field) {
  Language best = Language::kEnglish;
  double best_weight = 0;
  while (!field.empty()) {
    std::string_view one = take_part(field, ',');
    const std::string_view tag = trimmed(take_part(one, ';'));
    const std::string_view weight_text = trimmed(one);
    double weight = 1;
    if (weight_text.starts_with("q=")) {
      const std::string_view number = weight_text.substr(2);
      std::from_chars(number.data(), number.data() + number.size(), weight);
    }
    const bool zh = http::equal_ignoring_case(tag.substr(0, 2), "zh");
    const bool en = http::equal_ignoring_case(tag.substr(0, 2), "en");
    if ((!zh && !en) || weight <= best_weight) continue;
    best = zh ? Language::kChinese : Language::kEnglish;
    best_weight = weight;
  }
  return best;
}

std::string_view cookie_value(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    std::string_view one = take_part(field, ';');
    if (trimmed(take_part(one, '=')) == name) return trimmed(one);
  }
  return {};
}

}  // namespace rootlet::agent
