// Quoting and PATHPATTERN matching (TUF specification 1.0, sections 4.5 and 6.2.1).
#include "sync/trust/metadata/tuf_names.hpp"

#include <algorithm>
#include <optional>

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/format/percent.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

// Leaves room for the suffix of the temporary file that an atomic write uses.
constexpr std::size_t kFileNameBytes = limits::kMetadataNameBytes - 16;

// Length of the UTF-8 character that starts with `first`; 1 if no character starts with it.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

std::string_view next_character(std::string_view text) {
  return text.substr(0, character_bytes(text.front()));
}

// A `[…]` at the start of `pattern`: whether it matches `character`, and its length.
struct ClassMatch {
  bool matches = false;
  std::size_t length = 0;
};

// nullopt if the bracket is never closed: then it is an ordinary character.
std::optional<ClassMatch> match_class(std::string_view pattern, std::string_view character) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '!';
  if (negated) ++at;
  const std::size_t first = at;
  bool found = false;
  while (at < pattern.size() && (pattern[at] != ']' || at == first)) {
    const std::string_view low = next_character(pattern.substr(at));
    at += low.size();
    std::string_view high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = next_character(pattern.substr(at + 1));
      at += 1 + high.size();
    }
    found = found || (low <= character && character <= high);
  }
  if (at >= pattern.size()) return std::nullopt;
  return ClassMatch{.matches = found != negated, .length = at + 1};
}

// How many bytes of `pattern` match the first character of `text`; 0 for no match. Not for `*`.
std::size_t match_one(std::string_view pattern, std::string_view text) {
  if (pattern.empty() || text.empty()) return 0;
  const std::string_view character = next_character(text);
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    const std::optional<ClassMatch> match = match_class(pattern, character);
    if (match.has_value()) return match->matches ? match->length : 0;
  }
  return pattern.starts_with(character) ? character.size() : 0;
}

// Matches one segment. Backtracks only to the last star, so the time is bounded by the product of
// the lengths.
bool segment_matches(std::string_view pattern, std::string_view text) {
  std::optional<std::string_view> after_star;
  std::string_view retry;
  while (!text.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      retry = text;
    } else if (const std::size_t used = match_one(pattern, text); used > 0) {
      pattern.remove_prefix(used);
      text.remove_prefix(std::min(text.size(), character_bytes(text.front())));
    } else if (after_star.has_value()) {
      retry.remove_prefix(std::min(retry.size(), character_bytes(retry.front())));
      pattern = *after_star;
      text = retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

std::string_view take_segment(std::string_view& rest, bool& last) {
  const std::size_t slash = rest.find('/');
  last = slash == std::string_view::npos;
  const std::string_view segment = rest.substr(0, slash);
  rest = last ? std::string_view() : rest.substr(slash + 1);
  return segment;
}

bool has_dot_segment(std::string_view path) {
  bool last = false;
  while (!last) {
    const std::string_view segment = take_segment(path, last);
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

// Escapes that are there already stay.
std::string quote_address(std::string_view path) {
  constexpr std::string_view kAllowed = "!$&'()*+,/:;=?@[]";
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    out += starts_with_escape(path.substr(i)) ? "%" : percent_encode(path.substr(i, 1), kAllowed);
  }
  return out;
}

}  // namespace

std::string quote_name(std::string_view name) {
  return percent_encode(name);
}

Result<std::string> metadata_file_name(std::string_view role) {
  std::string name = quote_name(role) + ".json";
  if (role.empty() || name.size() > kFileNameBytes) {
    return fail(ErrorCode::kUntrusted,
                "a role name of " + std::to_string(role.size()) + " bytes cannot be a file name");
  }
  return name;
}

std::string target_file_name(std::string_view target_path) {
  std::string name = quote_name(target_path);
  if (name.starts_with('.')) name.replace(0, 1, "%2E");
  // quote_name() quotes every '=', so no other target can get a name like this one.
  if (name.size() > kFileNameBytes) name = "sha256=" + to_hex(sha256(as_bytes(target_path)));
  return name;
}

Result<std::string> target_address(std::string_view target_path, std::string_view hash_prefix) {
  if (target_path.empty() || has_dot_segment(target_path)) {
    return fail(ErrorCode::kUntrusted, "a target path is empty or has a '.' or '..' segment");
  }
  const std::size_t slash = target_path.rfind('/');
  const std::size_t base = slash == std::string_view::npos ? 0 : slash + 1;
  std::string address = quote_address(target_path.substr(0, base));
  if (!hash_prefix.empty()) address += std::string(hash_prefix) + ".";
  return address + quote_address(target_path.substr(base));
}

bool path_matches(std::string_view pattern, std::string_view path) {
  bool last_pattern = false;
  bool last_path = false;
  while (!last_pattern && !last_path) {
    const std::string_view pattern_segment = take_segment(pattern, last_pattern);
    const std::string_view path_segment = take_segment(path, last_path);
    if (!segment_matches(pattern_segment, path_segment)) return false;
  }
  return last_pattern && last_path;
}

bool hash_prefix_matches(const std::vector<std::string>& prefixes, std::string_view path) {
  const std::string hex = to_hex(sha256(as_bytes(path)));
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return hex.starts_with(prefix); });
}

}  // namespace rootlet
