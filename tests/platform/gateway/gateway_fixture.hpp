// A gateway over a small repository, with an API behind it that a test can block.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "core/file/file.hpp"
#include "platform/gateway/gateway.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/support.hpp"
#include "tests/sync/wire/raw_client.hpp"

namespace rootlet::test {

using namespace platform;

// Answers with what it got; blocks callers between hold() and let_go().
class EchoApi final : public GatewayApi {
 public:
  ApiReply enroll(Bytes body) override { return answer("enroll", std::move(body)); }
  ApiReply batch(Bytes body) override { return answer("batch", std::move(body)); }
  ApiReply mailbox(std::string address, std::uint64_t after) override {
    return answer("mailbox " + address + " " + std::to_string(after), {});
  }
  ApiReply status() override { return {.status = 409, .body = to_bytes(std::string_view("{}"))}; }

  // Every call, or only those that begin with `verb`.
  void hold(std::string verb = "") {
    const std::lock_guard lock(mutex_);
    held_ = std::move(verb);
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_.reset();
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
    changed_.wait(lock, [&] { return !held_ || !verb.starts_with(*held_); });
    ++finished_;
    ApiReply reply{.content_type = "text/plain"};
    reply.body = to_bytes(verb + ":");
    reply.body.insert(reply.body.end(), body.begin(), body.end());
    return reply;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> held_;
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
  // Whether this process, which is the gateway too, has a file of the repository open.
  bool has_open(const std::string& name) const {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
      if (fs::read_symlink(entry.path(), gone) == dir / name) return true;
    }
    return false;
  }
  std::string url(const std::string& path) const { return join_url(gateway->url(), path); }
  HttpRequest get(const std::string& path) const {
    return {.url = url(path), .max_bytes = limits::kMiB};
  }
  HttpRequest post(const std::string& path, Bytes body) const {
    return {.url = url(path), .max_bytes = 4 * limits::kMiB, .body = std::move(body)};
  }
};

}  // namespace rootlet::test
