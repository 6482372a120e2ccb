// A gateway over a small repository, an interface behind it that a test can hold up, and a client
// that says raw bytes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "core/file/file.hpp"
#include "platform/gateway/gateway.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using namespace platform;

// Answers with what it was given; holds callers while `hold` is on.
class EchoApi final : public GatewayApi {
 public:
  ApiReply enroll(Bytes body) override { return answer("enroll", std::move(body)); }
  ApiReply batch(Bytes body) override { return answer("batch", std::move(body)); }
  ApiReply mailbox(std::string address, std::uint64_t after) override {
    return answer("mailbox " + address + " " + std::to_string(after), {});
  }
  ApiReply status() override { return {.status = 409, .body = to_bytes(std::string_view("{}"))}; }

  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Until this many calls have come in.
  bool wait_for_calls(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return calls_ >= count; });
  }
  int finished() {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  ApiReply answer(const std::string& verb, Bytes body) {
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    ++finished_;
    ApiReply reply{.content_type = "text/plain"};
    reply.body = to_bytes(verb + ":");
    reply.body.insert(reply.body.end(), body.begin(), body.end());
    return reply;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int calls_ = 0;
  int finished_ = 0;
};

struct Site {
  TempDir dir;
  EchoApi api;
  GatewayOptions options;
  std::unique_ptr<Gateway> gateway;

  Site() {
    write("metadata/timestamp.json", "{\"signed\":{}}");
    write("packs/ab/x.pack", "0123456789");
    options.listen = "127.0.0.1:0";
    options.repository = dir.path();
    options.limits.stop_time = std::chrono::seconds(5);
  }
  void write(const std::string& name, std::string_view text) const {
    must(make_directory((dir / name).parent_path()));
    must(write_file_atomically(dir / name, as_bytes(text)));
  }
  void start() { gateway = std::make_unique<Gateway>(must(Gateway::start(options, api))); }
  std::string url(const std::string& path) const { return join_url(gateway->url(), path); }
  HttpRequest get(const std::string& path) const {
    return {.url = url(path), .max_bytes = limits::kMiB};
  }
  HttpRequest post(const std::string& path, Bytes body) const {
    return {.url = url(path), .max_bytes = 4 * limits::kMiB, .body = std::move(body)};
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
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
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, milliseconds) <= 0) return heard + "TIMEOUT";
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) return heard;
      heard.append(buffer, static_cast<std::size_t>(count));
    }
  }
  // Until `ending` has come.
  std::string hear_until(std::string_view ending) {
    std::string heard;
    char c = 0;
    while (!heard.ends_with(ending)) {
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, 10'000) <= 0 || ::recv(socket_, &c, 1, 0) != 1) break;
      heard += c;
    }
    return heard;
  }
  std::string ask(std::string_view text) {
    say(text);
    return hear_all();
  }

 private:
  int socket_;
};

}  // namespace rootlet::test
