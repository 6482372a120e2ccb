// Stops the long statements of a connection that stays open.
#pragma once

#include <functional>

#include "storage/database.hpp"

namespace rootlet::agent {

inline constexpr int kStepsBetweenStopChecks = 20'000;  // a few milliseconds of SQLite's work

// While it lives, a statement ends with kStorage once `should_stop` says so.
class StopsWhenAsked {
 public:
  StopsWhenAsked(Database& database, const std::function<bool()>& should_stop)
      : database_(database) {
    database_.on_progress(kStepsBetweenStopChecks, should_stop);
  }
  ~StopsWhenAsked() { database_.on_progress(0, {}); }
  StopsWhenAsked(const StopsWhenAsked&) = delete;
  StopsWhenAsked& operator=(const StopsWhenAsked&) = delete;

 private:
  Database& database_;
};

}  // namespace rootlet::agent
