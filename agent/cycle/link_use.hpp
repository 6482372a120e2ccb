// What the link may carry, what it has carried this month, and how fast earlier syncs were.
//
// The rules are pure. The counts are facts in keys.db; what a power cut takes from them is what was
// carried since they were last saved.
#pragma once

#include "agent/office/key_store.hpp"
#include "config/settings.hpp"
#include "sync/downlink/sync_report.hpp"

namespace rootlet::agent {

struct LinkUse {
  std::string month;              // "2026-11", of the trusted clock in UTC
  std::uint64_t month_bytes = 0;  // both ways, headers included
  double bytes_per_second = 0;    // of data, applying included; 0: not known yet
};

Result<LinkUse> load_link_use(KeyStore& keys, UnixTime now);  // of the month of `now`
Status save_link_use(KeyStore& keys, const LinkUse& use);

// Takes the time of one sync into the rate, if it carried enough to tell.
void learn_rate(LinkUse& use, std::uint64_t data_bytes, double seconds);

struct DownloadRules {
  std::vector<DayWindow> hours;     // none: always
  std::uint64_t monthly_bytes = 0;  // 0: no limit
};

// Why `bytes` of data may not be fetched now, if so; `minute` of the day by the machine's clock.
std::optional<HoldReason> refuse_download(const DownloadRules& rules, int minute,
                                          std::uint64_t month_bytes, std::uint64_t bytes);

int minute_of_day(UnixTime now);  // by the machine's time zone

}  // namespace rootlet::agent
