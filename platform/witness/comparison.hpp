// Whether a realm showed one directory to everybody: what witnesses and offices saw, side by side.
// A version that is two things is a fork. One who stays behind what another saw a day ago is shown
// an old directory, or another one under other numbers. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace rootlet::platform {

// That somebody saw this directory; `at` is missing if nobody wrote down when.
struct Claim {
  std::int64_t version = 0;
  Hash256 directory{};
  std::optional<UnixTime> at = {};
};

struct Viewer {
  std::string name;
  std::vector<Claim> claims;
  // When it last looked and saw nothing newer; missing if it does not say.
  std::optional<UnixTime> looked = {};
};

// Two claims of one version, by their viewers' places in the list (the same one, if it was shown
// both), each with its hash.
struct Fork {
  std::int64_t version = 0;
  std::size_t first = 0, second = 0;
  Hash256 first_directory{}, second_directory{};
};

struct Behind {
  std::size_t viewer = 0;    // whose newest version
  std::int64_t newest = 0;   // is this one, though
  std::size_t other = 0;     // this viewer
  std::int64_t version = 0;  // saw this one
  UnixTime seen{};           // then, more than kLag before the first one looked
};

// How long a mirror may lag behind: a timestamp is signed anew each day.
inline constexpr std::chrono::days kLag{1};

struct Comparison {
  std::size_t shared = 0;  // versions that at least two viewers saw alike
  std::vector<Fork> forks;
  std::vector<Behind> behind;
};

Comparison compare_views(std::span<const Viewer> viewers);

}  // namespace rootlet::platform
