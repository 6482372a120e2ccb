// Reads the pages of a database file one after the other, in use or free, to find damage that no
// query has met yet. Every page is decrypted and authenticated. Changes nothing.
#pragma once

#include "storage/database.hpp"

namespace rootlet {

struct PageScan {
  std::int64_t pages = 0;  // of the file
  std::int64_t next = 1;   // where the next scan continues; 1 after the last page
};

// Reads at most `count` pages from page `first` on (1 is the first), to the end of the file at
// most. A `first` beyond the end begins at 1. kStorageDamaged names the first page that does not
// authenticate. `database` must be freshly opened: pages in its cache are not read again.
Result<PageScan> scan_pages(Database& database, std::int64_t first, std::int64_t count);

}  // namespace rootlet
