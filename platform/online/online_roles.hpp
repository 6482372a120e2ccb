// The roles that the serving home signs: snapshot, over the roles that the publishing home handed
// over, and timestamp. `serve` signs them again before they end; a publish does so at its end.
//
// Hold the serving home's lock during all calls that sign or write.
#pragma once

#include "platform/homes/serving_home.hpp"
#include "platform/online/signing_clock.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet::platform {

// Settings of the serving home.
inline constexpr std::string_view kSettingRealmId = "realm_id";
inline constexpr std::string_view kSettingTimestampDays = "timestamp_days";
inline constexpr std::string_view kSettingDatasets = "datasets";     // how many there are
inline constexpr std::string_view kSettingListening = "listening";   // the URL of serve --listen
inline constexpr std::string_view kSettingPublicUrl = "public_url";  // of serve --public-url
inline constexpr int kDefaultTimestampDays = 7;

// kBusy after a minute.
Result<FileLock> lock_serving(const ServingFolder& folder);

// Refuses a time that the realm's past does not explain, with kUsage, and notes the clocks.
Status check_signing_clock(ServingHome& home, const SigningClock& source, UnixTime now);
// True if it signed any. Nothing if nothing was ever handed over.
Result<bool> sign_online_roles(ServingHome& home, UnixTime now);
// N.snapshot.json, then timestamp.json; removes old versions of snapshot.
Status write_online_roles(ServingHome& home, const fs::path& repository);

// Signs and writes if it is time, the copies in the news too. True if it signed.
Result<bool> renew_online_roles(ServingHome& home, const fs::path& repository,
                                const SigningClock& source, UnixTime now);

// The newest version of every role of the realm, the earliest end first.
Result<std::vector<RoleEnd>> role_ends(ServingHome& home);

}  // namespace rootlet::platform
