// What a counter and a clock outside the home say of it. Pure.
//
// Each order that the office has taken in (a grant file, a report of loss, an erasure) counts one.
// keys.db notes the count before the counter goes on, so after a crash in between it is one ahead.
#pragma once

#include <optional>

#include "agent/time/time_rules.hpp"
#include "core/crypto.hpp"

namespace rootlet::agent {

// What keys.db remembers.
struct AnchorMark {
  std::uint64_t count = 0;
  Hash256 orders{};  // fingerprint of the orders that `count` stands for
  Awake ahead{0};    // time awake less the counter's clock; only grows
};

enum class CopyVerdict {
  kCurrent,
  kInterrupted,  // the newest, but the counter has still to go on
  kOlder,        // the counter went on without this home: it is an older copy
  kOther,        // the counter is another one, or was made anew
};

// `counter` is what it shows now; nullopt if the TPM does not have it.
CopyVerdict judge_copy(const AnchorMark& saved, std::optional<std::uint64_t> counter);

// The time awake, if the clock shows `clock`: no copy counts less than the machine was powered.
inline Awake awake_by_anchor(const AnchorMark& saved, Awake counted, Awake clock) {
  return std::max(counted, clock + saved.ahead);
}

}  // namespace rootlet::agent
