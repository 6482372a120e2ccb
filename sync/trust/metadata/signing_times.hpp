// The times in signed metadata: when a timestamp says that it was issued, how long each role lives,
// and when an end is so near that people must hear of it (docs/time.md). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet {

// A field of our own in the signed part of a timestamp: when it was signed, as RFC 3339.
inline constexpr std::string_view kIssuedField = "x-rootlet-issued";

// nullopt if the field is missing or is no time.
std::optional<UnixTime> issued_in(const json::object& signed_part);

// How long metadata is valid when our platform signs it. The timestamp's is the realm's choice;
// this is the default.
inline constexpr std::chrono::days kRootLife{365};
inline constexpr std::chrono::days kTargetsLife{365};
inline constexpr std::chrono::days kSnapshotLife{30};
inline constexpr std::chrono::days kDirectoryLife{30};
inline constexpr std::chrono::days kTimestampLife{7};

// By the role's name; every delegated role but `directory` lives as long as targets.
std::chrono::seconds life_of_role(std::string_view role);

// How long before its end metadata of this life counts as near its end: 60 days for a life of half
// a year or more, because people must act; less than the margin of the automatic renewal otherwise,
// so that it shows only if that fails.
std::chrono::seconds notice_before_end(std::chrono::seconds life);

struct RoleEnd {
  std::string role;
  UnixTime expires{};
  std::chrono::seconds life{};
};

enum class EndState { kFar, kNear, kOver };
EndState decide_end(const RoleEnd& end, UnixTime now);

}  // namespace rootlet
