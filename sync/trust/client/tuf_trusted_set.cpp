// Trust rules, each with its clause of the TUF specification 1.0, section 5.
#include "sync/trust/client/tuf_trusted_set.hpp"

#include <algorithm>
#include <cstdlib>

namespace rootlet {
namespace {

Error refuse(std::string_view role, std::string_view detail) {
  return fail(ErrorCode::kUntrusted, std::string(role) + ": " + std::string(detail));
}

Error rolled_back(std::string_view what, std::int64_t trusted, std::int64_t offered) {
  return fail(ErrorCode::kUntrusted, std::string(what) + ": rollback from version " +
                                         std::to_string(trusted) + " to " +
                                         std::to_string(offered));
}

template <typename T>
Status verify_by_root(const Signed<TufRoot>& root, const Signed<T>& metadata) {
  return verify_threshold(root.body.role(T::kType), root.body.keys, as_bytes(metadata.signed_bytes),
                          metadata.signatures, T::kType);
}

template <typename T>
Result<Signed<T>> open_metadata(const Signed<TufRoot>& root, ByteView file) {
  ROOTLET_TRY(Signed<T> metadata, parse_metadata<T>(file, T::kType));
  ROOTLET_TRY(verify_by_root(root, metadata));
  return metadata;
}

// A key is revoked if no key of the role in the new root has the same material.
bool revokes_key_of(std::string_view role, const TufRoot& old_root, const TufRoot& new_root) {
  std::set<Bytes> kept;
  for (const std::string& id : new_root.role(role).key_ids) {
    const auto key = new_root.keys.find(id);
    if (key != new_root.keys.end()) kept.insert(unique_form(key->second));
  }
  const auto& old_ids = old_root.role(role).key_ids;
  return std::any_of(old_ids.begin(), old_ids.end(), [&](const std::string& id) {
    const auto key = old_root.keys.find(id);
    return key != old_root.keys.end() && !kept.contains(unique_form(key->second));
  });
}

}  // namespace

void TufTrustedSet::require(Stage stage) const {
  if (stage_ != stage) std::abort();
}

Result<TufTrustedSet> TufTrustedSet::from_root(ByteView file, UnixTime now) {
  ROOTLET_TRY(Signed<TufRoot> root, parse_metadata<TufRoot>(file, kTufRoot));
  ROOTLET_TRY(verify_by_root(root, root));
  return TufTrustedSet(std::move(root), now);
}

Result<TufRootUpdate> TufTrustedSet::update_root(ByteView file) {
  require(Stage::kRoot);
  // 5.3.4: a threshold of the old keys, and a threshold of the new ones.
  ROOTLET_TRY(Signed<TufRoot> next, open_metadata<TufRoot>(root_, file));
  ROOTLET_TRY(verify_by_root(next, next));
  // 5.3.5: exactly the next version.
  if (next.version == root_.version) return TufRootUpdate{};
  if (next.version != root_.version + 1) {
    return refuse(kTufRoot, "version " + std::to_string(next.version) + " where " +
                                std::to_string(root_.version + 1) + " belongs");
  }
  // 5.3.6: an intermediate root may be expired. 5.3.7: this one is trusted from here on.
  const TufRootUpdate update{
      .is_new = true,
      .revokes_online_keys = revokes_key_of(kTufTimestamp, root_.body, next.body) ||
                             revokes_key_of(kTufSnapshot, root_.body, next.body)};
  root_ = std::move(next);
  return update;
}

Status TufTrustedSet::start_timestamp() {
  require(Stage::kRoot);
  if (root_.is_expired(now_)) {
    return refuse(kTufRoot, "expired on " + format_time(root_.expires));
  }
  stage_ = Stage::kTimestamp;
  return ok();
}

Status TufTrustedSet::restore_timestamp(ByteView file) {
  require(Stage::kTimestamp);
  ROOTLET_TRY(timestamp_, open_metadata<TufTimestamp>(root_, file));
  return ok();
}

UnixTime TufTrustedSet::now_by(const Signed<TufTimestamp>& newest) const {
  return time_of_update_ ? time_of_update_(root_.version, &newest) : now_;
}

Result<bool> TufTrustedSet::update_timestamp(ByteView file) {
  require(Stage::kTimestamp);
  // 5.4.2
  ROOTLET_TRY(Signed<TufTimestamp> next, open_metadata<TufTimestamp>(root_, file));
  // 5.4.3: neither its version nor the snapshot's may go back.
  if (timestamp_.has_value()) {
    if (next.version == timestamp_->version) {
      now_ = now_by(*timestamp_);
      return false;
    }
    if (next.version < timestamp_->version) {
      return rolled_back(kTufTimestamp, timestamp_->version, next.version);
    }
    const std::int64_t trusted = timestamp_->body.snapshot.version;
    if (next.body.snapshot.version < trusted) {
      return rolled_back("timestamp: snapshot", trusted, next.body.snapshot.version);
    }
  }
  // 5.4.4
  const UnixTime now = now_by(next);
  if (next.is_expired(now)) {
    return refuse(kTufTimestamp, "expired on " + format_time(next.expires));
  }
  now_ = now;
  timestamp_ = std::move(next);
  return true;
}

Status TufTrustedSet::start_snapshot() {
  require(Stage::kTimestamp);
  if (!timestamp_.has_value()) return refuse(kTufTimestamp, "there is none");
  if (timestamp_->is_expired(now_)) {
    return refuse(kTufTimestamp, "expired on " + format_time(timestamp_->expires));
  }
  stage_ = Stage::kSnapshot;
  return ok();
}

Status TufTrustedSet::restore_snapshot(ByteView file) {
  require(Stage::kSnapshot);
  // The hashes in the new timestamp describe another file; snapshot_is_current() checks them.
  ROOTLET_TRY(snapshot_, open_metadata<TufSnapshot>(root_, file));
  return ok();
}

bool TufTrustedSet::snapshot_is_current() const {
  if (!snapshot_.has_value() || !timestamp_.has_value()) return false;
  const TufFileInfo& info = timestamp_->body.snapshot;
  return snapshot_->version == info.version && !snapshot_->is_expired(now_) &&
         check_length_and_hashes(snapshot_->file, info.length, info.hashes, kTufSnapshot)
             .has_value();
}

Status TufTrustedSet::check_snapshot_rollback(const Signed<TufSnapshot>& next) const {
  if (!snapshot_.has_value()) return ok();
  if (next.version < snapshot_->version) {
    return rolled_back(kTufSnapshot, snapshot_->version, next.version);
  }
  for (const auto& [name, trusted] : snapshot_->body.meta) {
    const auto found = next.body.meta.find(name);
    if (found == next.body.meta.end()) return refuse(kTufSnapshot, "no longer lists " + name);
    if (found->second.version < trusted.version) {
      return rolled_back("snapshot: " + name, trusted.version, found->second.version);
    }
  }
  return ok();
}

Status TufTrustedSet::update_snapshot(ByteView file) {
  require(Stage::kSnapshot);
  const TufFileInfo& info = timestamp_->body.snapshot;
  // 5.5.2, before parsing.
  ROOTLET_TRY(check_length_and_hashes(file, info.length, info.hashes, kTufSnapshot));
  // 5.5.3
  ROOTLET_TRY(Signed<TufSnapshot> next, open_metadata<TufSnapshot>(root_, file));
  // 5.5.4
  if (next.version != info.version) {
    return refuse(kTufSnapshot, "version " + std::to_string(next.version) +
                                    " where the timestamp says " + std::to_string(info.version));
  }
  // 5.5.5
  ROOTLET_TRY(check_snapshot_rollback(next));
  // 5.5.6
  if (next.is_expired(now_)) {
    return refuse(kTufSnapshot, "expired on " + format_time(next.expires));
  }
  snapshot_ = std::move(next);
  return ok();
}

Status TufTrustedSet::start_targets() {
  require(Stage::kSnapshot);
  if (!snapshot_is_current()) return refuse(kTufSnapshot, "there is no current one");
  stage_ = Stage::kTargets;
  return ok();
}

Status TufTrustedSet::verify_delegation(std::string_view role, std::string_view delegator,
                                        const Signed<TufTargets>& metadata) const {
  if (delegator == kTufRoot) {
    if (role != kTufTargets) std::abort();
    return verify_by_root(root_, metadata);
  }
  const auto from = targets_.find(delegator);
  if (from == targets_.end()) std::abort();
  const TufDelegation* delegation = from->second.body.delegation(role);
  if (delegation == nullptr) {
    return refuse(role, "not delegated by " + std::string(delegator));
  }
  return verify_threshold(delegation->role, from->second.body.keys, as_bytes(metadata.signed_bytes),
                          metadata.signatures, role);
}

Status TufTrustedSet::update_targets(std::string_view role, std::string_view delegator,
                                     ByteView file) {
  require(Stage::kTargets);
  const TufFileInfo* info = snapshot_->body.find(role);
  if (info == nullptr) return refuse(role, "not listed in the snapshot");
  // 5.6.2
  ROOTLET_TRY(check_length_and_hashes(file, info->length, info->hashes, role));
  // 5.6.3, with the keys of the delegation that led here.
  ROOTLET_TRY(Signed<TufTargets> next, parse_metadata<TufTargets>(file, role));
  ROOTLET_TRY(verify_delegation(role, delegator, next));
  // 5.6.4
  if (next.version != info->version) {
    return refuse(role, "version " + std::to_string(next.version) + " where the snapshot says " +
                            std::to_string(info->version));
  }
  // 5.6.5
  if (next.is_expired(now_)) return refuse(role, "expired on " + format_time(next.expires));
  // Drops the trust in every delegation through or to another file of this name.
  std::erase_if(verified_,
                [&](const Edge& edge) { return edge.first == role || edge.second == role; });
  targets_.insert_or_assign(std::string(role), std::move(next));
  verified_.emplace(delegator, role);
  return ok();
}

const Signed<TufTargets>* TufTrustedSet::targets(std::string_view role,
                                                 std::string_view delegator) {
  require(Stage::kTargets);
  const auto found = targets_.find(role);
  if (found == targets_.end()) return nullptr;
  const Edge edge(delegator, role);
  if (!verified_.contains(edge)) {
    if (verify_delegation(role, delegator, found->second).has_error()) return nullptr;
    verified_.insert(edge);
  }
  return &found->second;
}

}  // namespace rootlet
