// The registry's tables of streams, packs and content keys.
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

PackEntry pack_at(const Statement& row) {
  PackEntry pack{.id = hash_at(row, 0),
                 .stream = {text_at(row, 1), text_at(row, 2)},
                 .from = count_at(row, 3),
                 .to = count_at(row, 4),
                 .file_bytes = count_at(row, 5),
                 .header_bytes = count_at(row, 6)};
  if (!row.is_null(7)) pack.retired = time_at(row, 7);
  pack.file_stamp = text_at(row, 8);
  return pack;
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
  std::vector<ContentKey> keys;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return keys;
    ROOTLET_TRY(SymmetricKey secret, SymmetricKey::from(query.blob(3)));
    keys.push_back({.stream = {std::string(dataset), text_at(query, 0)},
                    .grade = static_cast<Grade>(query.integer(1)),
                    .epoch = static_cast<std::uint32_t>(query.integer(2)),
                    .key = std::move(secret)});
  }
}

Status Registry::save_stream(const StreamEntry& stream) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR REPLACE INTO streams VALUES(?,?,?,?,?,?,?)"));
  return save
      .bind_all(stream.name.dataset, stream.name.partition, stream.version, stream.epoch,
                stream.rows, unix_s(stream.published), ByteView(stream.digest))
      .run();
}

Result<std::vector<StreamEntry>> Registry::streams(std::string_view dataset) {
  ROOTLET_TRY(
      Statement query,
      database_.prepare("SELECT dataset, partition, version, epoch, rows, published, digest "
                        "FROM streams WHERE ?1='' OR dataset=?1 "
                        "ORDER BY dataset, partition"));
  query.bind_all(dataset);
  return read_all(query, stream_at);
}

Status Registry::save_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT OR REPLACE INTO packs VALUES(?,?,?,?,?,?,?,?,?)"));
  save.bind_all(ByteView(pack.id), pack.stream.dataset, pack.stream.partition, pack.from, pack.to,
                pack.file_bytes, pack.header_bytes, nullptr, pack.file_stamp);
  if (pack.retired.has_value()) save.bind(8, unix_s(*pack.retired));
  return save.run();
}

Result<std::vector<PackEntry>> Registry::packs(std::string_view dataset) {
  ROOTLET_TRY(
      Statement query,
      database_.prepare("SELECT id, dataset, partition, from_version, to_version, file_bytes, "
                        "header_bytes, retired, mark FROM packs WHERE ?1='' OR dataset=?1 "
                        "ORDER BY dataset, partition, to_version, from_version"));
  query.bind_all(dataset);
  return read_all(query, pack_at);
}

Status Registry::remove_pack(const Hash256& id) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM packs WHERE id=?"));
  return remove.bind_all(ByteView(id)).run();
}

}  // namespace rootlet::platform
