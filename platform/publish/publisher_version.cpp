// Finds the changes of each partition, queues the packs of changed ones and makes them in parallel,
// in the order of the queue.
#include "platform/publish/publisher_version.hpp"

#include <algorithm>
#include <thread>

#include "platform/packs/row_digests.hpp"
#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

constexpr Version kTidyEach = 8;  // versions; the history drops whole blocks
// A partition of fewer rows teaches nothing that would serve larger ones; and one is learned from
// anew only if it is much larger than the last.
constexpr std::size_t kLeastLearnedRows = 256, kMuchLarger = 4;

std::size_t processors() {
  return std::max(1U, std::thread::hardware_concurrency());
}

// Enough to keep all processors busy while this thread computes the next difference.
std::size_t packs_at_once() {
  return 2 * processors();
}

// Fewer for each when there are many partitions, so that a publish takes only seconds.
std::size_t priming_rows(std::size_t partitions) {
  constexpr std::size_t kOfAll = std::size_t{1} << 23, kFewest = 64, kMost = 2'048;
  const std::size_t many = std::clamp<std::size_t>(partitions, 1, 1'024);
  return std::clamp(kOfAll / (many * many), kFewest, kMost);
}

}  // namespace

VersionMaker::VersionMaker(const DatasetDefinition& definition, PublisherState& state,
                           const UnchangedRows& unchanged, const SigningKey& publisher,
                           UnixTime now)
    : definition_(definition),
      state_(state),
      unchanged_(unchanged),
      now_(now),
      maker_(SectionLayout(definition), definition.key_columns(), publisher),
      first_numbers_(definition),
      workers_(processors()) {}

void VersionMaker::write_to(PackFiles& files, std::int64_t file) {
  files_ = &files;
  file_ = file;
}

void VersionMaker::use_keys(std::vector<ContentKey> keys) {
  keys_ = std::move(keys);
}

void VersionMaker::add_pack(const PackEntry& pack) {
  packs_[pack.stream.partition].push_back({pack.from, pack.to, pack.file_bytes});
}

void VersionMaker::repair(const std::string& partition) {
  to_repair_.insert(partition);
}

void VersionMaker::repair_unreachable() {
  for (const auto& [partition, head] : heads_) {
    const std::vector<PackEdge>& packs = packs_[partition];
    const bool is_reached = std::any_of(
        packs.begin(), packs.end(), [&](const PackEdge& pack) { return pack.to == head.version; });
    if (!is_reached) repair(partition);
  }
}

Status VersionMaker::load_heads() {
  ROOTLET_TRY(heads_, state_.heads());
  return ok();
}

Result<std::vector<SymmetricKey>> VersionMaker::keys_of(const StreamHead& head) const {
  std::vector<SymmetricKey> keys;
  for (const SectionSchema& section : maker_.layout().sections()) {
    std::optional<SymmetricKey> key =
        find_content_key(keys_, {definition_.id, head.partition}, section.grade, head.epoch);
    if (!key.has_value()) {
      return fail(ErrorCode::kStorageDamaged,
                  "registry: no key for " + definition_.id + "/" + head.partition);
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::vector<SectionDigest> VersionMaker::by_section(const std::map<Grade, Hash256>& digests) const {
  std::vector<SectionDigest> found;
  for (const SectionSchema& section : maker_.layout().sections()) {
    const auto digest = digests.find(section.grade);
    found.push_back(digest == digests.end() ? SectionDigest() : SectionDigest(digest->second));
  }
  return found;
}

std::uint64_t VersionMaker::unchanged_in(const StreamHead& head) const {
  const std::span<const std::uint32_t> lines = unchanged_.lines(head.number);
  return lines.size() - std::count(lines.begin(), lines.end(), 0U);
}

bool VersionMaker::is_same(const StreamHead& head, std::span<const SourceRow> rows) const {
  if (!rows.empty()) return false;
  if (named_keys_ != nullptr) return !named_streams_.contains(head.number);
  return unchanged_in(head) == head.rows;
}

Result<Difference> VersionMaker::difference_of(const StreamHead& head,
                                               std::span<const SourceRow> rows) {
  ROOTLET_TRY(const HeldRows held, state_.rows_by_key(head));
  return find_difference(held, rows, unchanged_.lines(head.number), kept_keys_, named_keys_);
}

ChangeFigures VersionMaker::most_changes(const std::string& partition) const {
  const auto head = heads_.find(partition);
  if (head == heads_.end()) return {};
  const std::uint64_t unchanged = unchanged_in(head->second);
  return {.before = head->second.rows,
          .after = unchanged,
          .changed = head->second.rows - std::min(unchanged, head->second.rows)};
}

Result<ChangeFigures> VersionMaker::count(const std::string& partition,
                                          std::span<const SourceRow> rows) {
  const auto head = heads_.find(partition);
  if (head == heads_.end()) return ChangeFigures{.after = rows.size(), .added = rows.size()};
  if (is_same(head->second, rows)) {
    return ChangeFigures{.before = head->second.rows, .after = head->second.rows};
  }
  ROOTLET_TRY(const Difference found, difference_of(head->second, rows));
  return ChangeFigures{.before = found.rows_before,
                       .after = found.rows_after,
                       .added = found.inserts.size(),
                       .changed = found.updates.size(),
                       .removed = found.deletes.size()};
}

Status VersionMaker::publish(const std::string& partition, std::span<const SourceRow> rows) {
  StreamHead& head = heads_[partition];
  head.partition = partition;
  report_.unchanged += unchanged_in(head);
  const bool must_repair =
      to_repair_.contains(partition) && snapshot_is_due(packs_[partition], head.version);
  if (is_same(head, rows) && !must_repair) {
    report_.before += head.rows;
    report_.rows += head.rows;
    return ok();
  }
  ROOTLET_TRY(Difference found, difference_of(head, rows));
  if (head.version == 0) {
    head.epoch = newest_epoch();
    ROOTLET_TRY(first_numbers_.give(found));
  }
  return take_change(head, std::move(found), must_repair);
}

std::uint32_t VersionMaker::newest_epoch() const {
  std::uint32_t newest = 1;
  for (const ContentKey& key : keys_) newest = std::max(newest, key.epoch);
  return newest;
}

// The digests of the held rows under the newest keys: what an office computes from its own rows.
Status VersionMaker::begin_epoch(StreamHead& head) {
  head.epoch = newest_epoch();
  ROOTLET_TRY(const std::vector<SymmetricKey> keys, keys_of(head));
  ROOTLET_TRY(const HeldRows rows, state_.rows_by_key(head));
  ROOTLET_TRY(const DigestedRows found, digest_rows(maker_.layout(), rows, keys));
  const std::span<const SectionSchema> sections = maker_.layout().sections();
  for (std::size_t s = 0; s < sections.size(); ++s) {
    head.digests[sections[s].grade] = found.digests[s].value();
  }
  return ok();
}

Status VersionMaker::rekey(const std::string& partition) {
  StreamHead& head = heads_.at(partition);
  ROOTLET_TRY(begin_epoch(head));
  ROOTLET_TRY(const HeldRows held, state_.rows_by_key(head));
  ROOTLET_TRY(Difference same, no_difference(held));
  report_.before += same.rows_before;
  report_.rows += same.rows_after;
  const auto change = std::make_shared<const Difference>(std::move(same));
  ROOTLET_TRY(make_version(head, *change));
  works_[partition] = {.change = change, .packs = 0, .has_snapshot = false};
  want(partition, PackKind::kStep);
  return run_until(packs_at_once());
}

Status VersionMaker::restore(const std::string& partition, Version version) {
  StreamHead& head = heads_.at(partition);
  if (version == head.version) {
    report_.before += head.rows;
    report_.rows += head.rows;
    return ok();
  }
  std::map<Grade, Hash256> expected;
  if (version > 0) {
    ROOTLET_TRY(const std::vector<PastVersion> remembered, state_.history(head).versions());
    const auto past = std::find_if(remembered.begin(), remembered.end(),
                                   [&](const PastVersion& one) { return one.version == version; });
    if (past == remembered.end()) {
      return fail(ErrorCode::kStorageDamaged, "state of " + definition_.id + ": the rows of " +
                                                  partition + " at version " +
                                                  std::to_string(version) + " are missing");
    }
    if (past->epoch == head.epoch) expected = past->digests;
  }
  ROOTLET_TRY(Difference found, state_.reversal(head, version, definition_));
  return take_change(head, std::move(found), false, std::move(expected));
}

// Queues the packs of the partition's next version, if its rows change.
Status VersionMaker::take_change(StreamHead& head, Difference found, bool must_repair,
                                 std::map<Grade, Hash256> expected) {
  const auto change = std::make_shared<const Difference>(std::move(found));
  const std::string partition = head.partition;
  report_.before += change->rows_before;
  report_.rows += change->rows_after;
  if (change->rows_before > 0 && change->rows_after == 0) report_.emptied.push_back(partition);
  if (change->empty()) {
    ROOTLET_TRY(state_.save_fingerprints(head, *change));
    if (!must_repair) return ok();
    works_[partition] = {.change = change, .packs = 0, .has_snapshot = true};
    want(partition, PackKind::kSnapshot);
  } else {
    ROOTLET_TRY(make_version(head, *change));
    works_[partition] = {.change = change,
                         .packs = 0,
                         .has_snapshot = head.version == 1,
                         .expected = std::move(expected)};
    want(partition, PackKind::kStep);
  }
  return run_until(packs_at_once());
}

Status VersionMaker::make_version(StreamHead& head, const Difference& change) {
  report_.added += change.inserts.size();
  report_.changed += change.updates.size();
  report_.removed += change.deletes.size();
  ++report_.partitions;
  if (head.version > 0) {
    const PastVersion past{
        .version = head.version, .epoch = head.epoch, .digests = head.digests, .images = 0};
    ROOTLET_TRY(state_.history(head).keep(past, change));
  }
  head.version += 1 + skipped_;
  head.rows = change.rows_after;
  head.published = now_;
  ROOTLET_TRY(state_.save_head(head));
  changed_[head.number] = head.version;
  return state_.apply(head, change);
}

void VersionMaker::want(const std::string& partition, PackKind kind, PastVersion past) {
  ++works_.at(partition).packs;
  waiting_.push_back({partition, kind, std::move(past)});
}

// A merged delta must start at a remembered version of the same key epoch.
Status VersionMaker::want_merged_deltas(const StreamHead& head) {
  const std::vector<Version> starts = merged_delta_starts(head.version);
  if (starts.empty()) return ok();
  ROOTLET_TRY(std::vector<PastVersion> remembered, state_.history(head).versions());
  for (PastVersion& past : remembered) {
    const bool is_start = std::binary_search(starts.begin(), starts.end(), past.version);
    if (is_start && past.epoch == head.epoch) {
      want(head.partition, PackKind::kMergedDelta, std::move(past));
    }
  }
  return ok();
}

Result<PackJob> VersionMaker::job_of(const Waiting& request) {
  const StreamHead& head = heads_.at(request.partition);
  PackJob job{.kind = request.kind,
              .spec = {.stream = {definition_.id, request.partition},
                       .from = 0,
                       .to = head.version,
                       .epoch = head.epoch,
                       .priming_rows = priming_rows(heads_.size())},
              .change = works_.at(request.partition).change,
              .before = by_section({})};
  ROOTLET_TRY(job.keys, keys_of(head));
  if (request.kind == PackKind::kStep) {
    job.spec.from = head.version - 1 - skipped_;
    job.before = by_section(head.digests);
    return job;
  }
  job.after = by_section(head.digests);
  if (request.kind == PackKind::kMergedDelta) {
    job.spec.from = request.past.version;
    job.before = by_section(request.past.digests);
    ROOTLET_TRY(job.past, state_.history(head).rows_at(request.past.version));
  }
  return job;
}

// The first partition of some size searches for column codes, and the others start from what it
// found. Which one that is depends on the rows alone, so the bytes of packs do not depend on the
// machine.
void VersionMaker::exchange_plans(PackJob& job) {
  if (job.spec.from != 0) return;
  job.plans = plans_;
  const std::size_t rows = job.change->rows_after;
  if (rows < std::max(kLeastLearnedRows, kMuchLarger * learned_rows_)) return;
  job.plans = nullptr;
  job.learned = std::make_shared<LearnedPlans>();
  learned_rows_ = rows;
}

Status VersionMaker::start_next() {
  Waiting request = std::move(waiting_.front());
  waiting_.pop_front();
  ROOTLET_TRY(PackJob job, job_of(request));
  exchange_plans(job);
  const std::shared_ptr<const LearnedPlans> learned = job.learned;
  auto make = [this, job = std::move(job)] { return maker_.make(job); };
  running_.push_back({std::move(request.partition), request.kind, workers_.run(std::move(make))});
  if (learned == nullptr) return ok();
  running_.back().pack.wait();
  plans_ = learned;
  return ok();
}

Status VersionMaker::take_oldest() {
  Running oldest = std::move(running_.front());
  running_.pop_front();
  ROOTLET_TRY(const MadePack made, oldest.pack.get());
  StreamHead& head = heads_.at(oldest.partition);
  const PackHeader& header = made.pack.header;
  const PackEdge edge{header.from, header.to, made.pack.file.size()};
  if (oldest.kind == PackKind::kStep) {
    ROOTLET_TRY(save_step(head, made));
  } else if (oldest.kind == PackKind::kSnapshot ||
             is_worth_having(edge, packs_[oldest.partition])) {
    ROOTLET_TRY(save_pack(made.pack));
  }
  --works_.at(oldest.partition).packs;
  return go_on(oldest.partition);
}

Status VersionMaker::save_step(StreamHead& head, const MadePack& made) {
  const std::span<const SectionSchema> sections = maker_.layout().sections();
  for (std::size_t s = 0; s < sections.size(); ++s) {
    head.digests[sections[s].grade] = made.after[s].value();
  }
  const std::map<Grade, Hash256>& expected = works_.at(head.partition).expected;
  if (!expected.empty() && head.digests != expected) {
    return fail(ErrorCode::kStorageDamaged,
                "state of " + definition_.id + ": the restored rows of " + head.partition +
                    " do not match the digest of that version; nothing was published");
  }
  ROOTLET_TRY(state_.save_head(head));
  ROOTLET_TRY(save_pack(made.pack));
  return want_merged_deltas(head);
}

Status VersionMaker::save_pack(const BuiltPack& pack) {
  ++report_.packs;
  report_.bytes += pack.file.size();
  PackEntry entry{.id = pack.header.id,
                  .stream = pack.header.stream,
                  .from = pack.header.from,
                  .to = pack.header.to,
                  .file = file_,
                  .file_bytes = pack.file.size(),
                  .header_bytes = pack.header.header_bytes,
                  .epoch = pack.header.epoch};
  if (files_ != nullptr) {
    ROOTLET_TRY(entry.offset, files_->append(path_of_file(entry), pack.file));
  }
  ROOTLET_TRY(state_.save_fresh_pack(entry));
  add_pack(entry);
  return ok();
}

// Once all packs of a partition are made: queues a snapshot if one is due, else tidies the history.
Status VersionMaker::go_on(const std::string& partition) {
  Work& work = works_.at(partition);
  if (work.packs > 0) return ok();
  const StreamHead& head = heads_.at(partition);
  if (!work.has_snapshot && snapshot_is_due(packs_[partition], head.version)) {
    work.has_snapshot = true;
    want(partition, PackKind::kSnapshot);
    return ok();
  }
  works_.erase(partition);
  if (head.version % kTidyEach != 0) return ok();
  ROOTLET_TRY(const std::vector<Version> restorable, state_.publish_log().versions_of(head.number));
  return state_.history(head).tidy(base_versions(head.version), head.rows, restorable);
}

// Continues until the queue is empty and fewer than `running` packs are being made.
Status VersionMaker::run_until(std::size_t running) {
  while (!waiting_.empty() || running_.size() >= running) {
    const bool has_room = running_.size() < packs_at_once();
    if (!waiting_.empty() && has_room) {
      ROOTLET_TRY(start_next());
    } else {
      ROOTLET_TRY(take_oldest());
    }
  }
  return ok();
}

Status VersionMaker::finish() {
  return run_until(1);
}

}  // namespace rootlet::platform
