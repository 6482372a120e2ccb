// The trust rules of The Update Framework (specification 1.0, sections 5.2 to 5.6.6) as one object
// without files, network or clock: bytes either become trusted, or an error of code kUntrusted
// leaves the set unchanged. Enforces the order root, timestamp, snapshot, targets; a call out of
// order is a bug and aborts.
//
// A delegated role is trusted through the delegation that led to it, never by its name: two roles
// may delegate to the same name with different keys.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet {

struct TufRootUpdate {
  bool is_new = false;  // false: the same version again, which is discarded (5.3.5)
  // The new root removes a key of the timestamp or snapshot role: delete the stored timestamp and
  // snapshot before storing the root (5.3.11).
  bool revokes_online_keys = false;
};

// The time by which an update judges expiry, given its newest verified timestamp and the version of
// the root that verified it; before there is one, null.
using TimeOfUpdate =
    std::function<UnixTime(std::int64_t root_version, const Signed<TufTimestamp>* newest)>;

class TufTrustedSet {
 public:
  // 5.1 and 5.2: `now` is the fixed start of the update. The root must be signed by its own keys,
  // and may be expired.
  static Result<TufTrustedSet> from_root(ByteView file, UnixTime now);

  // 5.3.4 to 5.3.7: the next root, signed by the keys of the old one and by its own.
  Result<TufRootUpdate> update_root(ByteView file);

  // From its timestamp on, the update judges expiry by this time instead of its fixed start: for a
  // caller that knows from earlier timestamps what the time is (docs/time.md).
  void judge_expiry_by(TimeOfUpdate time) { time_of_update_ = std::move(time); }

  // 5.3.10: ends the root updates. Rejects an expired root.
  Status start_timestamp();
  // The timestamp of the last update, expired or not; only a newer one can follow it.
  Status restore_timestamp(ByteView file);
  // 5.4.2 to 5.4.4. True if it is newer; false for the version that is already trusted, which then
  // stays.
  Result<bool> update_timestamp(ByteView file);

  // 5.4.4 for the current timestamp: kUntrusted if it has expired or is missing.
  Status start_snapshot();
  // The snapshot of the last update, which may be expired or superseded; the next one must not roll
  // back behind it.
  Status restore_snapshot(ByteView file);
  // True if the snapshot is the one that the timestamp names, and has not expired.
  bool snapshot_is_current() const;
  // 5.5.2 to 5.5.6.
  Status update_snapshot(ByteView file);

  Status start_targets();
  // 5.6.2 to 5.6.5 for `role`, reached through `delegator`; "targets" is reached through "root".
  // Stored and fetched files pass the same checks. `delegator` must already be trusted.
  Status update_targets(std::string_view role, std::string_view delegator, ByteView file);
  // The role if this update trusts it through exactly this delegation, else null.
  const Signed<TufTargets>* targets(std::string_view role, std::string_view delegator);

  UnixTime now() const { return now_; }
  const Signed<TufRoot>& root() const { return root_; }
  const Signed<TufTimestamp>* timestamp() const { return timestamp_ ? &*timestamp_ : nullptr; }
  const Signed<TufSnapshot>* snapshot() const { return snapshot_ ? &*snapshot_ : nullptr; }

 private:
  enum class Stage { kRoot, kTimestamp, kSnapshot, kTargets };
  using Edge = std::pair<std::string, std::string>;  // delegator, role

  TufTrustedSet(Signed<TufRoot> root, UnixTime now) : now_(now), root_(std::move(root)) {}
  void require(Stage stage) const;
  // Aborts if `delegator` is not trusted; kUntrusted if it does not delegate to `role`.
  Status verify_delegation(std::string_view role, std::string_view delegator,
                           const Signed<TufTargets>& metadata) const;
  Status check_snapshot_rollback(const Signed<TufSnapshot>& next) const;
  UnixTime now_by(const Signed<TufTimestamp>& newest) const;

  UnixTime now_;
  TimeOfUpdate time_of_update_;
  Stage stage_ = Stage::kRoot;
  Signed<TufRoot> root_;
  std::optional<Signed<TufTimestamp>> timestamp_;
  std::optional<Signed<TufSnapshot>> snapshot_;
  std::map<std::string, Signed<TufTargets>, std::less<>> targets_;
  std::set<Edge> verified_;  // delegations through which a role in targets_ is trusted
};

}  // namespace rootlet
