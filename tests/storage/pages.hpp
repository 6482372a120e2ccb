// A database's pages as they are on disk, decrypted: in use and free.
#pragma once

#include <string_view>

#include "storage/database.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

// How many pages hold `needle`. Reads through the log, so empty it first to know the file.
inline int pages_with(Database& database, std::string_view needle) {
  database.release_memory();
  Statement pages = must(database.prepare("SELECT data FROM sqlite_dbpage"));
  int found = 0;
  while (must(pages.step())) {
    found += as_text(pages.blob(0)).find(needle) != std::string_view::npos ? 1 : 0;
  }
  return found;
}

}  // namespace rootlet::test
