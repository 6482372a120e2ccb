// Through SQLite's table of pages (sqlite.org/dbpage.html), which reads as every query does.
#include "storage/page_scan.hpp"

#include <algorithm>

namespace rootlet {

Result<PageScan> scan_pages(Database& database, std::int64_t first, std::int64_t count) {
  ROOTLET_TRY(ReadTransaction reading, ReadTransaction::begin(database));
  PageScan scan;
  ROOTLET_TRY(scan.pages, database.integer("PRAGMA page_count"));
  if (first < 1 || first > scan.pages) first = 1;
  const std::int64_t left = scan.pages - first + 1;
  const std::int64_t end = first + std::min(count, left);
  ROOTLET_TRY(Statement read,
              database.prepare("SELECT length(data) FROM sqlite_dbpage WHERE pgno=?1"));
  for (std::int64_t page = first; page < end; ++page) {
    const Result<bool> found = read.bind_all(page).step();
    if (found.has_error()) return within("page " + std::to_string(page), found.error());
    if (!found.value()) {
      return fail(ErrorCode::kStorageDamaged, "page " + std::to_string(page) + ": missing");
    }
  }
  read.reset();
  scan.next = end > scan.pages ? 1 : end;
  return scan;
}

}  // namespace rootlet
