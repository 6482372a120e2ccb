#include "platform/gateway/hub.hpp"

namespace rootlet::platform::gateway {
namespace {

constexpr std::chrono::milliseconds kCutTime{500};  // for sockets to notice that they were closed

}  // namespace

void Hub::add(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex);
  connections.insert(std::move(connection));
}

void Hub::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex);
  connections.erase(connection);
  if (connections.empty()) emptied.notify_all();
}

std::size_t Hub::count() {
  const std::lock_guard lock(mutex);
  return connections.size();
}

void Hub::finish_all(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex);
  const auto empty = [this] { return connections.empty(); };
  for (const auto& connection : connections) connection->finish();
  if (emptied.wait_for(lock, time, empty)) return;
  pool->stop();
  for (const auto& connection : connections) connection->cut();
  emptied.wait_for(lock, kCutTime, empty);
}

void Hub::wait_for_calls() {
  pool->stop();
  pool->join();
}

void Hub::forget_all() {
  pool.reset();
  const std::lock_guard lock(mutex);
  connections.clear();
}

}  // namespace rootlet::platform::gateway
