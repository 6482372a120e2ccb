// A server on a loopback port that sends exactly the bytes that a test gives it, well-formed or
// not.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/file/descriptor.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

// One accepted connection, for the script to speak on.
class Conversation {
 public:
  Conversation(int descriptor, const std::atomic<bool>& stopping)
      : descriptor_(descriptor), stopping_(stopping) {}

  // Head of the next request, or nothing when the client left.
  std::string hear() {
    std::string head;
    char c = 0;
    while (!head.ends_with("\r\n\r\n") && receive(&c, 1)) head += c;
    return head;
  }
  bool receive(char* data, std::size_t size) {
    return readable() && ::recv(descriptor_, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  }
  // False when the client has gone.
  bool say(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size() && !stopping_) {
      pollfd ready{descriptor_, POLLOUT, 0};
      if (::poll(&ready, 1, 50) <= 0) continue;
      const ssize_t count =
          ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return !stopping_;
  }
  // Silence until the client hangs up or the test ends.
  void wait() {
    char c = 0;
    while (readable() && ::recv(descriptor_, &c, 1, 0) > 0) continue;
  }

 private:
  bool readable() {
    while (!stopping_) {
      pollfd ready{descriptor_, POLLIN, 0};
      if (::poll(&ready, 1, 50) > 0) return true;
    }
    return false;
  }
  int descriptor_;
  const std::atomic<bool>& stopping_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Conversation&)>;  // one connection, from accept to close

  explicit ScriptedServer(Script script)
      : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_.get(), 16) == 0);
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  // Says the same to every request and closes.
  explicit ScriptedServer(const std::string& answer)
      : ScriptedServer([answer](Conversation& client) {
          client.hear();
          client.say(answer);
        }) {}
  ~ScriptedServer() {
    stopping_ = true;
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url(const std::string& path = "/x") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

 private:
  void serve() {
    while (!stopping_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 50) <= 0) continue;
      const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.is_open()) continue;
      ++connections_;
      Conversation conversation(client.get(), stopping_);
      script_(conversation);
    }
  }

  Script script_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace rootlet::test
