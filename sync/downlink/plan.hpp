// What there is to do, decided from what is published, what is held and what is granted. Pure: no
// clock, file, lock or socket; it is worked out anew each time, so that nothing unfinished is
// forgotten.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "sync/downlink/store/directory_view.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet {

struct StreamFacts {
  StreamHead head;
  std::optional<HeldStream> held;
  bool has_current_layout = true;  // held in the columns that are granted now
  bool has_keys = true;            // a content key for each grade granted, of the head's epoch
  std::vector<PackEntry> packs;    // published; only looked at when there is something to do
  std::set<Hash256> refused;       // arrived as published and could not be applied
};

struct StreamPlan {
  StreamHead head;
  Version held = 0;              // what readers see now; 0: nothing
  std::vector<PackEntry> packs;  // in this order; empty when nothing can or need be done
  std::optional<Error> trouble;  // why the head is not reached although it is not held

  bool has_work() const { return !packs.empty(); }
  std::uint64_t bytes() const;
};

// True if the stream stands at its head, so that its packs need not be looked up.
bool is_at_head(const StreamFacts& facts);

StreamPlan plan_stream(const StreamFacts& facts);

// Partitions that are held but neither published nor granted any more.
std::vector<std::string> plan_lost(const std::vector<HeldStream>& held,
                                   const std::vector<StreamHead>& granted_heads);

// Those of `heads` that the grant covers.
std::vector<StreamHead> granted_heads(const Grant& grant, std::vector<StreamHead> heads);

}  // namespace rootlet
