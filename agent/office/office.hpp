// One thread's view of an enrolled home: identity, grants, trusted time and catalogue, as loaded by
// open() and brought up to date by refresh(). One thread at a time: most commands open their own
// Office, and agent/reading keeps some open for look-ups.
#pragma once

#include "agent/office/context.hpp"
#include "agent/office/copy_lock.hpp"
#include "agent/office/file_identity.hpp"
#include "agent/office/identity.hpp"
#include "agent/office/outbox_file.hpp"
#include "agent/time/lease.hpp"
#include "agent/time/trusted_clock.hpp"
#include "sync/downlink/store/dataset_reader.hpp"
#include "sync/downlink/store/directory_view.hpp"
#include "sync/uplink/outbox/outbox.hpp"

namespace rootlet::agent {

// The machine's own report that it is lost or suspect; empty if there is none.
struct LossReport {
  std::string record;  // the id of the incident
  UnixTime at{};
  std::string reason;
};

class Office {
 public:
  // kNotEnrolled if the home is new; kStorageDamaged, with what helps, if its keys are lost
  // (loss.hpp); kStorage if its machine key is unsafe.
  static Result<Office> open(const AgentContext& context);
  // As open(), and kNotEnrolled unless enrolled or the request was exported (kRequested).
  static Result<Office> open_enrolled(const AgentContext& context);

  // Loads anew what keys.db has got from others since, as open_enrolled() would. A cheap question
  // if nothing has changed. kNotEnrolled as open_enrolled(). False from is_current_file(): keys.db
  // is another file now, and this Office must not be used.
  Status refresh();
  bool is_current_file() const;
  // Changes with every change of keys.db that refresh() has seen.
  std::uint64_t generation() const { return generation_; }

  const AgentContext& context() const { return *context_; }
  const Home& home() const { return context_->home; }
  KeyStore& keys() { return keys_; }
  const Identity& identity() const { return identity_; }
  const GrantFile& grants() const { return grants_; }
  // While the platform has not settled it.
  const LossReport& loss() const { return loss_; }
  const CopyLock& copy_lock() const { return copy_lock_; }
  // As keys.db says now, also if another process has just reported it.
  Result<bool> is_reported_lost();
  // When the agent last got fresh, verified metadata, as people see it; the Unix epoch before the
  // first time.
  UnixTime contact() const { return clock_.heard().seen; }
  TrustedTime time() const { return clock_.read(); }
  // The time by which an update judges expiry (time_rules.hpp).
  UnixTime time_of_update(const SignedTime* newest) const { return clock_.time_of_update(newest); }

  Lease lease_of(std::string_view dataset) const;
  // directory.db, or nullopt before the first sync.
  Result<std::optional<DatasetReader>> open_directory();
  // The dataset's file, or nullopt before it has arrived.
  Result<std::optional<DatasetReader>> open_dataset(std::string_view id);
  Result<Outbox> open_outbox();  // see outbox_file.hpp
  UplinkIdentity uplink_identity() const;
  std::optional<SeenDirectory> seen_directory() const;

  // All are on disk when they return.
  Status save_grants(const GrantFile& grants);
  // From now on all data is locked, until a grant file settles the report.
  Status save_loss(const LossReport& loss);
  // Takes in a verified timestamp that has not expired. `earliest_expiry` is the earliest expiry of
  // all metadata verified with it.
  Status keep_service_keys(const ServiceKeys& service_keys);
  Status hear(const SignedTime& timestamp, UnixTime earliest_expiry);
  bool was_heard() const { return was_heard_; }  // hear() has renewed the contact
  // Saves the time awake until now.
  Status save_clock();

 private:
  Office(const AgentContext& context, KeyStore keys, TrustedClock clock, FileIdentity file)
      : context_(&context), keys_(std::move(keys)), clock_(std::move(clock)), file_(file) {}
  Status load();
  void keep_awake_count();

  const AgentContext* context_;
  KeyStore keys_;
  TrustedClock clock_;
  FileIdentity file_;              // of keys.db
  std::int64_t keys_version_ = 0;  // KeyStore::data_version() of what is loaded
  std::uint64_t generation_ = 0;
  Identity identity_;
  GrantFile grants_;
  LossReport loss_;
  CopyLock copy_lock_;
  bool was_heard_ = false;
};

}  // namespace rootlet::agent
