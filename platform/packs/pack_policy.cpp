// The rules of docs/adr/0007-the-delta-chain.md, in its units: versions, bytes, requests.
#include "platform/packs/pack_policy.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

namespace rootlet::platform {
namespace {

constexpr Version kBlock = 8, kGreatBlock = 32;
// Merged deltas over several blocks start at each great block up to kNearLeap versions back, and at
// every second one beyond.
constexpr Version kNearLeap = 256, kFarStep = 64;
constexpr Version kShortestMergedDelta = 2;
// A pack's row in the directory, which every office fetches: 32 bytes of id, a size, two versions.
constexpr std::uint64_t kDirectoryRowBytes = 48;
// A path of deltas must save at least 1/kLeastSaving of a snapshot to be kept.
constexpr std::uint64_t kLeastSaving = 16;

constexpr std::uint64_t kNoWay = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kNever = kNoWay / 1024;  // bytes; small enough that sums do not overflow

// Version 0 is the empty stream; version 1 takes its place as a start.
Version floor_to_first(Version version) {
  return std::max<Version>(version, 1);
}
Version floor_to(Version version, Version step) {
  return version / step * step;
}

// From the last multiple of 2, of 4, … up to `longest`, for each that divides `head`.
std::vector<Version> doubling_starts(Version head, Version longest) {
  std::vector<Version> starts;
  for (Version step = kShortestMergedDelta; step <= longest && head % step == 0; step *= 2) {
    starts.push_back(head - step);
  }
  return starts;
}

std::vector<Version> short_base_versions(Version head) {
  std::vector<Version> kept;
  for (Version version = floor_to(head, kBlock); version <= head; version += kShortestMergedDelta) {
    kept.push_back(version);
  }
  return kept;
}

bool is_leap_start(Version version, Version back) {
  return back <= kNearLeap || version % kFarStep == 0;
}

void sort_and_unite(std::vector<Version>& versions) {
  for (Version& version : versions) version = floor_to_first(version);
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
}

std::vector<Version> as_starts(std::vector<Version> starts, Version head) {
  sort_and_unite(starts);
  std::erase_if(starts, [head](Version start) { return start + 1 >= head; });
  return starts;
}

std::vector<Version> as_base_versions(std::vector<Version> kept, Version head) {
  sort_and_unite(kept);
  std::erase_if(kept, [head](Version version) { return version > head; });
  return kept;
}

// The cheapest path from a version to the head.
struct WayOn {
  std::uint64_t cost = kNoWay;
  std::size_t packs = 0;
  std::ptrdiff_t pack = -1;  // the first pack of the path
};
using WaysOn = std::map<Version, WayOn>;

std::uint64_t cost_at(const WaysOn& ways, Version version) {
  const auto found = ways.find(version);
  return found == ways.end() ? kNoWay : found->second.cost;
}

// The cheapest path from each version to `head`.
WaysOn ways_to(std::span<const PackEdge> packs, Version head) {
  std::vector<std::size_t> order(packs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return packs[a].from > packs[b].from; });
  WaysOn ways;
  ways[head].cost = 0;
  for (const std::size_t i : order) {
    const auto rest = ways.find(packs[i].to);
    if (rest == ways.end() || packs[i].from >= packs[i].to) continue;
    const WayOn way{.cost = packs[i].bytes + kRequestBytes + rest->second.cost,
                    .packs = rest->second.packs + 1,
                    .pack = static_cast<std::ptrdiff_t>(i)};
    WayOn& known = ways[packs[i].from];
    if (std::pair(way.cost, way.packs) < std::pair(known.cost, known.packs)) known = way;
  }
  return ways;
}

const PackEdge* find_newest_snapshot(std::span<const PackEdge> packs) {
  const PackEdge* newest = nullptr;
  for (const PackEdge& pack : packs) {
    if (pack.from == 0 && (newest == nullptr || pack.to > newest->to)) newest = &pack;
  }
  return newest;
}

void keep_way(std::span<const PackEdge> packs, const WaysOn& ways, Version from,
              std::vector<bool>& keep) {
  for (auto way = ways.find(from); way != ways.end() && way->second.pack >= 0;) {
    const auto pack = static_cast<std::size_t>(way->second.pack);
    keep[pack] = true;
    way = ways.find(packs[pack].to);
  }
}

}  // namespace

std::vector<Version> merged_delta_starts(Version head) {
  std::vector<Version> starts = doubling_starts(head, kGreatBlock);
  if (head % kBlock == 0) starts.push_back(floor_to(head - 1, kGreatBlock));
  if (head % kGreatBlock == 0) {
    for (Version back = kBlock; back <= kGreatBlock; back += kBlock) starts.push_back(head - back);
    for (Version back = kGreatBlock; back <= std::min(head, kDeltaChainVersions);
         back += kGreatBlock) {
      if (is_leap_start(head - back, back)) starts.push_back(head - back);
    }
  }
  return as_starts(std::move(starts), head);
}

std::vector<Version> base_versions(Version head) {
  std::vector<Version> kept = short_base_versions(head);
  for (Version version = 0; version <= head; version += kGreatBlock) {
    // The next long merged delta will be made at the next great block.
    const Version back = floor_to(head, kGreatBlock) + kGreatBlock - version;
    if (back <= kDeltaChainVersions && is_leap_start(version, back)) kept.push_back(version);
  }
  for (Version version = floor_to(head, kGreatBlock); version <= head; version += kBlock) {
    kept.push_back(version);
  }
  if (head > 0) kept.push_back(head - 1);  // so that the newest pack can be explained later
  return as_base_versions(std::move(kept), head);
}

std::vector<Version> directory_merged_delta_starts(Version head, Version snapshot) {
  std::vector<Version> starts = doubling_starts(head, kDirectoryVersions);
  if (snapshot > 0) starts.push_back(snapshot);
  return as_starts(std::move(starts), head);
}

std::vector<Version> directory_base_versions(Version head, Version snapshot) {
  std::vector<Version> kept = short_base_versions(head);
  if (snapshot > 0) kept.push_back(snapshot);
  return as_base_versions(std::move(kept), head);
}

bool is_worth_having(const PackEdge& pack, std::span<const PackEdge> packs) {
  const std::uint64_t without = cost_at(ways_to(packs, pack.to), pack.from);
  return without == kNoWay || pack.bytes + kRequestBytes + kDirectoryRowBytes < without;
}

Version newest_snapshot(std::span<const PackEdge> packs) {
  const PackEdge* newest = find_newest_snapshot(packs);
  return newest == nullptr ? 0 : newest->to;
}

bool snapshot_is_due(std::span<const PackEdge> packs, Version head) {
  const PackEdge* newest = find_newest_snapshot(packs);
  if (newest == nullptr) return true;
  if (newest->to == head) return false;
  const WaysOn ways = ways_to(packs, head);
  const auto since = ways.find(newest->to);
  return since == ways.end() ||
         since->second.cost - since->second.packs * kRequestBytes > newest->bytes / 2;
}

// Only the newest snapshot counts. An older, smaller one with deltas after it may be cheaper, but
// then the newest would be retired at once, and become due again.
std::vector<bool> packs_worth_keeping(std::span<const PackEdge> all, Version head,
                                      Version versions) {
  std::vector<PackEdge> packs(all.begin(), all.end());
  const Version snapshot = newest_snapshot(all);
  for (PackEdge& pack : packs) {
    if (pack.from == 0 && pack.to != snapshot) pack.bytes = kNever;
  }
  const WaysOn ways = ways_to(packs, head);
  const std::uint64_t from_nothing = cost_at(ways, 0);
  const std::uint64_t worth_it =
      from_nothing == kNoWay ? kNoWay : from_nothing - from_nothing / kLeastSaving;
  std::vector<bool> keep(packs.size());
  keep_way(packs, ways, 0, keep);
  for (const auto& [version, way] : ways) {
    if (version == 0 || version + versions < head || way.cost >= worth_it) continue;
    keep_way(packs, ways, version, keep);
  }
  return keep;
}

}  // namespace rootlet::platform
