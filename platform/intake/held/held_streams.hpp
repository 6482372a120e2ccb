// What offices report to hold, stream by stream, as their batches say. A table of records.db.
#pragma once

#include <vector>

#include "core/clock.hpp"
#include "platform/store/store.hpp"
#include "sync/uplink/exchange/held_version.hpp"

namespace rootlet::platform::intake {

inline constexpr std::string_view kHeldStreamsTable = R"sql(
CREATE TABLE held_streams(
  office TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL, held_rows INTEGER NOT NULL,
  digest TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(office, stream)) WITHOUT ROWID;
)sql";

struct HeldReport {
  HeldVersion held;
  UnixTime at{};  // of the batch that said so
};

// A stream that is no longer held goes. An office reports at most kStreamsOfOffice; more are left
// out.
inline constexpr std::int64_t kStreamsOfOffice = 200'000;
Status save_held(Store& records, const std::string& office, const std::vector<HeldVersion>& held,
                 UnixTime at);
Result<std::vector<HeldReport>> load_held(Store& records, std::string_view office);  // by stream
Result<std::vector<std::string>> offices_with_held(Store& records);

}  // namespace rootlet::platform::intake
