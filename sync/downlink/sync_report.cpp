// Names of reasons and phases, and the order of errors.
#include "sync/downlink/sync_report.hpp"

#include <algorithm>

namespace rootlet {

std::string_view name_of(SyncPhase phase) {
  switch (phase) {
    case SyncPhase::kPoll:
      return "poll";
    case SyncPhase::kMetadata:
      return "metadata";
    case SyncPhase::kDirectory:
      return "directory";
    case SyncPhase::kGrant:
      return "grant";
    case SyncPhase::kData:
      return "data";
  }
  return "data";
}

std::string_view name_of(HoldReason reason) {
  if (reason == HoldReason::kLost) return "lost";
  return reason == HoldReason::kHours ? "hours" : "budget";
}

int rank_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return 9;
    case ErrorCode::kUntrusted:
      return 8;
    case ErrorCode::kStorageDamaged:
      return 7;
    case ErrorCode::kStorageFull:
      return 6;
    case ErrorCode::kStorage:
      return 5;
    case ErrorCode::kBusy:
      return 4;
    case ErrorCode::kUnreachable:
      return 3;
    case ErrorCode::kNotPermitted:
    case ErrorCode::kLeaseEnded:
      return 2;
    default:
      return 1;
  }
}

void keep_worse(std::optional<Error>& kept, const Error& other) {
  const long patience =
      std::max(kept.has_value() ? kept->retry_after_seconds : 0, other.retry_after_seconds);
  if (!kept.has_value() || rank_of(other.code) > rank_of(kept->code)) kept = other;
  kept->retry_after_seconds = patience;
}

}  // namespace rootlet
