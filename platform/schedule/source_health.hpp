// How the scheduled publishes of a dataset went, and what follows: when the next is due, whether
// all rows must be read, whether somebody must look. Pure; local time by the machine's time zone.
//
// A success is a publish that ended, also one that found nothing new. A failure is tried again
// after one minute, then two, four and so on, at most an hour later and never later than the
// schedule. Health is health: no success for `alarm_after`, or no new version for
// `expect_change`, is an alarm, whatever runs.
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/format/json_fwd.hpp"
#include "platform/schedule/source_file.hpp"

namespace rootlet::platform {

struct SourceHealth {
  UnixTime set{};                      // when the source file was set
  std::optional<UnixTime> tried = {};  // begin of the last try
  std::optional<UnixTime> succeeded = {};
  std::optional<UnixTime> changed = {};  // last success that made a version
  std::optional<UnixTime> whole = {};    // last success that read all rows
  std::uint64_t failures = 0;            // since the last success
  std::string error = {};                // of the last try; "" if it succeeded
  std::string newest = {};               // of the change column
  std::uint64_t version = 0;             // of the dataset, after the last success
  // Of a table that is followed: what the last reading of all rows saw, where the log goes on,
  // how far it was, and how much of it the server keeps.
  std::string snapshot = {};
  std::uint64_t position = 0, log_end = 0, lag_bytes = 0;

  // kStorageDamaged for what save() did not write.
  static Result<SourceHealth> load(std::string_view json_text);
  std::string save() const;
};

UnixTime next_due(const SourceFile& file, const SourceHealth& health);
// Whether the next publish must read all rows.
bool is_whole_due(const SourceFile& file, const SourceHealth& health, UnixTime now);

struct TryResult {
  UnixTime began{};
  bool was_whole = true, made_version = false;
  std::string error = {};     // "" if it succeeded
  std::string newest = {};    // seen in this try
  std::uint64_t version = 0;  // of the dataset now
};
SourceHealth after_try(SourceHealth health, const TryResult& result);

enum class SourceAlarm { kNone, kNoSuccess, kNoChange };
SourceAlarm alarm_of(const SourceFile& file, const SourceHealth& health, UnixTime now);

// The earliest value that the change column of a row may have which was not read yet: `newest` less
// the overlap if it is a date or time, else `newest` itself.
std::string since_value(const std::string& newest, std::chrono::seconds overlap);

}  // namespace rootlet::platform
