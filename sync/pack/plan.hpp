// Which packs to take: all packs of a stream are edges of a graph from version to version, and the
// cheapest path from where the office stands (or from nothing, 0) to the head is the plan. A pack
// costs its bytes and the asking for it. Pure.
#pragma once

#include <span>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace rootlet {

// What a request costs on the wire beside the pack: HTTP headers, both ways.
inline constexpr std::uint64_t kRequestBytes = 400;

struct PackEdge {
  Version from = 0, to = 0;
  std::uint64_t bytes = 0;
};

struct PackPlan {
  std::vector<std::size_t> edges;  // indexes into the edges given, in the order to apply
  std::uint64_t bytes = 0;         // of the packs
  bool from_nothing = false;       // begins with a snapshot: what is held is replaced
};

// Of two paths of equal cost the one with fewer packs, then the one that keeps what is held. Empty
// if `current` is `head` already. Edges that do not lead forward are passed over. kUntrusted if no
// path leads to `head`, or if `head` lies before `current`.
Result<PackPlan> plan_packs(std::span<const PackEdge> edges, Version current, Version head);

}  // namespace rootlet
