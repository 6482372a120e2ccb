#include "platform/pack_policy.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace rootlet {
namespace {

constexpr std::uint64_t kNoPath = std::numeric_limits<std::uint64_t>::max();

std::uint64_t cost_at(const std::map<Version, std::uint64_t>& costs, Version version) {
  const auto found = costs.find(version);
  return found == costs.end() ? kNoPath : found->second;
}

std::uint64_t cost_through(const PackEdge& pack, const std::map<Version, std::uint64_t>& costs) {
  const std::uint64_t rest = cost_at(costs, pack.to);
  return rest == kNoPath ? kNoPath : rest + pack.bytes;
}

// Bytes from each version to the head over packs alone.
std::map<Version, std::uint64_t> costs_to(std::span<const PackEdge> packs, Version head) {
  std::vector<std::size_t> order(packs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return packs[a].from > packs[b].from; });
  std::map<Version, std::uint64_t> costs{{head, 0}};
  for (const std::size_t i : order) {
    const std::uint64_t cost = cost_through(packs[i], costs);
    if (cost < cost_at(costs, packs[i].from)) costs[packs[i].from] = cost;
  }
  return costs;
}

}  // namespace

bool snapshot_is_due(std::span<const PackEdge> packs, Version head) {
  const PackEdge* newest = nullptr;
  for (const PackEdge& pack : packs) {
    if (pack.from == 0 && (newest == nullptr || pack.to > newest->to)) newest = &pack;
  }
  if (newest == nullptr) return true;
  if (newest->to == head) return false;
  const auto costs = costs_to(packs, head);
  const std::uint64_t since = cost_at(costs, newest->to);
  return since == kNoPath || since > newest->bytes / 2;
}

std::vector<bool> packs_worth_keeping(std::span<const PackEdge> packs, Version head) {
  const auto costs = costs_to(packs, head);
  const std::uint64_t from_nothing = cost_at(costs, 0);
  std::vector<bool> keep(packs.size());
  for (std::size_t i = 0; i < packs.size(); ++i) {
    const std::uint64_t cost = cost_through(packs[i], costs);
    const bool best = cost != kNoPath && cost == cost_at(costs, packs[i].from);
    // A snapshot serves every version, so a longer way is taken by nobody.
    const bool on_the_way_up = packs[i].from == 0 || cost < from_nothing;
    keep[i] = best && on_the_way_up;
  }
  // The path from nothing leads over deltas behind the snapshot, which cost less than it by
  // themselves.
  return keep;
}

}  // namespace rootlet
