// Which packs of a stream to make and to keep. Pure; docs/adr/0007 has the reasoning.
//
// Versions stand in blocks of 8, and those in blocks of 32. Beside each step from one version to
// the next there are merged deltas: merged packs that carry the net change between two versions. An
// office at any version of the last kDeltaChainVersions climbs to the end of its block, leaps over
// blocks, and climbs to the head: at most ten packs. Every version has one best way out, so at most
// one pack for each version is kept, beside the way from nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "sync/pack/plan.hpp"

namespace rootlet::platform {

// An office that slept longer takes the snapshot.
inline constexpr Version kDeltaChainVersions = 512;

// The versions, ascending, from which merged deltas to `head` are made; never head - 1, which has
// its step.
std::vector<Version> merged_delta_starts(Version head);

// Those of the versions up to `head` from which a merged delta to a later one may still be made,
// and the one before it, ascending: what has to be remembered of the past.
std::vector<Version> base_versions(Version head);

// The same for the directory. Each of its packs stands in a file of metadata that every sync
// fetches, so there are few: short merged deltas, and one from the newest snapshot (of version
// `snapshot`, 0 if there is none), so that whoever is more than kDirectoryVersions behind needs two
// packs.
inline constexpr Version kDirectoryVersions = 4;
std::vector<Version> directory_merged_delta_starts(Version head, Version snapshot);
std::vector<Version> directory_base_versions(Version head, Version snapshot);

// True if an office at `pack.from` would do better with `pack` than with `packs` alone, by more
// than it costs every office to be told of it.
bool is_worth_having(const PackEdge& pack, std::span<const PackEdge> packs);

// The version of the newest snapshot, 0 if there is none.
Version newest_snapshot(std::span<const PackEdge> packs);

// True if there is no snapshot, or the packs of the way on from the newest weigh more than half of
// it.
bool snapshot_is_due(std::span<const PackEdge> packs, Version head);

// For each pack, whether an office at one of the last `versions` versions, or with nothing, does
// best to take it on its way to `head`.
std::vector<bool> packs_worth_keeping(std::span<const PackEdge> packs, Version head,
                                      Version versions = kDeltaChainVersions);

}  // namespace rootlet::platform
