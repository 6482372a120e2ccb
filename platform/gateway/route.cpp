// Parses a request target into a verb of the gateway. Accepts only what it knows.
#include "platform/gateway/route.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/format/percent.hpp"

namespace rootlet::platform {
namespace {

constexpr std::array<std::string_view, 5> kFolders = {"metadata", "directory", "packs", "offices",
                                                      "news"};
// What publishing writes; a half-written file has another ending.
constexpr std::array<std::string_view, 5> kEndings = {".json", ".pack", ".packs", ".grant",
                                                      ".news"};
constexpr std::size_t kSegments = 4;
constexpr std::size_t kSegmentBytes = 255;
constexpr std::size_t kAddressDigits = 32;
constexpr std::string_view kMailboxPrefix = "/v1/mailbox/";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '_' ||
         c == '-';
}

std::optional<std::string> decode_segment(std::string_view text) {
  std::optional<std::string> name = percent_decode(text);
  const bool clean = name && !name->empty() && name->size() <= kSegmentBytes &&
                     name->front() != '.' &&
                     std::all_of(name->begin(), name->end(), is_name_character);
  return clean ? name : std::nullopt;
}

Route file_route(std::string_view path) {
  Route route;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto segment = decode_segment(path.substr(0, end));
    if (!segment || route.segments.size() == kSegments) return {};
    route.segments.push_back(*segment);
    path.remove_prefix(end);
  }
  if (route.segments.size() < 2) return {};
  const auto& folder = route.segments.front();
  const auto& name = route.segments.back();
  const auto ends_name = [&](std::string_view ending) { return name.ends_with(ending); };
  const bool known = std::find(kFolders.begin(), kFolders.end(), folder) != kFolders.end() &&
                     std::any_of(kEndings.begin(), kEndings.end(), ends_name);
  if (!known) return {};
  route.verb = Verb::kFile;
  return route;
}

Route mailbox_route(std::string_view address, std::string_view query) {
  Route route;
  route.address = address;
  const bool clean =
      address.size() == kAddressDigits && std::all_of(address.begin(), address.end(), is_lower_hex);
  if (!clean) return {};
  if (!query.empty()) {
    if (!query.starts_with("after=")) return {};
    query.remove_prefix(6);
    const auto end = std::from_chars(query.data(), query.data() + query.size(), route.after);
    if (end.ec != std::errc{} || end.ptr != query.data() + query.size()) return {};
  }
  route.verb = Verb::kMailbox;
  return route;
}

// RFC 9112, 3.2.2: a server accepts the absolute form too.
std::string_view without_authority(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t slash = target.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view{} : target.substr(slash);
}

}  // namespace

Route route_of(std::string_view target) {
  target = without_authority(target);
  if (target.empty()) return {};
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == target.size() ? "" : target.substr(mark + 1);
  if (path == "/v1/enroll") return {.verb = Verb::kEnroll};
  if (path == "/v1/batches") return {.verb = Verb::kBatch};
  if (path == "/v1/status") return {.verb = Verb::kStatus};
  if (path == "/healthz") return {.verb = Verb::kHealth};
  if (path == "/metrics") return {.verb = Verb::kMetrics};
  if (path.starts_with(kMailboxPrefix)) {
    return mailbox_route(path.substr(kMailboxPrefix.size()), query);
  }
  return file_route(path);
}

std::string_view methods_of(Verb verb) {
  return verb == Verb::kEnroll || verb == Verb::kBatch ? "POST" : "GET, HEAD";
}

}  // namespace rootlet::platform
