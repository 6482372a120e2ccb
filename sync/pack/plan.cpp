// Dijkstra's shortest path. All edges lead forward, so visiting versions in ascending order settles
// each of them.
#include "sync/pack/plan.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace rootlet {
namespace {

// The cheapest known path to a version.
struct Path {
  std::uint64_t bytes = 0;
  std::uint64_t wire = 0;  // including requests
  std::size_t packs = 0;
  bool from_nothing = false;
  std::ptrdiff_t edge = -1;  // the last one; -1 at a start
  auto cost() const { return std::tuple(wire, packs, from_nothing); }
};

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

std::vector<std::size_t> by_origin(std::span<const PackEdge> edges) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].from < edges[i].to) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return edges[a].from < edges[b].from; });
  return order;
}

PackPlan trace_back(std::span<const PackEdge> edges, const std::map<Version, Path>& paths,
                    Version head) {
  const Path& last = paths.at(head);
  PackPlan plan{.edges = {}, .bytes = last.bytes, .from_nothing = last.from_nothing};
  for (const Path* path = &last; path->edge >= 0;) {
    const auto edge = static_cast<std::size_t>(path->edge);
    plan.edges.push_back(edge);
    path = &paths.at(edges[edge].from);
  }
  std::reverse(plan.edges.begin(), plan.edges.end());
  return plan;
}

}  // namespace

Result<PackPlan> plan_packs(std::span<const PackEdge> edges, Version current, Version head) {
  if (head < current) {
    return fail(ErrorCode::kUntrusted, "the head " + std::to_string(head) +
                                           " lies before the version held, " +
                                           std::to_string(current));
  }
  if (head == current) return PackPlan{};
  std::map<Version, Path> paths;
  paths[0] = Path{.from_nothing = true};
  paths[current] = Path{.from_nothing = false};
  for (const std::size_t index : by_origin(edges)) {
    const PackEdge& edge = edges[index];
    const auto origin = paths.find(edge.from);
    if (origin == paths.end() || edge.to > head) continue;
    const Path path{.bytes = sum(origin->second.bytes, edge.bytes),
                    .wire = sum(origin->second.wire, sum(edge.bytes, kRequestBytes)),
                    .packs = origin->second.packs + 1,
                    .from_nothing = origin->second.from_nothing,
                    .edge = static_cast<std::ptrdiff_t>(index)};
    const auto [known, is_new] = paths.emplace(edge.to, path);
    if (!is_new && path.cost() < known->second.cost()) known->second = path;
  }
  if (!paths.contains(head)) {
    return fail(ErrorCode::kUntrusted, "no packs lead from version " + std::to_string(current) +
                                           " to " + std::to_string(head));
  }
  return trace_back(edges, paths, head);
}

}  // namespace rootlet
