// The lines of a witness's log.
#include "platform/witness/sighting.hpp"

#include <charconv>

#include "core/limits.hpp"
#include "platform/witness/tree_head.hpp"

namespace rootlet::platform {
namespace {

std::optional<std::int64_t> version_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

std::optional<Sighting> parse_line(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  if (words.size() != 5) return std::nullopt;
  const auto version = version_in(words[0]), root = version_in(words[2]);
  const Result<Hash256> directory = hash_from_hex(words[1]), targets = hash_from_hex(words[3]);
  const Result<UnixTime> at = parse_time(words[4]);
  if (!version || !root || directory.has_error() || targets.has_error() || at.has_error()) {
    return std::nullopt;
  }
  const Sighting one{*version, directory.value(), *root, targets.value(), at.value()};
  // Only the form that is written, because the bytes of the line are the leaf.
  return encode_sighting(one) == std::string(line) + "\n" ? std::optional(one) : std::nullopt;
}

}  // namespace

std::string encode_sighting(const Sighting& one) {
  return std::to_string(one.version) + " " + to_hex(one.directory) + " " +
         std::to_string(one.root) + " " + to_hex(one.targets) + " " + format_time(one.at) + "\n";
}

Result<std::vector<Sighting>> parse_sightings(std::string_view text, std::string_view what) {
  if (text.size() > limits::kSightingsBytes) {
    return fail(ErrorCode::kUntrusted, std::string(what) + ": more than " +
                                           std::to_string(limits::kSightingsBytes) + " bytes");
  }
  std::vector<Sighting> seen;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto one = end == std::string_view::npos ? std::nullopt : parse_line(text.substr(0, end));
    if (!one.has_value()) {
      return fail(ErrorCode::kUntrusted, std::string(what) + ": line " +
                                             std::to_string(seen.size() + 1) +
                                             " is not a version, hash, root, hash and time");
    }
    seen.push_back(*one);
    text.remove_prefix(end + 1);
  }
  return seen;
}

Hash256 root_of(const std::vector<Sighting>& seen, std::size_t count) {
  std::vector<Hash256> leaves;
  leaves.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back(leaf_hash(as_bytes(encode_sighting(seen[i]))));
  }
  return tree_root(std::move(leaves));
}

}  // namespace rootlet::platform
