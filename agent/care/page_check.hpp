// Reads the database files of the home page by page, a part each time, so that damage is found
// before somebody needs the page. Damage of a cache is noted (damage.hpp); damage of keys.db,
// outbox.db or ledger.db is only reported, because nothing can fetch those again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/office/office.hpp"

namespace rootlet::agent {

struct PageCheck {
  std::string name;              // "keys", "outbox", "ledger", "directory", "dataset/<id>"
  bool is_cache = false;         // can be fetched again
  std::int64_t pages = 0;        // of the file
  std::int64_t checked = 0;      // read now
  std::optional<Error> trouble;  // kStorageDamaged, or why it could not be read
};

// A part: 8 MiB of each file, a tenth of a second on an old disk. A national table of 200 MB is
// read in about a day of hourly parts.
inline constexpr std::int64_t kPagesAtOnce = 2'048;
inline constexpr std::int64_t kAllPages = INT64_MAX;

// Continues in each file where the last check stopped, for at most `pages_per_file` pages. Files
// that do not exist yet are left out.
Result<std::vector<PageCheck>> check_pages(Office& office, std::int64_t pages_per_file);

// The same with kPagesAtOnce; checks nothing if that was done within the last hour of trusted time.
Result<std::vector<PageCheck>> check_pages_hourly(Office& office);

}  // namespace rootlet::agent
