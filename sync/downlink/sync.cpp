// The order of a sync, and its one shortcut: a poll without news ends it if nothing is unfinished.
#include "sync/downlink/sync.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "sync/downlink/dataset_sync.hpp"
#include "sync/downlink/directory_update.hpp"
#include "sync/downlink/grant_update.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet {
namespace {

// Facts in the directory file. Both name a timestamp by its fingerprint, so they become void when
// metadata is replaced, lost or restored.
constexpr std::string_view kSettledFact = "settled";  // "<timestamp> <grant version>" it matches
constexpr std::string_view kGrantSignersFact = "grant_signers";  // of the held grant
constexpr std::string_view kEtagFact = "etag";  // "<fingerprint> <ETag of that file>"

std::string names_of(const std::vector<PublicKey>& keys) {
  std::string names;
  for (const PublicKey& key : keys) names += to_hex(key) + " ";
  return names;
}

class DownCycle {
 public:
  DownCycle(SyncSession session, DatasetStore& directory)
      : session_(session), directory_(directory), view_(directory.database()) {}

  Status run();

 private:
  Result<bool> directory_is_settled();
  std::string settled_now();
  Result<bool> nothing_is_left();
  Status bring_metadata();
  Status note_contact();
  Status bring_directory();
  Status bring_grant();
  Status bring_data();
  Status drop_lost_datasets();
  Result<std::vector<DatasetPlan>> plan_data();
  Result<std::string> publishers_of(const std::string& dataset);
  Status drop_if_noted(const std::string& dataset);
  Status run_or_rebuild(const DatasetPlan& plan);
  bool all_held_back(const std::vector<DatasetPlan>& plans);
  Status tidy_staging(const std::vector<DatasetPlan>& plans);
  void announce(const std::vector<DatasetPlan>& plans);
  void enter(SyncPhase phase);

  SyncSession session_;
  DatasetStore& directory_;
  DirectoryView view_;
};

void DownCycle::enter(SyncPhase phase) {
  session_.progress.phase = phase;
  session_.tell();
}

Status DownCycle::run() {
  enter(SyncPhase::kPoll);
  ROOTLET_TRY(const bool has_news, session_.trust.has_news());
  // Only now is it known that the link is up, and that what is dropped can be fetched again.
  ROOTLET_TRY(const bool is_damaged, session_.host.directory_is_damaged());
  if (is_damaged) return fail(ErrorCode::kStorageDamaged, "directory.db: damage was found");
  if (!has_news) {
    ROOTLET_TRY(const bool done, nothing_is_left());
    if (done) return note_contact();
  }
  session_.report.had_news = true;
  ROOTLET_TRY(bring_metadata());
  ROOTLET_TRY(bring_directory());
  // Without the current grant the sync fetches nothing more and renews no lease: withholding a
  // grant file must not keep an old grant alive.
  ROOTLET_TRY(bring_grant());
  ROOTLET_TRY(note_contact());
  return bring_data();
}

Result<bool> DownCycle::directory_is_settled() {
  ROOTLET_TRY(const std::vector<HeldStream> held, directory_.streams());
  for (const HeldStream& stream : held) {
    if (stream.state == StreamState::kDamaged) return false;
  }
  ROOTLET_TRY(const std::string settled, directory_.fact(kSettledFact));
  return settled == settled_now();
}

// Which nodes an office reads depends on its grant too.
std::string DownCycle::settled_now() {
  const GrantFile* grant = session_.host.grant();
  return session_.trust.fingerprint() + " " + std::to_string(grant == nullptr ? 0 : grant->version);
}

// True if the network can bring nothing. Reports errors that wait for the platform all the same.
Result<bool> DownCycle::nothing_is_left() {
  ROOTLET_TRY(const bool settled, directory_is_settled());
  if (!settled) return false;
  ROOTLET_TRY(const std::optional<GrantEntry> entry, view_.grant(session_.identity.grant_token));
  ROOTLET_TRY(const bool new_grant, needs_grant(entry, session_.host.grant()));
  if (new_grant) return false;
  ROOTLET_TRY(drop_lost_datasets());
  ROOTLET_TRY(const std::vector<DatasetPlan> plans, plan_data());
  const auto has_work = [](const DatasetPlan& plan) { return plan.has_work(); };
  if (std::any_of(plans.begin(), plans.end(), has_work) && !all_held_back(plans)) return false;
  for (const DatasetPlan& plan : plans) {
    for (const StreamPlan& stream : plan.streams) {
      if (!stream.trouble.has_value()) continue;
      keep_worse(session_.report.error, *stream.trouble);
      session_.report.streams.push_back({.stream = stream.head.stream,
                                         .before = stream.held,
                                         .after = stream.held,
                                         .head = stream.head.version,
                                         .error = stream.trouble});
    }
  }
  return true;
}

// True, and reported, if the gate allows no pack: then there is no need to plan further.
bool DownCycle::all_held_back(const std::vector<DatasetPlan>& plans) {
  for (const DatasetPlan& plan : plans) {
    if (!plan.lost.empty()) return false;
    for (const StreamPlan& stream : plan.streams) {
      if (stream.has_work() && !session_.refusal(stream.packs.front().file_bytes).has_value()) {
        return false;
      }
    }
  }
  for (const DatasetPlan& plan : plans) {
    for (const StreamPlan& stream : plan.streams) {
      for (const PackEntry& pack : stream.packs) {
        const auto reason = session_.refusal(stream.packs.front().file_bytes);
        session_.hold_back(reason.value_or(HoldReason::kHours), pack.file_bytes);
      }
    }
  }
  return true;
}

Status DownCycle::bring_metadata() {
  enter(SyncPhase::kMetadata);
  ROOTLET_TRY(session_.trust.refresh());
  ROOTLET_TRY(const std::optional<ServiceKeys> keys, session_.trust.service_keys());
  if (keys.has_value()) {
    ROOTLET_TRY(session_.host.keep_service_keys(*keys));
  }
  if (session_.trust.timestamp_etag().empty()) return ok();
  return directory_.save_fact(kEtagFact,
                              session_.trust.fingerprint() + " " + session_.trust.timestamp_etag());
}

Status DownCycle::note_contact() {
  ROOTLET_TRY(const TufStanding standing, session_.trust.standing());
  if (!standing.is_fresh) return ok();
  return session_.host.heard({.root_version = standing.root_version,
                              .timestamp_version = standing.timestamp_version,
                              .timestamp_expires = standing.timestamp_expires,
                              .issued = standing.issued,
                              .earliest_expiry = standing.earliest_expiry()});
}

Status DownCycle::bring_directory() {
  enter(SyncPhase::kDirectory);
  ROOTLET_TRY(const bool settled, directory_is_settled());
  if (settled) return ok();
  const std::string settles = settled_now();
  ROOTLET_TRY(update_directory(session_, directory_));
  return directory_.save_fact(kSettledFact, settles);
}

// When others sign grants than those who signed the held one, its version binds nobody.
Status DownCycle::bring_grant() {
  enter(SyncPhase::kGrant);
  ROOTLET_TRY(const std::optional<GrantEntry> entry, view_.grant(session_.identity.grant_token));
  const std::uint64_t version = entry.has_value() ? entry->version : 0;
  const Result<std::vector<PublicKey>> keys =
      session_.trust.grant_signers(grant_path(session_.identity.grant_token, version));
  const std::string signers = keys.has_value() ? names_of(keys.value()) : std::string();
  ROOTLET_TRY(const std::string known, directory_.fact(kGrantSignersFact));
  const bool are_others = !known.empty() && !signers.empty() && known != signers;
  const GrantFile* held = session_.host.grant();
  bool is_new = are_others && entry.has_value() && held != nullptr;
  if (!is_new) {
    ROOTLET_TRY(is_new, needs_grant(entry, held));
  }
  if (is_new) {
    ROOTLET_TRY(update_grant(session_, *entry));
    ROOTLET_TRY(bring_directory());  // the nodes that the new grant names
  }
  if (signers.empty() || known == signers) return ok();
  return directory_.save_fact(kGrantSignersFact, signers);
}

// Drops datasets that the held grant leaves out, or lets nothing of land: the grants role signed
// that, so it is an order. A dataset that is only missing from the directory stays, because the
// online key alone signs that.
Status DownCycle::drop_lost_datasets() {
  const GrantFile* file = session_.host.grant();
  if (file == nullptr) return ok();
  ROOTLET_TRY(const std::vector<std::string> held, session_.host.held_datasets());
  for (const std::string& id : held) {
    if (file->landing(id) != nullptr) continue;
    ROOTLET_TRY(session_.host.drop_dataset(id, DropReason::kNotGranted));
    session_.report.dropped_datasets.push_back(id);
  }
  return ok();
}

// "" before the metadata is fetched, and for a dataset that the office does not know yet.
Result<std::string> DownCycle::publishers_of(const std::string& dataset) {
  if (session_.progress.phase == SyncPhase::kPoll) return std::string();
  ROOTLET_TRY(const std::optional<DatasetDefinition> definition, view_.dataset(dataset));
  if (!definition.has_value()) return std::string();
  const Result<std::vector<PublicKey>> keys =
      session_.trust.publishers(*definition, {dataset, "all"});
  return keys.has_value() ? names_of(keys.value()) : std::string();
}

// Reports a dataset that cannot be planned and skips it; the others continue.
Result<std::vector<DatasetPlan>> DownCycle::plan_data() {
  std::vector<DatasetPlan> plans;
  for (const Grant* grant : syncable_grants(session_.host.grant(), session_.clock.wall())) {
    ROOTLET_TRY(drop_if_noted(grant->dataset));
    Result<std::string> publishers = publishers_of(grant->dataset);
    if (publishers.has_error()) publishers = std::string();  // planning meets the same error
    Result<std::optional<DatasetPlan>> plan =
        plan_dataset(session_.host, view_, *grant, publishers.value());
    if (plan.has_error() && plan.error().code == ErrorCode::kStorageDamaged) {
      // The file does not open: it is a cache, so it is fetched again.
      log_warning("dataset " + grant->dataset + ": " + plan.error().message + "; fetched again");
      ROOTLET_TRY(session_.host.drop_dataset(grant->dataset, DropReason::kDamaged));
      plan = plan_dataset(session_.host, view_, *grant, publishers.value());
    }
    if (plan.has_error()) {
      if (view_.is_damaged()) return plan.error();
      keep_worse(session_.report.error, within("dataset " + grant->dataset, plan.error()));
    } else if (plan.value().has_value()) {
      plans.push_back(std::move(*plan.value()));
    }
  }
  return plans;
}

// A damaged file is kept while its data may not be fetched: most of its rows can still be read.
Status DownCycle::drop_if_noted(const std::string& dataset) {
  ROOTLET_TRY(const bool is_damaged, session_.host.dataset_is_damaged(dataset));
  if (!is_damaged || session_.refusal(0).has_value()) return ok();
  ROOTLET_TRY(session_.host.drop_dataset(dataset, DropReason::kDamaged));
  session_.report.rebuilt.push_back("dataset/" + dataset);
  return ok();
}

// Pages that fail while packs are applied: drops the file and builds it anew, once.
Status DownCycle::run_or_rebuild(const DatasetPlan& plan) {
  const Status done = run_dataset(session_, view_, plan);
  const bool is_damaged =
      done.has_error() && done.error().code == ErrorCode::kStorageDamaged && !view_.is_damaged();
  if (!is_damaged) return done;
  const std::string& id = plan.definition.id;
  ROOTLET_TRY(session_.host.drop_dataset(id, DropReason::kDamaged));
  session_.report.rebuilt.push_back("dataset/" + id);
  ROOTLET_TRY(const std::optional<DatasetPlan> anew,
              plan_dataset(session_.host, view_, *plan.grant, plan.publishers));
  return anew.has_value() ? run_dataset(session_, view_, *anew) : ok();
}

void DownCycle::announce(const std::vector<DatasetPlan>& plans) {
  for (const DatasetPlan& plan : plans) {
    for (const StreamPlan& stream : plan.streams) {
      if (!stream.has_work()) continue;
      if (session_.refusal(stream.packs.front().file_bytes).has_value()) continue;
      session_.progress.packs_total += stream.packs.size();
      session_.progress.bytes_total += stream.bytes();
    }
  }
  enter(SyncPhase::kData);
}

Status DownCycle::tidy_staging(const std::vector<DatasetPlan>& plans) {
  std::set<std::string> wanted;
  for (const DatasetPlan& plan : plans) {
    for (const StreamPlan& stream : plan.streams) {
      for (const PackEntry& pack : stream.packs) wanted.insert(staged_file(pack).name);
    }
  }
  return session_.staging.keep_only(wanted);
}

Status DownCycle::bring_data() {
  ROOTLET_TRY(drop_lost_datasets());
  ROOTLET_TRY(const std::vector<DatasetPlan> plans, plan_data());
  ROOTLET_TRY(tidy_staging(plans));
  announce(plans);
  const auto began = session_.clock.since_boot();
  for (const DatasetPlan& plan : plans) {
    if (session_.stopped()) break;
    const Status done = run_or_rebuild(plan);
    if (done.has_value()) continue;
    if (view_.is_damaged()) return done;
    keep_worse(session_.report.error, within("dataset " + plan.definition.id, done.error()));
  }
  session_.report.data_bytes = session_.progress.bytes_done;
  session_.report.data_seconds =
      std::chrono::duration<double>(session_.clock.since_boot() - began).count();
  return ok();
}

Result<DatasetStore> open_or_rebuild_directory(SyncHost& host) {
  Result<DatasetStore> store = host.open_directory();
  if (store.has_value() || store.error().code != ErrorCode::kStorageDamaged) return store;
  ROOTLET_TRY(host.drop_directory());
  return host.open_directory();
}

TimeOfUpdate time_by(const SyncHost& host, const Clock& clock) {
  return [&host, &clock](std::int64_t root_version, const Signed<TufTimestamp>* newest) {
    if (newest == nullptr) return host.time_of_update(nullptr).value_or(clock.wall());
    const FreshContact offered{.root_version = root_version,
                               .timestamp_version = newest->version,
                               .timestamp_expires = newest->expires,
                               .issued = issued_in(newest->signed_part)};
    return host.time_of_update(&offered).value_or(clock.wall());
  };
}

// The stored ETag, if it belongs to the stored timestamp.
std::string etag_for(const std::string& fact, const std::string& fingerprint) {
  const bool fits = !fingerprint.empty() && fact.starts_with(fingerprint + " ");
  return fits ? fact.substr(fingerprint.size() + 1) : std::string();
}

}  // namespace

SyncReport DownSync::run(const ProgressSink& on_progress, const StopCheck& should_stop) {
  SyncReport report;
  const Traffic before = source_->traffic();
  const auto began = clock_->since_boot();
  Status done = run_once(report, on_progress, should_stop);
  // The directory's file is damaged: everything else waits for it, so it is fetched again at once.
  if (done.has_error() && done.error().code == ErrorCode::kStorageDamaged) {
    done = host_->drop_directory();
    report.rebuilt.push_back("directory");
    if (done.has_value()) done = run_once(report, on_progress, should_stop);
  }
  if (done.has_error()) keep_worse(report.error, done.error());
  const Traffic after = source_->traffic();
  report.traffic = {.bytes_down = after.bytes_down - before.bytes_down,
                    .bytes_up = after.bytes_up - before.bytes_up,
                    .requests = after.requests - before.requests};
  report.seconds = std::chrono::duration<double>(clock_->since_boot() - began).count();
  report.was_stopped = should_stop && should_stop();
  return report;
}

// kStorageDamaged only for the directory's file.
Status DownSync::run_once(SyncReport& report, const ProgressSink& on_progress,
                          const StopCheck& should_stop) {
  SyncProgress progress;
  progress.bytes_per_second = settings_.bytes_per_second;
  const Staging staging(settings_.staging_folder);
  ROOTLET_TRY(staging.prepare());
  ROOTLET_TRY(DatasetStore directory, open_or_rebuild_directory(*host_));
  ROOTLET_TRY(prepare_node_tables(directory.database()));
  // Without its fact the poll costs one more file; damage is dealt with once the link is up.
  const Result<std::string> known = directory.fact(kEtagFact);
  const TimeOfUpdate time = time_by(*host_, *clock_);
  const RealmTrust stored(settings_.trust_folder, *source_, *clock_, {}, {}, time);
  LinkWatch source(*source_, *clock_, settings_.crawl);
  RealmTrust trust(
      settings_.trust_folder, source, *clock_, news_path(identity_.division),
      etag_for(known.has_value() ? known.value() : std::string(), stored.fingerprint()), time);
  const SyncSession session{*host_, source,   staging,     *clock_,     trust,         identity_,
                            report, progress, on_progress, should_stop, settings_.gate};
  return DownCycle(session, directory).run();
}

}  // namespace rootlet
