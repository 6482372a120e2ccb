// Signing and writing snapshot and timestamp.
#include "platform/online/online_roles.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "platform/online/metadata_files.hpp"
#include "platform/online/metadata_stage.hpp"
#include "platform/online/news_files.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::days kTimestampAge{1};
constexpr std::string_view kSettingClockReading = "clock_reading";  // when the realm last signed
constexpr std::chrono::seconds kLockWait{60};

}  // namespace

Result<FileLock> lock_serving(const ServingFolder& folder) {
  return FileLock::acquire_within(folder.lock(), kLockWait);
}

Status check_signing_clock(ServingHome& home, const SigningClock& source, UnixTime now) {
  if (source.clock == nullptr) return ok();
  SigningFacts facts;
  facts.now = {.wall = now, .since_boot = source.clock->since_boot(), .boot = source.boot};
  ROOTLET_TRY(const std::optional<MetadataEntry> newest, home.metadata().newest(kTufTimestamp));
  if (newest.has_value()) facts.newest_signed = newest->signed_at;
  ROOTLET_TRY(const std::optional<std::string> last, home.settings().find(kSettingClockReading));
  if (last.has_value()) facts.last_reading = parse_clock_reading(*last);
  const SigningDoubt doubt = decide_signing(facts);
  if (doubt != SigningDoubt::kNone && !source.is_accepted) {
    return fail(ErrorCode::kUsage, explain(doubt, facts));
  }
  return home.settings().save(kSettingClockReading, encode_clock_reading(facts.now));
}

Result<bool> sign_online_roles(ServingHome& home, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, home.begin());
  TufSnapshotContent snapshot;
  ROOTLET_TRY(const std::vector<HandedRole> roles, home.roles());
  for (const HandedRole& role : roles) {
    if (role.role == kTufRoot) continue;
    snapshot.roles[role.role] = {.version = role.version, .length = {}, .hashes = {}};
  }
  if (snapshot.roles.empty()) return false;
  MetadataStage stage(home.metadata(), home.secrets(), now);
  ROOTLET_TRY(const MetadataEntry listed,
              stage.stage(kTufSnapshot, snapshot, encode_snapshot, for_life(kSnapshotLife)));
  TufTimestampContent timestamp;
  timestamp.snapshot = {.version = listed.version, .length = {}, .hashes = {}};
  ROOTLET_TRY(const std::uint64_t days,
              home.settings().number(kSettingTimestampDays, kDefaultTimestampDays));
  Ageing ageing = for_life(std::chrono::days(static_cast<int>(days)));
  ageing.oldest = std::min<std::chrono::seconds>(ageing.life / 4, kTimestampAge);
  ROOTLET_TRY(stage.stage(kTufTimestamp, timestamp, encode_timestamp, ageing,
                          {{kIssuedField, format_time(now)}}));
  if (!stage.signed_any()) return false;
  ROOTLET_TRY(transaction.commit());
  return true;
}

Status write_online_roles(ServingHome& home, const fs::path& repository) {
  ROOTLET_TRY(const std::vector<RoleMetadata> entries, home.metadata().all());
  ROOTLET_TRY(write_metadata_files(repository, entries));  // snapshot comes before timestamp
  return sweep_metadata_files(repository, entries);
}

Result<bool> renew_online_roles(ServingHome& home, const fs::path& repository,
                                const SigningClock& source, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_serving(home.folder()));
  ROOTLET_TRY(check_signing_clock(home, source, now));
  ROOTLET_TRY(const bool has_signed, sign_online_roles(home, now));
  ROOTLET_TRY(write_online_roles(home, repository));
  if (has_signed) {
    ROOTLET_TRY(renew_news(home, repository));
  }
  return has_signed;
}

Result<std::vector<RoleEnd>> role_ends(ServingHome& home) {
  std::vector<RoleEnd> ends;
  ROOTLET_TRY(const std::vector<HandedRole> roles, home.roles());
  for (const HandedRole& role : roles) {
    ends.push_back(
        {.role = role.role, .expires = role.expires, .life = role.expires - role.signed_at});
  }
  ROOTLET_TRY(const std::vector<RoleMetadata> own, home.metadata().all());
  for (const auto& [role, entry] : own) {
    ends.push_back(
        {.role = role, .expires = entry.expires, .life = entry.expires - entry.signed_at});
  }
  std::ranges::stable_sort(ends, {}, &RoleEnd::expires);
  return ends;
}

}  // namespace rootlet::platform
