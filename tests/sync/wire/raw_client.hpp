// A client that sends exactly the bytes that a test gives it, well-formed or not.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "core/file/descriptor.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  // Everything until the other side closes, or "TIMEOUT" at the end.
  std::string hear_all(int milliseconds = 10'000) {
    std::string heard;
    while (true) {
      char buffer[4096];
      pollfd ready{socket_.get(), POLLIN, 0};
      if (::poll(&ready, 1, milliseconds) <= 0) return heard + "TIMEOUT";
      const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (count <= 0) return heard;
      heard.append(buffer, static_cast<std::size_t>(count));
    }
  }
  // Until `ending` has come.
  std::string hear_until(std::string_view ending) {
    std::string heard;
    char c = 0;
    while (!heard.ends_with(ending)) {
      pollfd ready{socket_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 10'000) <= 0 || ::recv(socket_.get(), &c, 1, 0) != 1) break;
      heard += c;
    }
    return heard;
  }
  // Whether the other side closes within this time; what it says meanwhile is dropped.
  bool closed_within(int milliseconds) {
    char buffer[4096];
    pollfd ready{socket_.get(), POLLIN, 0};
    while (::poll(&ready, 1, milliseconds) > 0) {
      if (::recv(socket_.get(), buffer, sizeof buffer, 0) <= 0) return true;
    }
    return false;
  }
  std::string ask(std::string_view text) {
    say(text);
    return hear_all();
  }

 private:
  UniqueFd socket_;
};

}  // namespace rootlet::test
