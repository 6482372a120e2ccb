// The workflow of TUF specification 1.0, sections 5.1 to 5.6. Each step cites its clause; the rules
// are in tuf_trusted_set.cpp.
#include "sync/trust/client/tuf_client.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include "core/limits.hpp"
#include "core/log.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {
namespace {

// A role to visit, and the role that delegates to it.
struct Visit {
  std::string role;
  std::string delegator;
};

// 5.6.7.2: puts the delegations of `role` that cover the path before the roles still to visit, in
// order of appearance; a terminating delegation removes everything after it.
void plan_visits(const std::string& role, const TufTargets& targets, std::string_view path,
                 std::vector<Visit>& pending) {
  std::vector<Visit> children;
  for (const TufDelegation& delegation : targets.delegations) {
    if (!delegation.covers(path)) continue;
    children.push_back({.role = delegation.name, .delegator = role});
    if (delegation.terminating) {
      pending.clear();
      break;
    }
  }
  pending.insert(pending.end(), children.rbegin(), children.rend());
}

// Adds the ends of the stored roles below the timestamp, as far as they verify. `set` judges by the
// Unix epoch, at which nothing has expired.
void add_lower_ends(const TufStore& store, TufTrustedSet& set, std::vector<RoleEnd>& ends) {
  const auto add = [&](std::string_view role, UnixTime expires) {
    ends.push_back({.role = std::string(role), .expires = expires, .life = life_of_role(role)});
  };
  const std::optional<Bytes> snapshot = store.load(kTufSnapshot);
  if (!snapshot.has_value() || set.start_snapshot().has_error()) return;
  if (set.restore_snapshot(*snapshot).has_error() || set.start_targets().has_error()) return;
  add(kTufSnapshot, set.snapshot()->expires);
  const auto add_role = [&](std::string_view role, std::string_view delegator) {
    const std::optional<Bytes> file = store.load(role);
    if (!file.has_value() || set.update_targets(role, delegator, *file).has_error()) return false;
    add(role, set.targets(role, delegator)->expires);
    return true;
  };
  if (!add_role(kTufTargets, kTufRoot)) return;
  const std::vector<TufDelegation> delegations =
      set.targets(kTufTargets, kTufRoot)->body.delegations;
  for (const TufDelegation& delegation : delegations) add_role(delegation.name, kTufTargets);
}

Error not_found(std::string_view name) {
  return fail(ErrorCode::kUnreachable, "the repository has no " + std::string(name));
}

Error too_long(std::string_view name, std::uint64_t max_bytes) {
  return fail(ErrorCode::kUntrusted,
              std::string(name) + ": more than " + std::to_string(max_bytes) + " bytes");
}

}  // namespace

Status TufClient::install_root(const fs::path& folder, ByteView root) {
  ROOTLET_TRY(TufTrustedSet::from_root(root, UnixTime{}));
  ROOTLET_TRY(make_directory(folder));
  return TufStore(folder).save(kTufRoot, root);
}

Result<TufTrustedSet> TufClient::open_stored_root() const {
  const std::optional<Bytes> file = store_.load(kTufRoot);
  if (!file.has_value()) {
    return fail(ErrorCode::kUntrusted, "no readable root.json in " + store_.folder().string());
  }
  // 5.1: fixes the time; metadata that is valid now stays valid until the update ends.
  ROOTLET_TRY(TufTrustedSet set,
              TufTrustedSet::from_root(*file, time_ ? time_(0, nullptr) : clock_->wall()));
  set.judge_expiry_by(time_);
  return set;
}

Result<TufStanding> TufClient::own_standing() const {
  return time_ ? standing(store_.folder(), time_) : standing(store_.folder(), clock_->wall());
}

UnixTime TufStanding::earliest_expiry() const {
  UnixTime earliest = UnixTime::max();
  for (const RoleEnd& end : ends) earliest = std::min(earliest, end.expires);
  return earliest;
}

Result<TufStanding> TufClient::standing(const fs::path& folder, UnixTime now) {
  return standing(folder, [now](std::int64_t, const Signed<TufTimestamp>*) { return now; });
}

Result<TufStanding> TufClient::standing(const fs::path& folder, const TimeOfUpdate& time) {
  const TufStore store(folder);
  const std::optional<Bytes> root_file = store.load(kTufRoot);
  if (!root_file.has_value()) return fail(ErrorCode::kUntrusted, "no readable root.json");
  // The caller evaluates expiry, so this uses the epoch, at which nothing has expired.
  ROOTLET_TRY(TufTrustedSet set, TufTrustedSet::from_root(*root_file, UnixTime{}));
  ROOTLET_TRY(set.start_timestamp());
  TufStanding standing;
  standing.root_version = set.root().version;
  standing.root_expires = set.root().expires;
  standing.ends.push_back({.role = std::string(kTufRoot),
                           .expires = set.root().expires,
                           .life = life_of_role(kTufRoot)});
  const std::optional<Bytes> file = store.load(kTufTimestamp);
  if (!file.has_value() || set.restore_timestamp(*file).has_error()) return standing;
  const Signed<TufTimestamp>& timestamp = *set.timestamp();
  standing.timestamp_version = timestamp.version;
  standing.timestamp_expires = timestamp.expires;
  standing.timestamp_fields = timestamp.signed_part;
  standing.issued = issued_in(timestamp.signed_part);
  const UnixTime now = time(set.root().version, &timestamp);
  standing.is_fresh = !set.root().is_expired(time(0, nullptr)) && !timestamp.is_expired(now);
  standing.ends.push_back(
      {.role = std::string(kTufTimestamp),
       .expires = timestamp.expires,
       .life = standing.issued.has_value() && *standing.issued < timestamp.expires
                   ? timestamp.expires - *standing.issued
                   : life_of_role(kTufTimestamp)});
  add_lower_ends(store, set, standing.ends);
  return standing;
}

Result<UntrustedBytes> TufClient::fetch(const std::string& name, std::size_t max_bytes) {
  ROOTLET_TRY(TufFetched fetched, fetcher_->fetch_metadata(name, max_bytes));
  if (fetched.state != FetchState::kFetched) return not_found(name);
  if (fetched.bytes.size() > max_bytes) return too_long(name, max_bytes);
  return std::move(fetched.bytes);
}

Result<UntrustedBytes> TufClient::fetch_listed(std::string_view role, const TufFileInfo& info) {
  ROOTLET_TRY(std::string name, metadata_file_name(role));
  const std::size_t limit = metadata_limit(role);
  if (info.length.has_value() && *info.length > limit) return too_long(name, limit);
  // 6.2: with consistent snapshots every version has a file name of its own.
  if (trusted_->root().body.consistent_snapshot) {
    name = std::to_string(info.version) + "." + name;
  }
  return fetch(name, info.length.has_value() ? static_cast<std::size_t>(*info.length) : limit);
}

Result<bool> TufClient::has_news() {
  offered_timestamp_.reset();
  ROOTLET_TRY(const TufStanding stored, own_standing());
  // Without a stored timestamp nothing can be unchanged.
  if (stored.timestamp_version == 0) return true;
  ROOTLET_TRY(TufFetched fetched, fetcher_->fetch_timestamp_if_changed(limits::kTimestampBytes));
  if (fetched.state == FetchState::kNotFound) return not_found("timestamp.json");
  if (fetched.state == FetchState::kNotModified) return !stored.is_fresh;
  const std::optional<Bytes> file = store_.load(kTufTimestamp);
  const ByteView offered = fetched.bytes.unchecked();
  const bool is_same = file.has_value() && std::ranges::equal(*file, offered);
  if (is_same && stored.is_fresh) return false;
  offered_timestamp_ = std::move(fetched.bytes);
  return true;
}

Status TufClient::refresh() {
  trusted_.reset();
  ROOTLET_TRY(TufTrustedSet set, open_stored_root());  // 5.2
  trusted_ = std::move(set);
  Status updated = [&]() -> Status {
    ROOTLET_TRY(update_root());
    ROOTLET_TRY(update_timestamp());
    ROOTLET_TRY(update_snapshot());
    ROOTLET_TRY(load_role(kTufTargets, kTufRoot));
    return ok();
  }();
  if (updated.has_error()) trusted_.reset();  // no search for targets in a half-updated set
  return updated;
}

// 5.3
Status TufClient::update_root() {
  for (int i = 0; i < limits::kRootRotationsPerRefresh; ++i) {
    const std::int64_t version = trusted_->root().version + 1;
    const std::string name = std::to_string(version) + ".root.json";
    ROOTLET_TRY(const TufFetched fetched, fetcher_->fetch_metadata(name, limits::kRootBytes));
    if (fetched.state != FetchState::kFetched) break;  // 5.3.3: this was the last one
    if (fetched.bytes.size() > limits::kRootBytes) return too_long(name, limits::kRootBytes);
    ROOTLET_TRY(accept_root(fetched.bytes.unchecked()));
    if (trusted_->root().version != version) break;  // 5.3.5: the same version again
  }
  return trusted_->start_timestamp();
}

// 5.3.4 to 5.3.8, and 5.3.11 for this step.
Status TufClient::accept_root(ByteView file) {
  ROOTLET_TRY(const TufRootUpdate update, trusted_->update_root(file));
  if (!update.is_new) return ok();
  // Deletes before it stores the root: afterwards no step could see that keys were revoked, and an
  // inflated version number would stay for good.
  if (update.revokes_online_keys) {
    ROOTLET_TRY(store_.remove(kTufTimestamp));
    ROOTLET_TRY(store_.remove(kTufSnapshot));
  }
  return store_.save(kTufRoot, file);
}

Result<UntrustedBytes> TufClient::take_timestamp() {
  if (!offered_timestamp_.has_value()) return fetch("timestamp.json", limits::kTimestampBytes);
  UntrustedBytes offered = std::move(*offered_timestamp_);
  offered_timestamp_.reset();
  return offered;
}

// 5.4
Status TufClient::update_timestamp() {
  if (const std::optional<Bytes> stored = store_.load(kTufTimestamp)) {
    if (const Status restored = trusted_->restore_timestamp(*stored); restored.has_error()) {
      log_debug("stored metadata is not used: " + restored.error().message);
    }
  }
  ROOTLET_TRY(const UntrustedBytes fetched, take_timestamp());
  ROOTLET_TRY(const bool is_new, trusted_->update_timestamp(fetched.unchecked()));
  if (is_new) {
    ROOTLET_TRY(store_.save(kTufTimestamp, fetched.unchecked()));  // 5.4.5
  }
  return trusted_->start_snapshot();
}

// 5.5
Status TufClient::update_snapshot() {
  if (const std::optional<Bytes> stored = store_.load(kTufSnapshot)) {
    if (const Status restored = trusted_->restore_snapshot(*stored); restored.has_error()) {
      log_debug("stored metadata is not used: " + restored.error().message);
    }
  }
  if (!trusted_->snapshot_is_current()) {
    ROOTLET_TRY(const UntrustedBytes fetched,
                fetch_listed(kTufSnapshot, trusted_->timestamp()->body.snapshot));
    ROOTLET_TRY(trusted_->update_snapshot(fetched.unchecked()));
    ROOTLET_TRY(store_.save(kTufSnapshot, fetched.unchecked()));  // 5.5.7
  }
  return trusted_->start_targets();
}

// 5.6.1 to 5.6.6, for the top-level targets and every delegated role.
Result<const Signed<TufTargets>*> TufClient::load_role(std::string_view role,
                                                       std::string_view delegator) {
  if (!trusted_.has_value()) std::abort();  // refresh() comes first
  if (const Signed<TufTargets>* known = trusted_->targets(role, delegator)) return known;
  if (const std::optional<Bytes> stored = store_.load(role)) {
    const Status updated = trusted_->update_targets(role, delegator, *stored);
    if (updated.has_value()) return trusted_->targets(role, delegator);
    log_debug("stored metadata is not used: " + updated.error().message);
  }
  const TufFileInfo* info = trusted_->snapshot()->body.find(role);
  if (info == nullptr) {
    return fail(ErrorCode::kUntrusted, std::string(role) + ": not listed in the snapshot");
  }
  ROOTLET_TRY(const UntrustedBytes fetched, fetch_listed(role, *info));
  ROOTLET_TRY(trusted_->update_targets(role, delegator, fetched.unchecked()));
  ROOTLET_TRY(store_.save(role, fetched.unchecked()));
  return trusted_->targets(role, delegator);
}

// 5.6.7: pre-order, depth first, in order of appearance.
Result<std::optional<TufFoundTarget>> TufClient::find_target(std::string_view target_path) {
  std::set<std::string> visited;
  std::vector<Visit> pending{
      {.role = std::string(kTufTargets), .delegator = std::string(kTufRoot)}};
  while (!pending.empty()) {
    const Visit visit = std::move(pending.back());
    pending.pop_back();
    if (visited.contains(visit.role)) continue;  // 5.6.7.1: no cycles
    if (visited.size() > limits::kDelegatedRolesPerSearch) {
      log_warning("search for a target ended after " + std::to_string(visited.size()) + " roles");
      break;
    }
    ROOTLET_TRY(const Signed<TufTargets>* metadata, load_role(visit.role, visit.delegator));
    visited.insert(visit.role);
    if (const TufTarget* target = metadata->body.find(target_path)) {
      return std::optional(
          TufFoundTarget{.path = std::string(target_path), .role = visit.role, .target = *target});
    }
    plan_visits(visit.role, metadata->body, target_path, pending);
  }
  return std::optional<TufFoundTarget>();
}

}  // namespace rootlet
