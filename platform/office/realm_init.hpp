// Creates a realm: its keys, its first root, and an empty repository that any TUF client can read.
#pragma once

#include "platform/realm/realm.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/repository/repository.hpp"

namespace rootlet::platform {

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8420";

struct RealmInitOptions {
  std::string name;
  std::string url = {};  // empty: kDefaultUrl until `serve` gets --listen or --public-url
  int timestamp_days = kDefaultTimestampDays;
  std::string database = {};  // "postgres://…"; empty: in the folder
};

// Makes the realm in another folder and renames that to `folder`, so that a power cut leaves no
// incomplete realm. kUsage unless `folder` is missing or empty. Returns the realm's id.
Result<std::string> init_realm(const fs::path& folder, const RealmInitOptions& options,
                               const Passphrases& passphrases, UnixTime now);

// kBadInput with `field` unless `url` is "http://host:port" or "https://…" without a query.
Status check_url(std::string_view url, std::string_view field);

}  // namespace rootlet::platform
