// publish_streams has a row only for streams that a publish changed; the row before it applies to
// all others.
#include "platform/publish/publish_log.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform {

Result<std::vector<DatasetVersion>> PublishLog::versions() {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT number, at, rows, added, changed, removed, "
                                "restored FROM publishes ORDER BY number"));
  return read_all(query, [](const Statement& row) {
    DatasetVersion version{.number = count_at(row, 0),
                           .published = time_at(row, 1),
                           .rows = count_at(row, 2),
                           .added = count_at(row, 3),
                           .changed = count_at(row, 4),
                           .removed = count_at(row, 5)};
    if (!row.is_null(6)) version.restored = count_at(row, 6);
    return version;
  });
}

Result<Version> PublishLog::add(DatasetVersion version, const StreamVersions& changed) {
  ROOTLET_TRY(const std::int64_t last,
              database_.integer("SELECT coalesce(max(number), 0) FROM publishes"));
  const std::int64_t number = last + 1;
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO publishes VALUES(?,?,?,?,?,?,?)"));
  save.bind_all(number, unix_s(version.published), version.rows, version.added, version.changed,
                version.removed, nullptr);
  if (version.restored.has_value()) save.bind(7, static_cast<std::int64_t>(*version.restored));
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(Statement stream, database_.prepare("INSERT INTO publish_streams VALUES(?,?,?)"));
  for (const auto& [name, its_version] : changed) {
    ROOTLET_TRY(stream.bind_all(name, number, its_version).run());
  }
  ROOTLET_TRY(forget_old());
  return static_cast<Version>(number);
}

Result<StreamVersions> PublishLog::streams_at(Version number) {
  // SQLite takes `version` from the row with the greatest `publish`.
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT stream, version, max(publish) FROM publish_streams "
                                "WHERE publish<=? GROUP BY stream"));
  query.bind_all(number);
  StreamVersions streams;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return streams;
    streams[query.integer(0)] = count_at(query, 1);
  }
}

Result<std::vector<Version>> PublishLog::versions_of(std::int64_t stream) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT version FROM publish_streams "
                                                 "WHERE stream=? ORDER BY version"));
  query.bind_all(stream);
  return read_all(query, [](const Statement& row) { return count_at(row, 0); });
}

// The oldest remaining version still needs the last row of each stream up to it.
Status PublishLog::forget_old() {
  ROOTLET_TRY(Statement oldest, database_.prepare("SELECT number FROM publishes "
                                                  "ORDER BY number DESC LIMIT 1 OFFSET ?"));
  ROOTLET_TRY(const bool is_full, oldest.bind_all(kRestorableVersions).step());
  if (!is_full) return ok();
  const std::int64_t first = oldest.integer(0);
  oldest.reset();
  ROOTLET_TRY(Statement publishes, database_.prepare("DELETE FROM publishes WHERE number<?"));
  ROOTLET_TRY(publishes.bind_all(first).run());
  ROOTLET_TRY(Statement streams,
              database_.prepare("DELETE FROM publish_streams WHERE EXISTS (SELECT 1 FROM "
                                "publish_streams later WHERE later.stream=publish_streams.stream "
                                "AND later.publish>publish_streams.publish AND later.publish<=?)"));
  return streams.bind_all(first).run();
}

}  // namespace rootlet::platform
