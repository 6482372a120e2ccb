// The registry's tables of streams and content keys.
#include "platform/realm/registry.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

StreamEntry stream_at(const Statement& row) {
  return {.name = {text_at(row, 0), text_at(row, 1)},
          .version = count_at(row, 2),
          .epoch = static_cast<std::uint32_t>(row.integer(3)),
          .rows = count_at(row, 4),
          .published = time_at(row, 5),
          .digest = hash_at(row, 6)};
}

constexpr std::string_view kStreamColumns =
    "SELECT dataset, partition, version, epoch, rows, published, digest FROM streams ";

// By which a content key is sealed.
std::string name_of_key(std::string_view dataset, std::int64_t grade, std::int64_t epoch) {
  return "content/" + std::string(dataset) + "/" + std::to_string(grade) + "/" +
         std::to_string(epoch);
}

Result<ContentKey> content_key_at(const Store& store, std::string_view dataset,
                                  const Statement& row) {
  const std::string name = name_of_key(dataset, row.integer(0), row.integer(1));
  ROOTLET_TRY(SymmetricKey secret, store.unseal(name, row.blob(2)));
  return ContentKey{.stream = {std::string(dataset), "all"},
                    .grade = static_cast<Grade>(row.integer(0)),
                    .epoch = static_cast<std::uint32_t>(row.integer(1)),
                    .key = std::move(secret)};
}

}  // namespace

Status Registry::save_content_key(const ContentKey& key) {
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO dataset_keys VALUES(?,?,?,?)"));
  const std::string name =
      name_of_key(key.stream.dataset, static_cast<std::int64_t>(key.grade), key.epoch);
  return save.bind_all(key.stream.dataset, key.grade, key.epoch, database_.seal(name, key.key))
      .run();
}

Result<std::vector<ContentKey>> Registry::content_keys(std::string_view dataset) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT grade, epoch, secret FROM dataset_keys "
                                                 "WHERE dataset=? ORDER BY grade, epoch"));
  query.bind_all(dataset);
  std::vector<ContentKey> keys;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return keys;
    ROOTLET_TRY(ContentKey key, content_key_at(database_, dataset, query));
    keys.push_back(std::move(key));
  }
}

Result<std::set<std::uint32_t>> Registry::epochs_in(const StreamName& division) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT epoch FROM streams WHERE dataset=?1 AND partition>=?2 AND "
                                "partition<?3 UNION SELECT epoch FROM packs WHERE dataset=?1 AND "
                                "partition>=?2 AND partition<?3 AND retired IS NULL"));
  const PartitionRange range = range_of(division.partition);
  query.bind_all(division.dataset, range.begin, range.end);
  std::set<std::uint32_t> epochs;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return epochs;
    epochs.insert(static_cast<std::uint32_t>(query.integer(0)));
  }
}

Status Registry::save_stream(const StreamEntry& stream) {
  ROOTLET_TRY(const std::optional<StreamEntry> before, this->stream(stream.name));
  // A grant that covers it may lack the keys of a later epoch than the first.
  if (before.has_value() ? before->epoch != stream.epoch : stream.epoch > 1) {
    ROOTLET_TRY(touch_keys(stream.name));
  }
  ROOTLET_TRY(Statement save, database_.prepare(upsert("streams", "dataset, partition",
                                                       "version, epoch, rows, published, digest")));
  return save
      .bind_all(stream.name.dataset, stream.name.partition, stream.version, stream.epoch,
                stream.rows, unix_s(stream.published), ByteView(stream.digest))
      .run();
}

Result<std::vector<StreamEntry>> Registry::streams(std::string_view dataset) {
  ROOTLET_TRY(Statement query,
              database_.prepare(std::string(kStreamColumns) +
                                "WHERE ?1='' OR dataset=?1 ORDER BY dataset, partition"));
  query.bind_all(dataset);
  return read_all(query, stream_at);
}

Result<std::optional<StreamEntry>> Registry::stream(const StreamName& name) {
  ROOTLET_TRY(Statement query,
              database_.prepare(std::string(kStreamColumns) + "WHERE dataset=? AND partition=?"));
  query.bind_all(name.dataset, name.partition);
  return read_one(query, stream_at);
}

Status Registry::visit_streams_below(const StreamName& division,
                                     const std::function<Status(const StreamEntry&)>& visit) {
  ROOTLET_TRY(Statement query,
              database_.prepare(std::string(kStreamColumns) +
                                "WHERE dataset=? AND partition>=? AND partition<? AND "
                                "partition<>?"));
  const PartitionRange range = range_of(division.partition);
  query.bind_all(division.dataset, range.begin, range.end, division.partition);
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return ok();
    ROOTLET_TRY(visit(stream_at(query)));
  }
}

}  // namespace rootlet::platform
