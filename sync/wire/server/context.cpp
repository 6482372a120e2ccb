// The shared parts of a server, and their end in order when it stops.
#include "sync/wire/server/context.hpp"

namespace rootlet::http {
namespace {

constexpr std::chrono::milliseconds kCutTime{
    500};  // for coroutines to end after their sockets were closed

ConnectionLimits limits_of(const ServerLimits& limits) {
  return {.all = static_cast<std::size_t>(limits.connections),
          .per_client = static_cast<std::size_t>(limits.connections_per_client),
          .uploads = static_cast<std::size_t>(limits.uploads),
          .upload_grace = limits.upload_grace};
}

}  // namespace

bool ClientShares::take(const std::string& client, int most) {
  const std::lock_guard lock(mutex_);
  int& taken = taken_[client];
  if (taken >= most) return false;
  ++taken;
  return true;
}

void ClientShares::give_back(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(client);
  if (found != taken_.end() && --found->second == 0) taken_.erase(found);
}

ServerContext::ServerContext(ServerOptions given, Handler& the_handler)
    : options(std::move(given)),
      handler(the_handler),
      pool(options.pool_threads, options.limits.calls),
      slow_pool(options.slow_threads, options.limits.slow_calls),
      streams(options.stream_threads, options.stream_threads),
      connections(limits_of(options.limits)) {}

void ServerContext::finish_all(std::chrono::milliseconds time) {
  connections.finish_all();
  if (connections.wait_until_empty(time)) return;
  pool.threads->stop();
  slow_pool.threads->stop();
  streams.threads->stop();
  connections.cut_all();
  connections.wait_until_empty(kCutTime);
}

void ServerContext::wait_for_calls() {
  for (CallPool* each : {&pool, &slow_pool, &streams}) {
    each->threads->stop();
    each->threads->join();
  }
}

void ServerContext::forget_all() {
  pool.threads.reset();
  slow_pool.threads.reset();
  streams.threads.reset();
  connections.forget_all();
}

}  // namespace rootlet::http
