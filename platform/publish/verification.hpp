// Whether what lies in the realm is what was published: rows against digests, files against the
// registry, and the whole repository through the eyes of an office that knows only the first root.
#pragma once

#include "core/clock.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct Verification {
  std::uint64_t datasets = 0, streams = 0, rows = 0, packs = 0, grants = 0, metadata = 0;
  std::vector<std::string> problems;  // one line each, empty if all is well
};

// Changes nothing. Hold the realm's lock. An error means that looking itself failed.
Result<Verification> verify_realm(Realm& realm, const Clock& clock);

}  // namespace rootlet::platform
