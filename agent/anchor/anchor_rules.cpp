// The counter against what keys.db noted of it.
#include "agent/anchor/anchor_rules.hpp"

namespace rootlet::agent {

CopyVerdict judge_copy(const AnchorMark& saved, std::optional<std::uint64_t> counter) {
  if (!counter.has_value() || saved.count == 0) return CopyVerdict::kOther;
  if (saved.count == *counter) return CopyVerdict::kCurrent;
  if (saved.count - 1 == *counter) return CopyVerdict::kInterrupted;
  return saved.count < *counter ? CopyVerdict::kOlder : CopyVerdict::kOther;
}

}  // namespace rootlet::agent
