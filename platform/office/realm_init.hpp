// How a realm begins: its keys, its first root, an empty repository that any TUF client can read.
#pragma once

#include "platform/realm/realm.hpp"
#include "platform/realm/root_keys.hpp"

namespace rootlet::platform {

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8420";

struct RealmInitOptions {
  std::string name;
  std::string url = {};  // empty: kDefaultUrl until serve --listen or --public-url says otherwise
  int timestamp_days = 7;
};

// Makes the realm beside `folder` and renames it, so that a power cut leaves nothing half made
// there. kUsage unless `folder` is missing or empty. Gives the realm's id.
Result<std::string> init_realm(const fs::path& folder, const RealmInitOptions& options,
                               const Passphrases& passphrases, UnixTime now);

// "http://host:port" or "https://…", without a query; kBadInput naming `field`.
Status check_url(std::string_view url, std::string_view field);

}  // namespace rootlet::platform
