// Cuts the prefix off; what remains is libpq's to read.
#include "platform/store/database_address.hpp"

#include <algorithm>

namespace rootlet::platform {
namespace {

constexpr std::string_view kKind = "postgres:";
constexpr std::size_t kPrefixBytes = 40;  // PostgreSQL's names have 63, and ours end in "_platform"

// Without what was given, which may hold a password.
Error wrong() {
  return fail(ErrorCode::kUsage,
              "this is no address of a database; one is "
              "postgres://USER@HOST/DATABASE, or with "
              "?schema=NAME for several realms in one database");
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kPrefixBytes && name.front() >= 'a' &&
         std::ranges::all_of(name, fits);
}

// Cuts "?schema=…" or "&schema=…" out of `place`, up to the next parameter.
std::string take_schema(std::string& place) {
  constexpr std::string_view kWord = "schema=";
  for (const char before : {'?', '&'}) {
    const std::size_t at = place.find(before + std::string(kWord));
    if (at == std::string::npos) continue;
    const std::size_t begin = at + 1 + kWord.size();
    const std::size_t end = std::min(place.find('&', begin), place.size());
    std::string name = place.substr(begin, end - begin);
    const bool is_last = end == place.size();
    place.erase(is_last ? at : at + 1, (is_last ? end : end + 1) - (is_last ? at : at + 1));
    return name;
  }
  return DatabaseAddress().prefix;
}

}  // namespace

Result<DatabaseAddress> parse_database_address(std::string_view text) {
  if (!text.starts_with(kKind)) return wrong();
  DatabaseAddress address{.place = std::string(text.substr(kKind.size()))};
  address.prefix = take_schema(address.place);
  if (address.place.find("//") == std::string::npos || !is_name(address.prefix)) return wrong();
  return address;
}

}  // namespace rootlet::platform
