// Which user of this machine holds the other end of a TCP connection from this machine, by the
// kernel's table of sockets (proc(5), /proc/net/tcp). A loopback address alone says nothing about
// who asks: every user of the machine has it.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string_view>

namespace rootlet::http {

// The two ends of a connection as this process sees it.
struct ConnectionEnds {
  in6_addr own_address{};  // IPv4 is mapped: ::ffff:a.b.c.d
  std::uint16_t own_port = 0;
  in6_addr peer_address{};
  std::uint16_t peer_port = 0;
};

// The user id, or -1 if the tables do not say.
std::int64_t user_of_peer(const ConnectionEnds& ends);

// The same in the text of one such table. Pure.
std::int64_t user_in_table(std::string_view table, const ConnectionEnds& ends);

}  // namespace rootlet::http
