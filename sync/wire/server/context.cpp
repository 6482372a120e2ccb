// Counts and lists connections, and ends them in order when the server stops.
#include "sync/wire/server/context.hpp"

namespace rootlet::http {
namespace {

constexpr std::chrono::milliseconds kCutTime{
    500};  // for coroutines to end after their sockets were closed

}  // namespace

void ServerContext::add(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex);
  connections.insert(std::move(connection));
}

void ServerContext::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex);
  connections.erase(connection);
  if (connections.empty()) emptied.notify_all();
}

std::size_t ServerContext::count() {
  const std::lock_guard lock(mutex);
  return connections.size();
}

void ServerContext::finish_all(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex);
  const auto empty = [this] { return connections.empty(); };
  for (const auto& connection : connections) connection->finish();
  if (emptied.wait_for(lock, time, empty)) return;
  pool->stop();
  for (const auto& connection : connections) connection->cut();
  emptied.wait_for(lock, kCutTime, empty);
}

void ServerContext::wait_for_calls() {
  pool->stop();
  pool->join();
}

void ServerContext::forget_all() {
  pool.reset();
  const std::lock_guard lock(mutex);
  connections.clear();
}

}  // namespace rootlet::http
