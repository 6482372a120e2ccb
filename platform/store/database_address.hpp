// Where a realm's tables lie, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet::platform {

struct DatabaseAddress {
  std::string place;               // as libpq takes it
  std::string prefix = "rootlet";  // of the schemas' names
};

// "postgres://USER@HOST/DATABASE", with "?schema=PREFIX" to keep several realms in one database.
// kUsage, with what would be right.
Result<DatabaseAddress> parse_database_address(std::string_view text);

}  // namespace rootlet::platform
