// The limits on downloads, the bytes carried each day and this month, and the rate of earlier
// syncs.
//
// The rules are pure. The counters are a fact in keys.db; a power cut loses what was carried since
// they were last saved.
#pragma once

#include "agent/office/key_store.hpp"
#include "config/settings.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet::agent {

struct DayUse {
  std::string day;                             // "2026-11-30": trusted time, UTC
  std::uint64_t bytes_down = 0, bytes_up = 0;  // with headers
};

struct LinkUse {
  std::string month;              // "2026-11": trusted time, UTC
  std::uint64_t month_bytes = 0;  // both directions, with headers
  std::vector<DayUse> days = {};  // of this month and the last that carried something, in order
  double bytes_per_second = 0;    // of pack data, including the time to apply; 0: unknown
};

Result<LinkUse> load_link_use(KeyStore& keys, UnixTime now);  // for the month of `now`
Status save_link_use(KeyStore& keys, const LinkUse& use);

// Counts what the link carried at `now`. Days before the last month are forgotten.
void add_traffic(LinkUse& use, UnixTime now, std::uint64_t bytes_down, std::uint64_t bytes_up);

// Updates the moving average of the rate. Ignores syncs too small to measure it.
void learn_rate(LinkUse& use, std::uint64_t data_bytes, double seconds);

struct DownloadRules {
  std::vector<DayWindow> hours;     // none: always
  std::uint64_t monthly_bytes = 0;  // 0: no limit
};

// Why `bytes` of data may not be downloaded now; nullopt if they may. `minute` is of the local day.
std::optional<HoldReason> refuse_download(const DownloadRules& rules, int minute,
                                          std::uint64_t month_bytes, std::uint64_t bytes);

int minute_of_day(UnixTime now);  // in the machine's time zone

}  // namespace rootlet::agent
