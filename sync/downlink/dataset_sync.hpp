// Plans and runs the streams of one dataset. A damaged or refused stream does not delay the others.
#pragma once

#include "sync/downlink/plan.hpp"
#include "sync/downlink/sync_session.hpp"

namespace rootlet {

struct DatasetPlan {
  DatasetDefinition definition;
  const Grant* grant = nullptr;  // owned by the host, valid until keep_grant
  std::string publishers = {};   // who may sign its packs, as plan_dataset() got it
  std::vector<StreamPlan> streams;
  std::vector<std::string> lost;  // partitions
  bool has_work() const;
};

// Grants whose data an office keeps now: not suspended, not ended, not of mode "verify".
std::vector<const Grant*> syncable_grants(const GrantFile* file, UnixTime now);

// The work for the dataset of `grant`; nullopt if the directory has no such dataset. Drops a
// damaged file and starts it from nothing. `publishers` names the keys that may sign its packs, ""
// if that is not known now: when they are others than those under which the data was last complete,
// what the old ones signed binds nobody, and a stream may go back to the head.
Result<std::optional<DatasetPlan>> plan_dataset(SyncHost& host, DirectoryView& directory,
                                                const Grant& grant, const std::string& publishers);

// Runs the plan and adds outcomes to the report. Returns only storage errors that concern the whole
// dataset. Fetches nothing more once the link is down.
Status run_dataset(SyncSession& session, DirectoryView& directory, const DatasetPlan& plan);

}  // namespace rootlet
