// Under the dataset's lock, so that one version is written.
#include "platform/exports/export_dataset.hpp"

#include <algorithm>

#include "core/format/json_values.hpp"
#include "platform/exports/exchange_writer.hpp"
#include "platform/exports/published_changes.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

Status check_target(const SourceAddress& to) {
  if (to.kind == SourceKind::kPostgres && !to.table.empty()) return ok();
  return Error(ErrorCode::kUsage,
               "an export goes to a table of PostgreSQL: postgres://USER@HOST/DATABASE?table=NAME",
               "to");
}

Error never_published(const std::string& dataset) {
  return fail(ErrorCode::kUsage, "dataset " + dataset + " was never published");
}

char op_of(ExportedChange change, ExportReport& report) {
  switch (change) {
    case ExportedChange::kUpdate:
      ++report.updated;
      return 'U';
    case ExportedChange::kDelete:
      ++report.deleted;
      return 'D';
    case ExportedChange::kInsert:
      break;
  }
  ++report.inserted;
  return 'I';
}

}  // namespace

Result<ExportReport> export_dataset(Realm& realm, const std::string& dataset,
                                    const SourceAddress& to, UnixTime now) {
  ROOTLET_TRY(check_target(to));
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  const fs::path path = realm.folder().state(dataset);
  if (!fs::exists(path)) return never_published(dataset);
  ROOTLET_TRY(const FileLock alone, lock_dataset(realm.folder(), dataset));
  ROOTLET_TRY(PublisherState state, PublisherState::open(path, realm.key(), OpenMode::kReadWrite));
  ROOTLET_TRY(const std::vector<DatasetVersion> versions, state.publish_log().versions());
  if (versions.empty()) return never_published(dataset);
  ExportReport report{.version = versions.back().number};
  ROOTLET_TRY(ExchangeWriter writer, ExchangeWriter::open(to.place, to.table, definition));
  ROOTLET_TRY(report.since, writer.last_version());
  if (report.since == report.version) return report;
  const bool is_known = std::ranges::any_of(
      versions, [&](const DatasetVersion& one) { return report.since == one.number; });
  if (!is_known) report.since.reset();
  ROOTLET_TRY(writer.begin_rows(report.version, format_time(now)));
  PublishedChanges changes(state, definition);
  const auto write = [&](ExportedChange change, std::span<const std::string_view> cells) {
    return writer.add(op_of(change, report), cells);
  };
  if (report.since.has_value()) {
    ROOTLET_TRY(changes.visit_since(*report.since, write));
  } else {
    ROOTLET_TRY(writer.add('R', {}));
    ROOTLET_TRY(changes.visit_all(write));
  }
  ROOTLET_TRY(writer.commit());
  return report;
}

}  // namespace rootlet::platform
