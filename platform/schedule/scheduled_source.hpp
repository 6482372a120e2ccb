// A dataset's source file together with how its publishes went.
#pragma once

#include "platform/realm/realm.hpp"
#include "platform/schedule/source_health.hpp"
#include "platform/source/databases/replication/replication_slot.hpp"

namespace rootlet::platform {

struct ScheduledSource {
  std::string dataset;
  SourceFile file;
  SourceHealth health;
};

// kUsage if the dataset has no source file; kBadInput for one that does not fit the dataset any
// more.
Result<ScheduledSource> load_scheduled_source(Registry& registry, const std::string& dataset);
// Checks the file, and saves it. Health begins anew, and every row is read once more.
Status set_source(Realm& realm, const std::string& dataset, std::string_view text,
                  std::string_view what, UnixTime now);

// The slot of a dataset whose source is followed: named after the realm and the dataset.
Result<std::string> slot_name(Registry& registry, std::string_view dataset);
// Of a source that is followed (SourceFile::follow).
Result<ReplicationPlace> replication_place(Registry& registry, const ScheduledSource& source);
// The names of this realm's slots begin so.
Result<std::string> slot_prefix(Registry& registry);
// Drops the slot of a dataset whose source is followed, before the source file goes: a slot that
// nobody reads fills the server's disk. Nothing to do for other sources, for a dataset without one,
// and if `next`, the file that comes, follows the same table.
Status release_slot(Registry& registry, const std::string& dataset,
                    const SourceFile* next = nullptr);

}  // namespace rootlet::platform
