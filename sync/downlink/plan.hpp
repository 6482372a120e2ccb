// Decides which packs to fetch, from what is published, held and granted. Pure. Every sync plans
// from scratch, so that no unfinished work is forgotten.
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
  bool has_current_layout = true;  // the held columns are the granted ones
  bool has_keys = true;            // a content key of the head's epoch for each granted grade
  std::vector<PackEntry> packs;    // published; may be empty if is_at_head()
  std::set<Hash256> refused;       // arrived as published but could not be applied
  // The role whose metadata leads to the head signed the packs too, so a head before the held
  // version is what it says now: after a restore, or after a thief of its key had run ahead.
  bool may_go_back = false;
};

struct StreamPlan {
  StreamHead head;
  Version held = 0;              // the version that readers see now; 0: none
  std::vector<PackEntry> packs;  // in order; empty if there is nothing to do or no way to do it
  bool is_fork = false;          // the head's version was held, with other rows than the head's
  std::optional<Error> trouble;  // why no plan reaches the head

  bool has_work() const { return !packs.empty(); }
  std::uint64_t bytes() const;
};

// True if the stream is at its head, so that its packs need no lookup.
bool is_at_head(const StreamFacts& facts);

StreamPlan plan_stream(const StreamFacts& facts);

// Held partitions that are no longer granted. One that is only missing from the directory stays:
// the online key alone signs that, so it is no order.
std::vector<std::string> plan_lost(const std::vector<HeldStream>& held, const Grant& grant);

// Those of `heads` that the grant covers.
std::vector<StreamHead> granted_heads(const Grant& grant, std::vector<StreamHead> heads);

}  // namespace rootlet
