// The outcome of a sync, stream by stream, for people, status and logs. Values only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet {

struct StreamOutcome {
  StreamName stream;
  Version before = 0, after = 0, head = 0;
  bool was_dropped = false;  // no longer granted or no longer published
  std::optional<Error> error;
};

// A version that the realm has signed twice, with other content: it was restored from an older
// copy. The office takes the newer content.
struct RealmFork {
  StreamName stream;
  Version version = 0;
};

// Why data waits although the link is up.
enum class HoldReason {
  kHours,   // outside the hours allowed for data
  kBudget,  // it would exceed the monthly budget of the link
  kLost,    // the machine has reported itself lost
};
std::string_view name_of(HoldReason reason);  // "hours", "budget", "lost"

struct HeldBack {
  HoldReason reason = HoldReason::kHours;  // of the first pack that waits
  std::uint64_t packs = 0, bytes = 0;
};

struct SyncReport {
  bool had_news = false;  // the platform had published something, or something was unfinished
  bool is_older_source = false;  // a person's files are older than what is held; nothing was taken
  Traffic traffic;               // headers included
  std::uint64_t nodes = 0;       // of the directory, fetched
  std::uint64_t packs = 0;
  std::uint64_t rows = 0;        // inserted, updated and removed
  std::uint64_t data_bytes = 0;  // of data packs, fetched and applied in data_seconds
  double data_seconds = 0;
  std::optional<HeldBack> held_back;
  double seconds = 0;
  std::vector<StreamOutcome> streams;         // those with a change or an error
  std::vector<std::string> dropped_datasets;  // no longer granted
  // Damaged on disk, dropped and fetched again: "directory", "dataset/<id>".
  std::vector<std::string> rebuilt;
  std::vector<RealmFork> forks;
  bool was_stopped = false;
  // The most serious error; empty if every granted stream is at its head.
  std::optional<Error> error;
};

enum class SyncPhase { kPoll, kMetadata, kDirectory, kGrant, kData };
std::string_view name_of(SyncPhase phase);  // "poll", "metadata", …

// The totals of the data streams are known before the first fetch.
struct SyncProgress {
  SyncPhase phase = SyncPhase::kPoll;
  std::uint64_t packs_total = 0, packs_done = 0;
  std::uint64_t bytes_total = 0, bytes_done = 0;
  double bytes_per_second = 0;  // measured by earlier syncs; 0: unknown
  std::string stream;           // the current one, or empty
};
using ProgressSink = std::function<void(const SyncProgress&)>;

// Orders errors for SyncReport::error: a higher rank is more serious.
int rank_of(ErrorCode code);
// Keeps the more serious of the two, and the longer of the two servers' Retry-After.
void keep_worse(std::optional<Error>& kept, const Error& other);

}  // namespace rootlet
