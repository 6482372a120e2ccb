// Writes what is published into an exchange table of another system: all rows the first time, the
// changes since the last export from then on. The same export twice writes nothing the second time.
#pragma once

#include "platform/realm/realm.hpp"
#include "platform/source/kinds/address.hpp"

namespace rootlet::platform {

struct ExportReport {
  Version version = 0;
  std::optional<Version> since = {};  // the last export's; none: all rows were written anew
  std::uint64_t inserted = 0, updated = 0, deleted = 0;
};

// `to` is a table of PostgreSQL: kUsage for anything else, and for a dataset that was never
// published. All rows are written anew, after a row R, if the last export is older than the
// versions that can be restored. Errors of the database as ExchangeWriter has them; then nothing is
// written.
Result<ExportReport> export_dataset(Realm& realm, const std::string& dataset,
                                    const SourceAddress& to, UnixTime now);

}  // namespace rootlet::platform
