// Plans which packs to fetch. A stream's packs are edges from version to version; the plan is the
// cheapest path from the office's version, or from nothing (0), to the head. A pack costs its bytes
// and a request. Pure.
#pragma once

#include <span>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace rootlet {

// What a request costs on the wire in addition to the pack: HTTP headers, both ways.
inline constexpr std::uint64_t kRequestBytes = 400;

struct PackEdge {
  Version from = 0, to = 0;
  std::uint64_t bytes = 0;
};

struct PackPlan {
  std::vector<std::size_t> edges;  // indexes into the given edges, in the order to apply
  std::uint64_t bytes = 0;         // of the packs
  bool from_nothing = false;       // starts with a snapshot, which replaces the rows held
};

// Of two paths of equal cost, prefers fewer packs, then the one that keeps the rows held. Empty if
// `current` is `head`. Ignores edges that do not lead forward. kUntrusted if no path leads to
// `head`, or if `head` is before `current`.
Result<PackPlan> plan_packs(std::span<const PackEdge> edges, Version current, Version head);

}  // namespace rootlet
