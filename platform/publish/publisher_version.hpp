// The next version of each changed stream of one dataset, made in one transaction of its state:
// difference, rows, history and heads; then the step to it, its merged deltas (pack_policy.hpp),
// and a snapshot when one is due. Packs are made on several threads; what is written is written by
// the caller's.
//
// In memory: the rows of the partitions that packs are being made of, as many as there are packs at
// once.
#pragma once

#include <deque>
#include <future>
#include <map>
#include <set>

#include "platform/packs/pack_job.hpp"
#include "platform/packs/pack_policy.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/publisher_state.hpp"

namespace rootlet::platform {

class VersionMaker {
 public:
  // Everything given must outlive the maker; `files` is null for a dry run.
  VersionMaker(const DatasetDefinition& definition, PublisherState& state,
               const UnchangedRows& unchanged, const SigningKey& publisher, PackFiles* files,
               UnixTime now);

  void add_key(ContentKey key);
  void add_pack(const PackEntry& pack);  // one that is in the directory
  // Packs of this partition were damaged on disk: a snapshot is made if an office needs one.
  void repair(const std::string& partition);
  Status load_heads();
  const std::map<std::string, StreamHead>& heads() const { return heads_; }

  // The rows that partition `partition` is to have beside those that stand, by key.
  // Every partition that has a head or rows comes once.
  Status publish(const std::string& partition, std::span<const SourceRow> rows);
  Status finish();  // waits for every pack

  const PublishReport& report() const { return report_; }

 private:
  // A partition that packs are being made of.
  struct Work {
    std::shared_ptr<const Difference> change;
    std::size_t packs = 0;  // waiting or being made
    bool has_snapshot = false;
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

  Status make_version(StreamHead& head, const Difference& change);
  Result<std::vector<SymmetricKey>> keys_of(const StreamHead& head) const;
  std::vector<SectionDigest> by_section(const std::map<Grade, Hash256>& digests) const;
  void want(const std::string& partition, PackKind kind, PastVersion past = {});
  Status want_merged_deltas(const StreamHead& head);
  Result<PackJob> job_of(const Waiting& request);
  Status start_next();
  Status take_oldest();
  Status save_step(StreamHead& head, const MadePack& made);
  Status save_pack(const BuiltPack& pack);
  Status go_on(const std::string& partition);
  Status run_until(std::size_t running);

  const DatasetDefinition& definition_;
  PublisherState& state_;
  const UnchangedRows& unchanged_;
  PackFiles* files_;
  UnixTime now_;
  PackMaker maker_;
  std::map<std::string, StreamHead> heads_;
  std::map<std::tuple<std::string, Grade, std::uint32_t>, SymmetricKey> keys_;
  std::map<std::string, std::vector<PackEdge>> packs_;
  std::set<std::string> to_repair_;
  std::map<std::string, Work> works_;
  std::deque<Waiting> waiting_;
  std::deque<Running> running_;
  PublishReport report_;
};

}  // namespace rootlet::platform
