// One office of a realm: the real agent over its own home folder, behind its own link. It survives
// as a process does: everything it knows is in its folder, and each call opens what it needs.
#pragma once

#include "agent/cycle/cycle.hpp"
#include "agent/service/service.hpp"
#include "sync/downlink/sync.hpp"
#include "tests/realm/world/link.hpp"
#include "tests/realm/world/people.hpp"

namespace rootlet::test {

class LiveRealm;

class LiveOffice {
 public:
  // Enrols with `invitation`, over the link, by the request that a courier would carry.
  LiveOffice(LiveRealm& realm, std::string id, const std::filesystem::path& home,
             const std::string& invitation);
  // Over a home that is enrolled already: the office after a restart, or a copy of it.
  LiveOffice(LiveRealm& realm, std::string id, const std::filesystem::path& home);

  // --- the way down and up ---
  // A whole cycle of the agent: records up, changes down, answers read.
  agent::CycleResult cycle();
  // Only the way down, with its report stream by stream.
  SyncReport sync(const ProgressSink& progress = {}, const StopCheck& stop = {});
  SyncReport synced();  // a sync that must not fail
  // From another place than the link, for example a folder.
  SyncReport sync_from(FileSource& source, const ProgressSink& progress = {},
                       const StopCheck& stop = {});
  DownloadGate gate;           // of the next sync()
  std::size_t step_rows = 16;  // of sync(): small, so that a snapshot takes several transactions
  // What sync() heard and dropped, in order.
  std::vector<FreshContact> contacts;
  std::vector<std::pair<std::string, DropReason>> dropped;

  // --- what people at the office do ---
  // Any command of the local API.
  Result<json::object> call(std::string_view command, json::object args);
  // `person` is added to the name of the user who asks.
  Result<json::object> call(std::string_view command, json::object args, agent::AnswerSink& sink,
                            std::string_view person = "");
  // Saves a record and gives its id.
  std::string submit(std::string_view form, const json::object& values);
  void fix(const std::string& record, const json::object& values);
  std::vector<RecordSummary> records();
  // "id|code|members|phone", as the query command gives them for the purpose "care". Empty before
  // the dataset has arrived and after its lease has ended.
  std::set<std::string> rows();
  std::set<std::string> full_rows(const Grant& grant);

  // --- what it holds ---
  std::map<std::string, HeldStream> streams();  // by partition
  std::map<std::string, Version> versions();
  // Every stream that the realm publishes in `partitions` is held at its head, rows and digests
  // are equal to what was published, and no other stream is held.
  bool holds_exactly(const std::vector<std::string>& partitions);
  // Empty if rows and digest of each stream held are those of the version that it claims to be;
  // otherwise what differs.
  std::string mismatch();
  agent::Office open();
  DatasetStore open_dataset();
  // What its directory says of "people": heads, and packs of a partition.
  std::vector<StreamHead> heads();
  std::vector<PackEntry> packs_of(const std::string& partition);

  const std::string& id() const { return id_; }
  const agent::Home& home() const { return context.home; }

  Link link;
  agent::AgentContext context;

 private:
  LiveRealm* realm_;
  std::string id_;
  int readers_ = 0;
};

}  // namespace rootlet::test
