#include "sync/wire/server/peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/limits.hpp"

namespace rootlet::http {
namespace {

using Address = std::array<std::uint8_t, 16>;  // IPv4 is mapped: ::ffff:a.b.c.d

constexpr Address kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t kMappedBytes = 12;
constexpr std::size_t kSubscriberBytes = 8;  // a /64

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return {};
  const std::string name(text);
  Address address = kMapped;
  if (::inet_pton(AF_INET, name.c_str(), address.data() + kMappedBytes) == 1) return address;
  if (::inet_pton(AF_INET6, name.c_str(), address.data()) == 1) return address;
  return {};
}

bool is_mapped(const Address& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedBytes, address.begin());
}

bool is_loopback(const Address& address) {
  constexpr Address kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return is_mapped(address) ? address[kMappedBytes] == 127 : address == kLoopback;
}

std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_mapped(address);
  const std::uint8_t* bytes = address.data() + (v4 ? kMappedBytes : 0);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  return text.data();
}

std::string group_of(Address address) {
  if (is_mapped(address)) return text_of(address);
  std::fill(address.begin() + kSubscriberBytes, address.end(), 0);
  return text_of(address) + "/64";
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Takes the last entry off a list with commas.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view entry = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trim(entry);
}

// All X-Forwarded-For fields as one list (RFC 9110, 5.3).
std::string forwarded_for(const RequestHead& head) {
  std::string list;
  for (const RequestHead::Field& field : head.fields) {
    if (!equal_ignoring_case(field.name, "x-forwarded-for")) continue;
    if (!list.empty()) list += ',';
    list += field.value;
  }
  return list;
}

}  // namespace

std::optional<std::string> client_group(std::string_view address) {
  const std::optional<Address> parsed = parse_address(address);
  return parsed ? std::optional(group_of(*parsed)) : std::nullopt;
}

Result<Proxies> Proxies::parse(std::string_view list) {
  Proxies proxies;
  while (!list.empty()) {
    const std::string_view entry = take_last(list);
    const std::optional<Address> address = parse_address(entry);
    if (!address) {
      return fail(ErrorCode::kUsage,
                  "behind-proxy: " + std::string(entry.substr(0, 64)) + " is not an IP address");
    }
    proxies.addresses_.push_back(text_of(*address));
  }
  return proxies;
}

bool Proxies::contain(std::string_view address) const {
  const std::optional<Address> parsed = parse_address(address);
  return parsed && std::ranges::find(addresses_, text_of(*parsed)) != addresses_.end();
}

Client client_of_connection(const std::string& peer, const Proxies& proxies) {
  const std::optional<Address> address = parse_address(peer);
  if (!address || is_loopback(*address) || proxies.contain(peer)) return {};
  return group_of(*address);
}

Client client_of_request(const std::string& peer, const RequestHead& head, const Proxies& proxies) {
  if (!proxies.contain(peer)) return client_of_connection(peer, proxies);
  const std::string list = forwarded_for(head);
  std::string_view left = list;
  while (!left.empty()) {
    const std::string_view entry = take_last(left);
    if (!proxies.contain(entry)) return client_group(entry);
  }
  return {};
}

}  // namespace rootlet::http
