// Which packs of a stream are worth having. Pure.
//
// An office at any version takes the path of fewest bytes to the head: deltas from where it is, or
// the newest snapshot and what follows. A pack that lies on none of these paths is retired.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.hpp"

namespace rootlet {

struct PackEdge {
  Version from = 0, to = 0;
  std::uint64_t bytes = 0;
};

// True if there is no snapshot, or the deltas since the newest weigh more than half of it.
bool snapshot_is_due(std::span<const PackEdge> packs, Version head);

// For each pack, whether an office at its `from` does best to take it.
std::vector<bool> packs_worth_keeping(std::span<const PackEdge> packs, Version head);

}  // namespace rootlet
