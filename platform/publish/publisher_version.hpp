// Makes the next version of each changed stream of one dataset, in one transaction of its state:
// difference, rows, history and heads; then the step, its merged deltas (pack_policy.hpp), and a
// snapshot if one is due. Several threads make packs; only the caller's thread writes.
//
// Memory holds the rows of those partitions whose packs are being made.
#pragma once

#include <deque>
#include <future>
#include <map>
#include <set>

#include "core/thread/worker_pool.hpp"
#include "platform/change/change_guard.hpp"
#include "platform/change/first_numbers.hpp"
#include "platform/packs/pack_job.hpp"
#include "platform/packs/pack_policy.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/publisher_state.hpp"

namespace rootlet::platform {

class VersionMaker {
 public:
  // All arguments must outlive the maker.
  VersionMaker(const DatasetDefinition& definition, PublisherState& state,
               const UnchangedRows& unchanged, const SigningKey& publisher, UnixTime now);

  // Writes packs to files of number `file`; without this call nothing is written.
  void write_to(PackFiles& files, std::int64_t file);
  void use_keys(std::vector<ContentKey> keys);                     // of the dataset
  void keep_rows(KeptKeys keys) { kept_keys_ = std::move(keys); }  // the source set them aside
  // The rows to publish are a list of changes that names these keys, held by these streams. `keys`
  // must outlive the maker.
  void use_list(const NamedKeys& keys, std::set<std::int64_t> streams) {
    named_keys_ = &keys;
    named_streams_ = std::move(streams);
  }
  void skip_versions(Version skipped) { skipped_ = skipped; }  // in each stream's numbering
  void add_pack(const PackEntry& pack);                        // a pack in the directory
  // Packs of this partition are damaged on disk: makes a snapshot if an office needs one.
  void repair(const std::string& partition);
  // The same for each partition of whose last version no pack is known.
  void repair_unreachable();
  Status load_heads();
  const std::map<std::string, StreamHead>& heads() const { return heads_; }

  // `rows` are the new rows of `partition` without the unchanged ones, ordered by key. Call it once
  // for each partition that has a head or rows.
  Status publish(const std::string& partition, std::span<const SourceRow> rows);
  // Takes the rows of a partition with a head back to its version `version`; 0 has no rows. The
  // digests must be those of that version. kStorageDamaged if its rows are not kept.
  Status restore(const std::string& partition, Version version);
  // A version of the same rows under the newest keys, for a partition with a head.
  Status rekey(const std::string& partition);
  Status finish();  // waits for all packs

  // What publish() would do to a partition. Changes nothing.
  Result<ChangeFigures> count(const std::string& partition, std::span<const SourceRow> rows);
  // The most that count() may find, without reading a row.
  ChangeFigures most_changes(const std::string& partition) const;

  // The new versions of streams, by the stream's number.
  const StreamVersions& changed_streams() const { return changed_; }

  const PublishReport& report() const { return report_; }

 private:
  // A partition whose packs are being made.
  struct Work {
    std::shared_ptr<const Difference> change;
    std::size_t packs = 0;  // waiting or being made
    bool has_snapshot = false;
    std::map<Grade, Hash256> expected = {};  // digests that the step must lead to, if known
  };
  struct Waiting {
    std::string partition;
    PackKind kind = PackKind::kStep;
    PastVersion past = {};  // a merged delta's start
  };
  struct Running {
    std::string partition;
    PackKind kind = PackKind::kStep;
    std::future<Result<MadePack>> pack;
  };

  KeptKeys kept_keys_;
  const NamedKeys* named_keys_ = nullptr;
  std::set<std::int64_t> named_streams_;
  // Whether no row that `rows` leaves out can change.
  bool is_same(const StreamHead& head, std::span<const SourceRow> rows) const;
  Result<Difference> difference_of(const StreamHead& head, std::span<const SourceRow> rows);
  std::uint64_t unchanged_in(const StreamHead& head) const;
  Status take_change(StreamHead& head, Difference found, bool must_repair,
                     std::map<Grade, Hash256> expected = {});
  Status make_version(StreamHead& head, const Difference& change);
  std::uint32_t newest_epoch() const;
  Status begin_epoch(StreamHead& head);
  Result<std::vector<SymmetricKey>> keys_of(const StreamHead& head) const;
  std::vector<SectionDigest> by_section(const std::map<Grade, Hash256>& digests) const;
  void want(const std::string& partition, PackKind kind, PastVersion past = {});
  Status want_merged_deltas(const StreamHead& head);
  Result<PackJob> job_of(const Waiting& request);
  void exchange_plans(PackJob& job);
  Status start_next();
  Status take_oldest();
  Status save_step(StreamHead& head, const MadePack& made);
  Status save_pack(const BuiltPack& pack);
  Status go_on(const std::string& partition);
  Status run_until(std::size_t running);

  const DatasetDefinition& definition_;
  PublisherState& state_;
  const UnchangedRows& unchanged_;
  PackFiles* files_ = nullptr;
  std::int64_t file_ = 0;
  UnixTime now_;
  Version skipped_ = 0;
  PackMaker maker_;
  FirstNumbers first_numbers_;
  std::map<std::string, StreamHead> heads_;
  std::vector<ContentKey> keys_;
  std::map<std::string, std::vector<PackEdge>> packs_;
  std::set<std::string> to_repair_;
  std::map<std::string, Work> works_;
  std::deque<Waiting> waiting_;
  std::deque<Running> running_;
  // Column codes of the largest partition so far that was encoded without any; the next ones start
  // from them.
  std::shared_ptr<const LearnedPlans> plans_;
  std::size_t learned_rows_ = 0;
  StreamVersions changed_;
  PublishReport report_;
  WorkerPool workers_;  // the last member, so that it ends before what its tasks use
};

}  // namespace rootlet::platform
