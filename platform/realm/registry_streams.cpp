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

Result<ContentKey> content_key_at(std::string_view dataset, const Statement& row) {
  ROOTLET_TRY(SymmetricKey secret, SymmetricKey::from(row.blob(3)));
  return ContentKey{.stream = {std::string(dataset), text_at(row, 0)},
                    .grade = static_cast<Grade>(row.integer(1)),
                    .epoch = static_cast<std::uint32_t>(row.integer(2)),
                    .key = std::move(secret)};
}

Result<std::vector<ContentKey>> content_keys_of(std::string_view dataset, Statement& query) {
  std::vector<ContentKey> keys;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return keys;
    ROOTLET_TRY(ContentKey key, content_key_at(dataset, query));
    keys.push_back(std::move(key));
  }
}

}  // namespace

Status Registry::save_content_key(const ContentKey& key) {
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO content_keys VALUES(?,?,?,?,?)"));
  return save
      .bind_all(key.stream.dataset, key.stream.partition, key.grade, key.epoch,
                ByteView(key.key.expose()))
      .run();
}

Result<std::vector<ContentKey>> Registry::content_keys(std::string_view dataset) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT partition, grade, epoch, secret FROM content_keys "
                                "WHERE dataset=? ORDER BY partition, grade, epoch"));
  query.bind_all(dataset);
  return content_keys_of(dataset, query);
}

Result<std::vector<ContentKey>> Registry::present_keys(std::string_view dataset,
                                                       std::string_view division, Grade max_grade) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT k.partition, k.grade, k.epoch, k.secret FROM content_keys "
                                "AS k CROSS JOIN streams AS s ON s.dataset=k.dataset AND "
                                "s.partition=k.partition AND s.epoch=k.epoch WHERE k.dataset=?1 "
                                "AND k.partition>=?2 AND k.partition<?3 AND k.grade<=?4 "
                                "ORDER BY k.partition, k.grade"));
  const PartitionRange range = range_of(division);
  query.bind_all(dataset, range.begin, range.end, max_grade);
  return content_keys_of(dataset, query);
}

Status Registry::save_stream(const StreamEntry& stream) {
  ROOTLET_TRY(const std::optional<StreamEntry> before, this->stream(stream.name));
  if (!before.has_value() || before->epoch != stream.epoch) {
    ROOTLET_TRY(touch_keys(stream.name));
  }
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR REPLACE INTO streams VALUES(?,?,?,?,?,?,?)"));
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
