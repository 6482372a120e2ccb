// The streams of one dataset: what they lack, and the way there. Each stream goes its own way; one
// that is damaged or refused holds up no other.
#pragma once

#include "sync/downlink/plan.hpp"
#include "sync/downlink/sync_session.hpp"

namespace rootlet {

struct DatasetPlan {
  DatasetDefinition definition;
  const Grant* grant = nullptr;  // the host's, valid until keep_grant
  std::vector<StreamPlan> streams;
  std::vector<std::string> lost;  // partitions
  bool has_work() const;
};

// The host's grants whose data lands here now: not suspended, not ended, not for yes-or-no
// questions.
std::vector<const Grant*> syncable_grants(const GrantFile* file, UnixTime now);

// What `grant`'s dataset lacks. nullopt if the directory has no such dataset. A file that is
// damaged is dropped and begun anew.
Result<std::optional<DatasetPlan>> plan_dataset(SyncHost& host, DirectoryView& directory,
                                                const Grant& grant);

// Does it. Adds outcomes to the report; an error returned is one of storage that concerns the whole
// dataset. Once the link is down nothing more is fetched.
Status run_dataset(SyncSession& session, DirectoryView& directory, const DatasetPlan& plan);

}  // namespace rootlet
