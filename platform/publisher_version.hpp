// The next version of each changed stream of one dataset, made in one transaction of its state:
// difference, packs, rows and heads. Packs are built on several threads; what is written is written
// by the caller's.
#pragma once

#include <deque>
#include <future>
#include <map>
#include <set>

#include "platform/pack_policy.hpp"
#include "platform/publisher.hpp"
#include "platform/publisher_packs.hpp"
#include "platform/publisher_state.hpp"

namespace rootlet {

class VersionMaker {
 public:
  // Everything given must outlive the maker; `files` is null for a dry run.
  VersionMaker(const DatasetDefinition& definition, PublisherState& state,
               const SigningKey& publisher, PackFiles* files, UnixTime now);

  void add_key(ContentKey key);
  void add_pack(const PackEntry& pack);  // one that is in the directory
  // Packs of this partition were damaged on disk: a snapshot is made if an office needs one.
  void mend(const std::string& partition);
  Status load_heads();
  const std::map<std::string, StreamHead>& heads() const { return heads_; }

  // The rows that partition `partition` is to have, by key. Every partition that has a head or rows
  // comes once.
  Status publish(const std::string& partition, std::span<const SourceRow> rows);
  Status finish();  // waits for every pack

  const PublishReport& report() const { return report_; }

 private:
  struct Pending {
    std::string partition;
    Version from = 0, to = 0;
    std::future<Result<BuiltPack>> pack;
  };
  Result<std::vector<SymmetricKey>> keys_of(const StreamHead& head) const;
  // `change` is what led to the head from the version before; null for a snapshot.
  void start(const StreamHead& head, std::shared_ptr<const Difference> change, PackContent content,
             std::vector<SymmetricKey> keys);
  Status take_oldest();
  Status add_snapshot(const StreamHead& head);
  Status mend_if_needed(const StreamHead& head);
  Status wait_for_room(std::size_t room);

  const DatasetDefinition& definition_;
  PublisherState& state_;
  const SigningKey& publisher_;
  PackFiles* files_;
  UnixTime now_;
  SectionLayout layout_;
  std::map<std::string, StreamHead> heads_;
  std::map<std::tuple<std::string, Grade, std::uint32_t>, SymmetricKey> keys_;
  std::map<std::string, std::vector<PackEdge>> packs_;
  std::set<std::string> to_mend_;
  std::deque<Pending> pending_;
  PublishReport report_;
};

}  // namespace rootlet
