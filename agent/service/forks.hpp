// Forks of this office: the platform holds other bytes under a sequence that this machine used, so
// another machine sends as the same office (docs/ARCHITECTURE.md, "The life of a record"). Pure.
#pragma once

#include <span>

#include "core/clock.hpp"
#include "core/format/json_fwd.hpp"
#include "core/text.hpp"
#include "sync/uplink/outbox/outbox.hpp"

namespace rootlet::agent {

// [{"chain", "opened", "ended"}]; "ended" is when the next chain began, or null before that.
json::array forks_json(std::span<const ChainSummary> chains);

// The newest fork is a finding for 30 days, time enough to look into it.
bool has_recent_fork(std::span<const ChainSummary> chains, UnixTime now);

// What a fork means and what to do.
Text fork_words(std::size_t forks);
Text fork_advice();

}  // namespace rootlet::agent
