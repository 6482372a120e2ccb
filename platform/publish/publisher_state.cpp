// The tables of state/<dataset>.db. Fingerprints are in blocks, so that few pages change.
#include "platform/publish/publisher_state.hpp"

#include <algorithm>
#include <cstring>

#include "platform/change/reversal.hpp"
#include "platform/source/rows/row_image.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE streams(number INTEGER PRIMARY KEY, partition TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL, epoch INTEGER NOT NULL, rows INTEGER NOT NULL,
  published INTEGER NOT NULL);
CREATE TABLE digests(stream INTEGER, grade INTEGER, digest BLOB NOT NULL,
  PRIMARY KEY(stream, grade)) WITHOUT ROWID;
CREATE TABLE rows(stream INTEGER, key BLOB, rid INTEGER NOT NULL, image BLOB NOT NULL,
  PRIMARY KEY(stream, key)) WITHOUT ROWID;
CREATE TABLE fresh_packs(dataset TEXT, partition TEXT, to_version INTEGER, from_version INTEGER,
  file INTEGER NOT NULL, offset INTEGER NOT NULL, file_bytes INTEGER NOT NULL,
  header_bytes INTEGER NOT NULL, id BLOB NOT NULL,
  PRIMARY KEY(partition, to_version, from_version)) WITHOUT ROWID;
)sql";

// Row fingerprints in blocks by rid; `place` is `stream` << 32 | block.
constexpr std::string_view kRowFingerprints = R"sql(
CREATE TABLE row_marks(place INTEGER PRIMARY KEY, marks BLOB NOT NULL);
)sql";
constexpr std::size_t kFingerprintsInBlock = 160;  // 3,840 bytes, which fit a page of 4 KiB

constexpr std::string_view kMigrations[] = {kFirst, kStreamHistoryTables, kRowFingerprints,
                                            kPublishLogTables};
constexpr int kCacheKib = 32 * 1024;  // a publish reads and writes whole tables

std::vector<RowFingerprint> fingerprints_at(const Statement& row, int column) {
  const ByteView bytes = row.blob(column);
  std::vector<RowFingerprint> fingerprints(kFingerprintsInBlock);
  std::memcpy(fingerprints.data(), bytes.data(),
              std::min(bytes.size(), fingerprints.size() * sizeof(RowFingerprint)));
  return fingerprints;
}

// All fingerprints that `difference` changes, by rid. If a number is freed and taken again, the new
// row's fingerprint comes last.
std::vector<Difference::Refingerprint> new_fingerprints(const Difference& difference) {
  std::vector<Difference::Refingerprint> fingerprints;
  for (const RowChange& row : difference.deletes) fingerprints.push_back({row.rid, {}});
  for (const auto* rows : {&difference.updates, &difference.inserts}) {
    for (const RowChange& row : *rows) fingerprints.push_back({row.rid, row.fingerprint});
  }
  fingerprints.insert(fingerprints.end(), difference.refingerprinted.begin(),
                      difference.refingerprinted.end());
  std::stable_sort(fingerprints.begin(), fingerprints.end(),
                   [](auto& a, auto& b) { return a.rid < b.rid; });
  return fingerprints;
}

// Most streams have few rows, and their only block is mostly empty.
std::span<const RowFingerprint> without_empty_end(std::span<const RowFingerprint> fingerprints) {
  while (!fingerprints.empty() && fingerprints.back() == RowFingerprint()) {
    fingerprints = fingerprints.first(fingerprints.size() - 1);
  }
  return fingerprints;
}

}  // namespace

Result<PublisherState> PublisherState::open(const std::filesystem::path& path,
                                            const SymmetricKey& key, OpenMode mode) {
  OpenOptions options;
  options.mode = mode;
  options.durability = Durability::kFull;
  options.cache_kib = kCacheKib;
  options.checkpoints = false;
  ROOTLET_TRY(Store database, Store::open_file(path, key, kMigrations, options));
  return PublisherState(std::move(database));
}

Result<std::map<std::string, StreamHead>> PublisherState::heads() {
  return heads_where("");
}

Result<std::map<std::string, StreamHead>> PublisherState::fresh_heads() {
  return heads_where("WHERE partition IN (SELECT partition FROM fresh_packs) ");
}

// One row for each grade of a stream.
Result<std::map<std::string, StreamHead>> PublisherState::heads_where(std::string_view condition) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT number, partition, version, epoch, rows, published, grade, "
                                "digest FROM streams LEFT JOIN digests ON stream=number " +
                                std::string(condition) + "ORDER BY partition, grade"));
  std::map<std::string, StreamHead> heads;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return heads;
    const auto at = heads.try_emplace(heads.end(), text_at(query, 1));
    StreamHead& head = at->second;
    if (head.version == 0) {
      head = {.number = query.integer(0),
              .partition = at->first,
              .version = count_at(query, 2),
              .epoch = static_cast<std::uint32_t>(query.integer(3)),
              .rows = count_at(query, 4),
              .published = time_at(query, 5),
              .digests = {}};
    }
    if (!query.is_null(6)) {
      head.digests[static_cast<Grade>(query.integer(6))] = hash_at(query, 7);
    }
  }
}

Status PublisherState::save_head(StreamHead& head) {
  ROOTLET_TRY(
      Statement save,
      database_.prepare("INSERT INTO streams(partition, version, epoch, rows, published) "
                        "VALUES(?1,?2,?3,?4,?5) ON CONFLICT(partition) DO UPDATE "
                        "SET version=?2, epoch=?3, rows=?4, published=?5 RETURNING number"));
  save.bind_all(head.partition, head.version, head.epoch, head.rows, unix_s(head.published));
  ROOTLET_TRY(const bool there, save.step());
  if (there) head.number = save.integer(0);
  ROOTLET_TRY(save.run());
  ROOTLET_TRY(Statement digest, database_.prepare(upsert("digests", "stream, grade", "digest")));
  for (const auto& [grade, value] : head.digests) {
    ROOTLET_TRY(digest.bind_all(head.number, grade, ByteView(value)).run());
  }
  return ok();
}

Result<HeldRows> PublisherState::rows_by_key(const StreamHead& head) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT key, rid, image FROM rows WHERE stream=? "
                                                 "ORDER BY key"));
  auto walk = std::make_shared<Statement>(std::move(query));
  walk->bind_all(head.number);
  return HeldRows([walk](HeldRow& row) -> Result<bool> {
    ROOTLET_TRY(const bool more, walk->step());
    if (!more) return false;
    row = {
        .key = as_text(walk->blob(0)), .rid = count_at(*walk, 1), .image = as_text(walk->blob(2))};
    return true;
  });
}

Result<PublisherState::Named> PublisherState::find_named(const NamedKeys& keys) {
  ROOTLET_TRY(Statement query, database_.prepare("SELECT stream, key FROM rows"));
  Named found;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return found;
    const auto named = keys.find(as_text(query.blob(1)));
    if (named == keys.end()) continue;
    found.streams.insert(query.integer(0));
    if (named->second) ++found.deletions;
  }
}

Result<Difference> PublisherState::reversal(const StreamHead& head, Version then,
                                            const DatasetDefinition& definition) {
  ROOTLET_TRY(const HeldRows held, rows_by_key(head));
  if (then == 0) return find_difference(held, {}, {});
  ROOTLET_TRY(const PastRows past, history(head).rows_at(then));
  const std::vector<std::size_t> keys = definition.key_columns();
  return find_reversal(held, past, [&](std::string_view image) -> Result<std::string> {
    std::vector<CellView> cells(keys.size());
    ROOTLET_TRY(read_image_columns(image, keys, cells));
    std::string key;
    for (const CellView& cell : cells) append_key_cell(key, cell);
    return key;
  });
}

Status PublisherState::apply(const StreamHead& head, const Difference& difference) {
  ROOTLET_TRY(Statement remove, database_.prepare("DELETE FROM rows WHERE stream=? AND key=?"));
  for (const RowChange& row : difference.deletes) {
    ROOTLET_TRY(remove.bind_all(head.number, as_bytes(row.key)).run());
  }
  ROOTLET_TRY(Statement update,
              database_.prepare("UPDATE rows SET image=? WHERE stream=? AND key=?"));
  for (const RowChange& row : difference.updates) {
    ROOTLET_TRY(update.bind_all(as_bytes(row.new_image), head.number, as_bytes(row.key)).run());
  }
  ROOTLET_TRY(Statement insert, database_.prepare("INSERT INTO rows VALUES(?,?,?,?)"));
  for (const RowChange& row : difference.inserts) {
    ROOTLET_TRY(
        insert.bind_all(head.number, as_bytes(row.key), row.rid, as_bytes(row.new_image)).run());
  }
  return save_fingerprints(head, difference);
}

Status PublisherState::save_fingerprints(const StreamHead& head, const Difference& difference) {
  ROOTLET_TRY(Statement find, database_.prepare("SELECT marks FROM row_marks WHERE place=?"));
  ROOTLET_TRY(Statement save, database_.prepare(upsert("row_marks", "place", "marks")));
  const std::vector<Difference::Refingerprint> list = new_fingerprints(difference);
  for (auto at = list.begin(); at != list.end();) {
    const Rid block = at->rid / kFingerprintsInBlock;
    const std::int64_t place = head.number << 32 | static_cast<std::int64_t>(block);
    ROOTLET_TRY(const bool there, find.bind_all(place).step());
    std::vector<RowFingerprint> fingerprints =
        there ? fingerprints_at(find, 0) : std::vector<RowFingerprint>(kFingerprintsInBlock);
    find.reset();
    for (; at != list.end() && at->rid / kFingerprintsInBlock == block; ++at) {
      fingerprints[at->rid % kFingerprintsInBlock] = at->fingerprint;
    }
    const auto bytes = std::as_bytes(without_empty_end(fingerprints));
    ROOTLET_TRY(save.bind_all(place, ByteView(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                              bytes.size()))
                    .run());
  }
  return ok();
}

Result<UnchangedRows> PublisherState::unchanged_rows() {
  UnchangedRows unchanged;
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT place, marks FROM row_marks ORDER BY place"));
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return unchanged;
    const auto block = static_cast<Rid>(query.integer(0) & 0xFFFF'FFFF);
    unchanged.add(query.integer(0) >> 32, block * kFingerprintsInBlock, query.blob(1));
  }
}

Status PublisherState::save_fresh_pack(const PackEntry& pack) {
  ROOTLET_TRY(Statement save,
              database_.prepare("INSERT INTO fresh_packs VALUES(?,?,?,?,?,?,?,?,?)"));
  return save
      .bind_all(pack.stream.dataset, pack.stream.partition, pack.to, pack.from, pack.file,
                pack.offset, pack.file_bytes, pack.header_bytes, ByteView(pack.id))
      .run();
}

Result<std::vector<PackEntry>> PublisherState::fresh_packs() {
  ROOTLET_TRY(
      Statement query,
      database_.prepare("SELECT dataset, partition, to_version, from_version, file, offset, "
                        "file_bytes, header_bytes, id FROM fresh_packs "
                        "ORDER BY partition, to_version, from_version"));
  return read_all(query, [](const Statement& row) {
    return PackEntry{.id = hash_at(row, 8),
                     .stream = {text_at(row, 0), text_at(row, 1)},
                     .from = count_at(row, 3),
                     .to = count_at(row, 2),
                     .file = row.integer(4),
                     .offset = count_at(row, 5),
                     .file_bytes = count_at(row, 6),
                     .header_bytes = count_at(row, 7)};
  });
}

Status PublisherState::forget_fresh_packs() {
  return database_.execute("DELETE FROM fresh_packs");
}

}  // namespace rootlet::platform
