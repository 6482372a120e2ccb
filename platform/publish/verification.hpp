// Verifies that a realm holds what it published: rows against digests, files against the registry,
// and the whole repository as an office sees it that knows only the first root.
#pragma once

#include "core/clock.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct Verification {
  std::uint64_t datasets = 0, streams = 0, rows = 0, packs = 0, grants = 0, metadata = 0;
  std::vector<std::string> problems;  // one line each; empty if there are none
};

// Changes nothing. Hold the realm's lock. An error means that the verification could not finish.
Result<Verification> verify_realm(Realm& realm, const Clock& clock);

}  // namespace rootlet::platform
