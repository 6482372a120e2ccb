// Separates planning from running. A stream that could not follow its plan gets a new plan from
// what is then held.
#include "sync/downlink/dataset_sync.hpp"

#include <algorithm>
#include <map>

#include "core/limits.hpp"
#include "sync/pack/plan.hpp"

namespace rootlet {
namespace {

constexpr int kPlansPerStream = 3;  // the first, the repair, and the repair without a refused pack
constexpr std::string_view kPublishersFact = "publishers";  // when all streams were at their heads

StoreLayout layout_for(const DatasetDefinition& definition, const Grant& grant) {
  return dataset_layout(definition, grant.opened_grade());
}

bool has_keys(const GrantFile& file, const StoreLayout& layout, const StreamHead& head) {
  return std::all_of(layout.sections.begin(), layout.sections.end(), [&](const auto& section) {
    return file.key_for(head.stream, section.grade, head.epoch).has_value();
  });
}

// Refused packs count only under this grant version and program version.
std::string refusal_basis(const GrantFile& file) {
  return "grant " + std::to_string(file.version) + " rootlet " ROOTLET_VERSION;
}

Result<StreamPlan> plan_one(DatasetStore& store, DirectoryView& directory, const GrantFile& file,
                            const StreamHead& head, std::optional<HeldStream> held,
                            bool may_go_back) {
  StreamFacts facts{.head = head,
                    .held = std::move(held),
                    .packs = {},
                    .refused = {},
                    .may_go_back = may_go_back};
  facts.has_current_layout = facts.held.has_value() && store.has_current_layout(*facts.held);
  if (!is_at_head(facts)) {
    facts.has_keys = has_keys(file, store.layout(), head);
    ROOTLET_TRY(facts.packs, directory.packs(head.stream));
    ROOTLET_TRY(facts.refused, store.refused_packs());
  }
  return plan_stream(facts);
}

Result<bool> may_go_back(DatasetStore& store, const std::string& publishers) {
  ROOTLET_TRY(const std::string known, store.fact(kPublishersFact));
  return !known.empty() && !publishers.empty() && known != publishers;
}

Result<DatasetPlan> plan_in(DatasetStore& store, DirectoryView& directory, const GrantFile& file,
                            const Grant& grant, DatasetDefinition definition,
                            const std::string& publishers) {
  ROOTLET_TRY(store.validate_under(refusal_basis(file)));
  ROOTLET_TRY(const std::vector<HeldStream> held, store.streams());
  ROOTLET_TRY(std::vector<StreamHead> all, directory.heads(grant.dataset));
  const std::vector<StreamHead> heads = granted_heads(grant, std::move(all));
  DatasetPlan plan{.definition = std::move(definition),
                   .grant = &grant,
                   .publishers = publishers,
                   .streams = {},
                   .lost = plan_lost(held, grant)};
  ROOTLET_TRY(const bool back, may_go_back(store, publishers));
  std::map<std::string_view, const HeldStream*> by_partition;
  for (const HeldStream& stream : held) by_partition.emplace(stream.partition, &stream);
  for (const StreamHead& head : heads) {
    const auto known = by_partition.find(head.stream.partition);
    ROOTLET_TRY(
        StreamPlan stream,
        plan_one(store, directory, file, head,
                 known == by_partition.end() ? std::optional<HeldStream>() : *known->second, back));
    plan.streams.push_back(std::move(stream));
  }
  return plan;
}

// Otherwise the verified pack is kept for the next try: the sync was stopped, the disk is full or
// does not write, or another process holds the file.
bool is_fault_of_pack(ErrorCode code) {
  return code == ErrorCode::kUntrusted || code == ErrorCode::kBadInput ||
         code == ErrorCode::kInternal;
}

// The packs of a plan by where they lie, so that neighbours are fetched in one request: a
// province's dataset is tens of thousands of packs of some hundred bytes.
class NearbyPacks {
 public:
  explicit NearbyPacks(const std::vector<StreamPlan>& plans) {
    for (const StreamPlan& plan : plans) {
      for (const PackEntry& pack : plan.packs) {
        const StagedFile file = staged_file(pack);
        files_[file.path].emplace(file.offset, file);
      }
    }
  }

  // `first`, and the packs behind it that `may_come` allows.
  template <typename MayCome>
  std::vector<StagedFile> from(const StagedFile& first, MayCome may_come) const {
    std::vector<StagedFile> found{first};
    std::uint64_t end = first.offset + first.file_bytes;
    const auto in_file = files_.find(first.path);
    if (in_file == files_.end()) return found;  // of a second plan
    for (auto at = in_file->second.upper_bound(first.offset); at != in_file->second.end(); ++at) {
      const StagedFile& next = at->second;
      const bool is_near = next.offset >= end && next.offset - end <= kRequestBytes;
      const std::uint64_t all = next.offset + next.file_bytes - first.offset;
      if (!is_near || all > kTogetherBytes || !may_come(next)) break;
      found.push_back(next);
      end = next.offset + next.file_bytes;
    }
    return found;
  }

 private:
  static constexpr std::uint64_t kTogetherBytes = 256 * limits::kKiB;  // staged at a time
  std::map<std::string, std::map<std::uint64_t, StagedFile>> files_;   // by path and offset
};

// Syncs the streams of one open dataset.
class DatasetRun {
 public:
  DatasetRun(SyncSession& session, DirectoryView& directory, const DatasetPlan& plan,
             DatasetStore& store)
      : session_(session),
        directory_(directory),
        plan_(plan),
        store_(store),
        nearby_(plan.streams) {}

  Status run();

 private:
  Status drop_lost();
  Status note_publishers();
  Result<StreamOutcome> run_stream(const StreamPlan& planned);
  Status follow(const StreamPlan& plan, StreamOutcome& outcome);
  bool hold_back(const StreamPlan& plan, const PackEntry& next);
  Status take_pack(const PackEntry& entry, const StreamHead& head);
  void fetch_neighbours(const PackEntry& entry);
  Result<ApplyContext> apply_context(const PackHeader& pack, const StreamHead& head) const;

  SyncSession& session_;
  DirectoryView& directory_;
  const DatasetPlan& plan_;
  DatasetStore& store_;
  NearbyPacks nearby_;
  std::optional<KeptTables> tables_;
};

Status DatasetRun::run() {
  const std::uint64_t rows_before = session_.report.rows;
  ROOTLET_TRY(const std::vector<RowWatch> watches,
              session_.host.watches(plan_.definition, *plan_.grant));
  ROOTLET_TRY(keep_hits_of(store_.database(), watches));
  tables_.emplace(store_, watches);
  ROOTLET_TRY(drop_lost());
  ROOTLET_TRY(store_.clean(session_.should_stop));
  for (const StreamPlan& planned : plan_.streams) {
    if (!planned.has_work() && !planned.trouble.has_value()) continue;
    if (session_.stopped()) return ok();
    ROOTLET_TRY(StreamOutcome outcome, run_stream(planned));
    if (outcome.error.has_value()) keep_worse(session_.report.error, *outcome.error);
    session_.report.streams.push_back(std::move(outcome));
  }
  ROOTLET_TRY(note_publishers());
  // Rows that were removed or replaced must not stay in the write-ahead log.
  if (session_.report.rows != rows_before) {
    ROOTLET_TRY(keep_hits_of(store_.database(), watches));
    ROOTLET_TRY(store_.database().checkpoint());
  }
  store_.database().release_memory();
  return ok();
}

// Once every stream is at its head, what is held is what these publishers signed.
Status DatasetRun::note_publishers() {
  if (plan_.publishers.empty()) return ok();
  ROOTLET_TRY(const std::vector<HeldStream> held, store_.streams());
  for (const StreamPlan& stream : plan_.streams) {
    const auto known =
        std::ranges::find(held, stream.head.stream.partition, &HeldStream::partition);
    if (known == held.end() || known->version != stream.head.version) return ok();
  }
  return store_.save_fact(kPublishersFact, plan_.publishers);
}

Status DatasetRun::drop_lost() {
  for (const std::string& partition : plan_.lost) {
    ROOTLET_TRY(store_.drop_stream(partition));
    session_.report.streams.push_back(
        {.stream = {plan_.definition.id, partition}, .was_dropped = true, .error = {}});
  }
  return ok();
}

// Returns only storage errors; other errors belong to the stream and are in its outcome.
Result<StreamOutcome> DatasetRun::run_stream(const StreamPlan& planned) {
  StreamOutcome outcome{.stream = planned.head.stream,
                        .before = planned.held,
                        .after = planned.held,
                        .head = planned.head.version,
                        .error = planned.trouble};
  StreamPlan plan = planned;
  if (plan.is_fork) session_.note_fork(plan.head.stream, plan.head.version);
  for (int round = 0; round < kPlansPerStream && plan.has_work(); ++round) {
    const Status followed = follow(plan, outcome);
    if (followed.has_error() && followed.error().code == ErrorCode::kStorageDamaged) {
      return followed.error();
    }
    ROOTLET_TRY(store_.clean(session_.should_stop));
    outcome.error.reset();
    if (followed.has_value()) break;
    outcome.error = followed.error();
    if (followed.error().code != ErrorCode::kUntrusted || session_.stopped()) break;
    ROOTLET_TRY(std::optional<HeldStream> held, store_.stream(planned.head.stream.partition));
    ROOTLET_TRY(const bool back, may_go_back(store_, plan_.publishers));
    ROOTLET_TRY(plan, plan_one(store_, directory_, *session_.host.grant(), planned.head,
                               std::move(held), back));
    if (plan.trouble.has_value() && !plan.has_work()) break;
  }
  return outcome;
}

Status DatasetRun::follow(const StreamPlan& plan, StreamOutcome& outcome) {
  session_.progress.stream = plan.head.stream.text();
  for (const PackEntry& entry : plan.packs) {
    if (hold_back(plan, entry)) return ok();
    ROOTLET_TRY(take_pack(entry, plan.head));
    outcome.after = entry.to;
    session_.progress.packs_done += 1;
    session_.tell();
  }
  return ok();
}

// True if the gate is closed for `next`: it and the packs after it wait for another sync.
bool DatasetRun::hold_back(const StreamPlan& plan, const PackEntry& next) {
  if (session_.staging.bytes_of(staged_file(next)) >= next.file_bytes) return false;
  const std::optional<HoldReason> reason = session_.refusal(next.file_bytes);
  if (!reason.has_value()) return false;
  bool is_left = false;
  for (const PackEntry& entry : plan.packs) {
    is_left = is_left || entry.name() == next.name();
    if (is_left) session_.hold_back(*reason, entry.file_bytes);
  }
  return true;
}

// Only saves requests: whatever goes wrong here shows when the pack itself is fetched.
void DatasetRun::fetch_neighbours(const PackEntry& entry) {
  const StagedFile first = staged_file(entry);
  if (session_.staging.bytes_of(first) > 0) return;
  const std::vector<StagedFile> files = nearby_.from(first, [&](const StagedFile& next) {
    return session_.staging.bytes_of(next) == 0 && !session_.refusal(next.file_bytes).has_value();
  });
  if (files.size() < 2) return;
  static_cast<void>(
      session_.staging.fetch_together(session_.source, files, session_.counted_transfer()));
}

Status DatasetRun::take_pack(const PackEntry& entry, const StreamHead& head) {
  if (!session_.source.is_up() &&
      session_.staging.bytes_of(staged_file(entry)) < entry.file_bytes) {
    return fail(ErrorCode::kUnreachable,
                "stream " + head.stream.text() + ": " + std::string(session_.source.reason()));
  }
  PackRequest request{.entry = entry,
                      .grades = {},
                      .publishers = {},
                      .head = head,
                      .partition = head.stream.partition};
  ROOTLET_TRY(request.publishers, session_.trust.publishers(plan_.definition, head.stream));
  for (const SectionSchema& section : store_.layout().sections)
    request.grades.push_back(section.grade);
  request.is_whole = request.grades.size() == plan_.definition.sections().size();
  if (request.is_whole) fetch_neighbours(entry);
  const Result<StagedPack> staged =
      fetch_pack(session_.source, session_.staging, request, session_.counted_transfer());
  if (staged.has_error()) return within("stream " + head.stream.text(), staged.error());
  const Result<ApplyContext> context = apply_context(staged.value().header, head);
  if (context.has_error()) {
    // Under keys from before the office's time: another way leads past it.
    ROOTLET_TRY(session_.staging.remove(staged_file(entry)));
    ROOTLET_TRY(store_.note_refused(staged.value().name, DatasetStore::kPackTries));
    return context.error();
  }
  const Result<AppliedPack> applied = apply_pack(*tables_, staged.value(), context.value());
  if (applied.has_error() && !is_fault_of_pack(applied.error().code)) return applied.error();
  ROOTLET_TRY(session_.staging.remove(staged_file(entry)));
  if (applied.has_error()) return applied.error();
  session_.report.packs += 1;
  session_.report.rows +=
      applied.value().inserted + applied.value().updated + applied.value().removed;
  return ok();
}

Result<ApplyContext> DatasetRun::apply_context(const PackHeader& pack,
                                               const StreamHead& head) const {
  ApplyContext context;
  const GrantFile& file = *session_.host.grant();
  for (const SectionSchema& section : store_.layout().sections) {
    std::optional<SymmetricKey> key = file.key_for(pack.stream, section.grade, pack.epoch);
    if (!key.has_value()) {
      return fail(ErrorCode::kUntrusted, "stream " + pack.stream.text() + ": no key of epoch " +
                                             std::to_string(pack.epoch) + " in the grant");
    }
    context.content_keys.push_back(std::move(*key));
  }
  context.as_of = head.published;
  context.received = session_.clock.wall();
  context.should_stop = session_.should_stop;
  if (plan_.definition.division_digits > 0) {
    context.scope = {.column = plan_.definition.division_column,
                     .partition = head.stream.partition};
  }
  return context;
}

Result<DatasetStore> open_or_rebuild(SyncHost& host, std::string_view id,
                                     const StoreLayout& layout) {
  Result<DatasetStore> store = host.open_dataset(id, layout);
  if (store.has_value() || store.error().code != ErrorCode::kStorageDamaged) return store;
  ROOTLET_TRY(host.drop_dataset(id, DropReason::kDamaged));
  return host.open_dataset(id, layout);
}

}  // namespace

bool DatasetPlan::has_work() const {
  return !lost.empty() || std::any_of(streams.begin(), streams.end(),
                                      [](const StreamPlan& plan) { return plan.has_work(); });
}

std::vector<const Grant*> syncable_grants(const GrantFile* file, UnixTime now) {
  std::vector<const Grant*> grants;
  if (file == nullptr || file->suspended) return grants;
  for (const Grant& grant : file->grants) {
    if (grant.until > now && grant.lands()) grants.push_back(&grant);
  }
  return grants;
}

Result<std::optional<DatasetPlan>> plan_dataset(SyncHost& host, DirectoryView& directory,
                                                const Grant& grant, const std::string& publishers) {
  ROOTLET_TRY(std::optional<DatasetDefinition> definition, directory.dataset(grant.dataset));
  if (!definition.has_value()) return std::optional<DatasetPlan>();
  const StoreLayout layout = layout_for(*definition, grant);
  for (int attempt = 0;; ++attempt) {
    ROOTLET_TRY(DatasetStore store, open_or_rebuild(host, grant.dataset, layout));
    Result<DatasetPlan> plan =
        plan_in(store, directory, *host.grant(), grant, *definition, publishers);
    if (plan.has_value()) return std::optional(std::move(plan).value());
    const bool is_ours = plan.error().code == ErrorCode::kStorageDamaged && !directory.is_damaged();
    if (!is_ours || attempt > 0) return plan.error();
    ROOTLET_TRY(host.drop_dataset(grant.dataset, DropReason::kDamaged));
  }
}

Status run_dataset(SyncSession& session, DirectoryView& directory, const DatasetPlan& plan) {
  ROOTLET_TRY(
      DatasetStore store,
      session.host.open_dataset(plan.definition.id, layout_for(plan.definition, *plan.grant)));
  return DatasetRun(session, directory, plan, store).run();
}

}  // namespace rootlet
