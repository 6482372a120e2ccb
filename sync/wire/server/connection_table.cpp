#include "sync/wire/server/connection_table.hpp"

#include <algorithm>

namespace rootlet::http {

ConnectionTable::Entries::iterator ConnectionTable::find(const Connection& connection) {
  const auto found = places_.find(&connection);
  return found == places_.end() ? entries_.end() : found->second;
}

// The newest entry is last.
void ConnectionTable::move(Entries::iterator entry, State state) {
  entry->state = state;
  entry->since = Clock::now();
  entries_.splice(entries_.end(), entries_, entry);
}

std::size_t ConnectionTable::count(State state) const {
  return static_cast<std::size_t>(std::ranges::count(entries_, state, &Entry::state));
}

std::size_t ConnectionTable::staying(const Client& client) const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [&](const Entry& entry) {
    return entry.state != State::kLeaving && entry.client == client;
  }));
}

void ConnectionTable::drop(Entries::iterator entry) {
  entry->state = State::kLeaving;
  entry->connection->cut();
}

bool ConnectionTable::drop_oldest_of(const Client* client) {
  const auto oldest = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.state == State::kWaiting && (client == nullptr || entry.client == *client);
  });
  if (oldest == entries_.end()) return false;
  drop(oldest);
  return true;
}

Admission ConnectionTable::admit(const Client& client) {
  const std::lock_guard lock(mutex_);
  const std::size_t stay = entries_.size() - count(State::kLeaving);
  const Admission away =
      stay >= limits_.all + limits_.all / 8 + 1 ? Admission::kClose : Admission::kSendAway;
  // Connections that were cut hold their descriptors for a moment more.
  if (entries_.size() >= limits_.all + limits_.all / 4 + 8) return Admission::kClose;
  if (client && staying(client) >= limits_.per_client) {
    return drop_oldest_of(&client) ? Admission::kServe : away;
  }
  return stay < limits_.all || drop_oldest_of(nullptr) ? Admission::kServe : away;
}

void ConnectionTable::add(std::shared_ptr<Connection> connection, Client client) {
  const std::lock_guard lock(mutex_);
  const Connection* key = connection.get();
  entries_.push_back({std::move(connection), std::move(client), State::kWaiting, Clock::now()});
  places_[key] = std::prev(entries_.end());
}

void ConnectionTable::remove(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(connection);
  if (entry == entries_.end()) return;
  places_.erase(&connection);
  entries_.erase(entry);
  if (entries_.empty()) emptied_.notify_all();
}

void ConnectionTable::wait_for_request(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(connection);
  const bool stays = entry != entries_.end() && entry->state != State::kLeaving;
  if (stays && entry->state != State::kWaiting) move(entry, State::kWaiting);
}

bool ConnectionTable::begin_answer(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(connection);
  if (entry == entries_.end() || entry->state == State::kLeaving) return false;
  move(entry, State::kAnswering);
  return true;
}

ConnectionTable::Upload ConnectionTable::begin_upload(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(connection);
  if (entry == entries_.end() || entry->state == State::kLeaving) return Upload::kCut;
  if (count(State::kUploading) >= limits_.uploads) {
    const auto oldest = std::ranges::find(entries_, State::kUploading, &Entry::state);
    const bool gives_way =
        oldest != entries_.end() && Clock::now() - oldest->since >= limits_.upload_grace;
    if (!gives_way) return Upload::kBusy;
    drop(oldest);
  }
  move(entry, State::kUploading);
  return Upload::kBegun;
}

bool ConnectionTable::drop_oldest() {
  const std::lock_guard lock(mutex_);
  return drop_oldest_of(nullptr);
}

void ConnectionTable::finish_all() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) entry.connection->finish();
}

void ConnectionTable::cut_all() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) entry.connection->cut();
}

bool ConnectionTable::wait_until_empty(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, time, [this] { return entries_.empty(); });
}

void ConnectionTable::forget_all() {
  Entries left;
  {
    const std::lock_guard lock(mutex_);
    places_.clear();
    left.swap(entries_);
  }
}

}  // namespace rootlet::http
