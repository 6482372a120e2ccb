// Sorts all claims by version.
#include "platform/witness/comparison.hpp"

#include <algorithm>
#include <map>

namespace rootlet::platform {
namespace {

struct Sighted {
  std::size_t viewer;
  Hash256 directory;
};

using ByVersion = std::map<std::int64_t, std::vector<Sighted>>;

ByVersion by_version(std::span<const Viewer> viewers) {
  ByVersion found;
  for (std::size_t i = 0; i < viewers.size(); ++i) {
    for (const Claim& claim : viewers[i].claims) {
      found[claim.version].push_back({i, claim.directory});
    }
  }
  return found;
}

std::int64_t newest_of(const Viewer& viewer) {
  std::int64_t newest = 0;
  for (const Claim& claim : viewer.claims) newest = std::max(newest, claim.version);
  return newest;
}

// The first version above the viewer's newest that `other` saw long before the viewer looked.
std::optional<Behind> find_behind(std::span<const Viewer> viewers, std::size_t viewer,
                                  std::size_t other) {
  const Viewer& one = viewers[viewer];
  if (!one.looked.has_value() || one.claims.empty()) return std::nullopt;
  const std::int64_t newest = newest_of(one);
  for (const Claim& claim : viewers[other].claims) {
    const bool is_late = claim.at.has_value() && *claim.at + kLag < *one.looked;
    if (claim.version > newest && is_late) {
      return Behind{viewer, newest, other, claim.version, *claim.at};
    }
  }
  return std::nullopt;
}

}  // namespace

Comparison compare_views(std::span<const Viewer> viewers) {
  Comparison found;
  for (const auto& [version, sighted] : by_version(viewers)) {
    const Sighted& first = sighted.front();
    bool is_shared = false;
    for (const Sighted& next : std::span(sighted).subspan(1)) {
      if (next.directory != first.directory) {
        found.forks.push_back(
            {version, first.viewer, next.viewer, first.directory, next.directory});
      } else if (next.viewer != first.viewer) {
        is_shared = true;
      }
    }
    if (is_shared) ++found.shared;
  }
  for (std::size_t i = 0; i < viewers.size(); ++i) {
    for (std::size_t other = 0; other < viewers.size(); ++other) {
      if (i == other) continue;
      if (const auto behind = find_behind(viewers, i, other)) found.behind.push_back(*behind);
    }
  }
  return found;
}

}  // namespace rootlet::platform
