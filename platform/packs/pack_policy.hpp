// Which packs of a stream to make and to keep. Pure; docs/adr/0007-the-delta-chain.md gives the
// reasons.
//
// Versions form blocks of 8, and these form blocks of 32. In addition to the step from each version
// to the next, there are merged deltas, which carry the net change between two versions. An office
// at one of the last kDeltaChainVersions versions takes packs to the end of its block, one merged
// delta over many blocks, and packs to the head: at most ten packs. Each version has one cheapest
// path, so the publisher keeps at most one pack per version, plus the path from nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "sync/pack/plan.hpp"

namespace rootlet::platform {

// An office that is further behind takes the snapshot.
inline constexpr Version kDeltaChainVersions = 512;

// The versions, ascending, from which to make merged deltas to `head`; never head - 1, which has a
// step.
std::vector<Version> merged_delta_starts(Version head);

// The versions up to `head`, ascending, that the history must remember: those from which a later
// merged delta may start, and head - 1.
std::vector<Version> base_versions(Version head);

// The same for the directory. Every sync fetches the metadata that lists its packs, so there are
// few: short merged deltas, and one from the newest snapshot (of version `snapshot`, 0 if there is
// none), so that an office more than kDirectoryVersions behind needs two packs.
inline constexpr Version kDirectoryVersions = 4;
std::vector<Version> directory_merged_delta_starts(Version head, Version snapshot);
std::vector<Version> directory_base_versions(Version head, Version snapshot);

// True if `pack` saves an office at `pack.from` more bytes, compared with `packs` alone, than its
// row in the directory costs.
bool is_worth_having(const PackEdge& pack, std::span<const PackEdge> packs);

// The version of the newest snapshot, 0 if there is none.
Version newest_snapshot(std::span<const PackEdge> packs);

// True if there is no snapshot, or the packs from the newest one to `head` have more than half of
// its bytes.
bool snapshot_is_due(std::span<const PackEdge> packs, Version head);

// For each pack, whether it is on the cheapest path to `head` from nothing or from one of the last
// `versions` versions.
std::vector<bool> packs_worth_keeping(std::span<const PackEdge> packs, Version head,
                                      Version versions = kDeltaChainVersions);

}  // namespace rootlet::platform
