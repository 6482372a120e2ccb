#include "sync/wire/server/system/peer_user.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace rootlet::http {
namespace {

constexpr std::size_t kStateField = 3, kUidField = 7;  // of a line's fields, from 0
constexpr std::string_view kEstablished = "01";
// The kernel hands the table out in pieces, and a line may fall between two while others come and
// go.
constexpr int kReadings = 5;

// As the kernel prints it: words of 32 bits in this machine's byte order, then the port.
std::string end_text(const std::uint8_t* bytes, std::size_t count, std::uint16_t port) {
  std::string out;
  std::array<char, 16> text{};
  for (std::size_t at = 0; at < count; at += sizeof(std::uint32_t)) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes + at, sizeof word);
    std::snprintf(text.data(), text.size(), "%08X", word);
    out += text.data();
  }
  std::snprintf(text.data(), text.size(), ":%04X", port);
  return out + text.data();
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (fields.size() <= kUidField) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.empty()) break;
    const std::size_t end = std::min(line.find(' '), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return fields;
}

// A connection of IPv4 may be in either table: a client may use a socket of IPv6 for it.
std::array<std::string, 2> spellings(const in6_addr& address, std::uint16_t port) {
  constexpr std::size_t kMappedBytes = 12;
  const std::uint8_t* bytes = address.s6_addr;
  std::array<std::string, 2> out{end_text(bytes, sizeof address.s6_addr, port), ""};
  if (IN6_IS_ADDR_V4MAPPED(&address)) out[1] = end_text(bytes + kMappedBytes, 4, port);
  return out;
}

}  // namespace

std::int64_t user_in_table(std::string_view table, const ConnectionEnds& ends) {
  // In the peer's own line its end is the local one.
  const auto local = spellings(ends.peer_address, ends.peer_port);
  const auto remote = spellings(ends.own_address, ends.own_port);
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::vector<std::string_view> fields = fields_of(table.substr(0, end));
    table.remove_prefix(std::min(end + 1, table.size()));
    if (fields.size() <= kUidField) continue;
    const bool is_it = std::ranges::find(local, fields[1]) != local.end() &&
                       std::ranges::find(remote, fields[2]) != remote.end();
    // A socket that its program has closed has the user 0.
    if (!is_it || fields[kStateField] != kEstablished) continue;
    std::int64_t uid = -1;
    const std::string_view text = fields[kUidField];
    const auto read = std::from_chars(text.data(), text.data() + text.size(), uid);
    return read.ec == std::errc{} ? uid : -1;
  }
  return -1;
}

std::int64_t user_of_peer(const ConnectionEnds& ends) {
  for (int reading = 0; reading < kReadings; ++reading) {
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream file(path);
      const std::string table{std::istreambuf_iterator<char>(file), {}};
      const std::int64_t uid = user_in_table(table, ends);
      if (uid >= 0) return uid;
    }
  }
  return -1;
}

}  // namespace rootlet::http
