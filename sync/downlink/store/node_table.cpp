// Two tables: one row for each node, and the rows of all nodes.
#include "sync/downlink/store/node_table.hpp"

#include "storage/row_values.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE IF NOT EXISTS nodes(stream TEXT PRIMARY KEY, version INTEGER NOT NULL,
  digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS node_rows(stream TEXT, id TEXT, kind INTEGER, a INTEGER, b INTEGER,
  size INTEGER NOT NULL, time INTEGER NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL,
  hash BLOB NOT NULL, body TEXT NOT NULL, PRIMARY KEY(stream, id, kind, a, b)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS node_rows_by_id ON node_rows(kind, id);
)sql";

Error unreadable(const StreamName& stream) {
  return fail(ErrorCode::kStorageDamaged,
              "directory.db: the node " + stream.text() + " cannot be read");
}

}  // namespace

Status prepare_node_tables(Database& database) {
  return database.execute(kTables);
}

Result<bool> has_node_tables(Database& database) {
  ROOTLET_TRY(Statement query,
              database.prepare("SELECT count(*) FROM sqlite_master WHERE name='node_rows'"));
  ROOTLET_TRY(query.step());
  return query.integer(0) > 0;
}

Result<std::optional<HeldNode>> load_node(Database& database, const StreamName& stream) {
  ROOTLET_TRY(Statement head,
              database.prepare("SELECT version, digest FROM nodes WHERE stream=?1"));
  head.bind_all(stream.text());
  ROOTLET_TRY(const bool found, head.step());
  if (!found) return std::optional<HeldNode>();
  const std::optional<Hash256> digest = hash_from_bytes(head.blob(1));
  if (!digest.has_value()) return unreadable(stream);
  HeldNode node{
      .stream = stream, .version = count_at(head, 0), .digest = SectionDigest(*digest), .rows = {}};
  ROOTLET_TRY(Statement rows,
              database.prepare("SELECT " + std::string(kDirectoryColumns) +
                               " FROM node_rows WHERE stream=?1 ORDER BY id, kind, a, b"));
  rows.bind_all(stream.text());
  ROOTLET_TRY(node.rows,
              read_all(rows, [](const Statement& row) { return read_directory_row(row, 0); }));
  return std::optional(std::move(node));
}

Result<std::vector<StreamName>> held_node_streams(Database& database) {
  ROOTLET_TRY(Statement query, database.prepare("SELECT stream FROM nodes ORDER BY stream"));
  std::vector<StreamName> streams;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return streams;
    const Result<StreamName> stream = StreamName::parse(query.text(0));
    if (stream.has_error()) return unreadable({"directory", "?"});
    streams.push_back(stream.value());
  }
}

Status save_node(Database& database, const HeldNode& node) {
  ROOTLET_TRY(remove_node(database, node.stream));
  const std::string stream = node.stream.text();
  ROOTLET_TRY(Statement head, database.prepare("INSERT INTO nodes VALUES(?1,?2,?3)"));
  ROOTLET_TRY(head.bind_all(stream, node.version, ByteView(node.digest.value())).run());
  ROOTLET_TRY(Statement save,
              database.prepare("INSERT INTO node_rows(stream, " + std::string(kDirectoryColumns) +
                               ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"));
  for (const DirectoryRow& row : node.rows) {
    ROOTLET_TRY(save.bind_all(stream, row.kind, row.id, row.a, row.b, row.size, row.time, row.file,
                              row.offset, as_bytes(row.hash), row.body)
                    .run());
  }
  return ok();
}

Status remove_node(Database& database, const StreamName& stream) {
  for (const char* table : {"nodes", "node_rows"}) {
    ROOTLET_TRY(Statement remove,
                database.prepare("DELETE FROM " + std::string(table) + " WHERE stream=?1"));
    ROOTLET_TRY(remove.bind_all(stream.text()).run());
  }
  return ok();
}

SectionDigest digest_of_rows(const std::vector<DirectoryRow>& rows,
                             const SymmetricKey& content_key) {
  RowBlock block;
  block.columns.resize(directory_schema().columns.size());
  for (const DirectoryRow& row : rows) push_directory_row(block, block.rids.size(), row);
  SectionDigest digest;
  digest.add(digest_key(content_key), block);
  return digest;
}

DirectoryRow read_directory_row(const Statement& row, int first) {
  return {.kind = static_cast<DirectoryKind>(row.integer(first)),
          .id = text_at(row, first + 1),
          .a = row.integer(first + 2),
          .b = row.integer(first + 3),
          .size = row.integer(first + 4),
          .time = row.integer(first + 5),
          .file = row.integer(first + 6),
          .offset = row.integer(first + 7),
          .hash = std::string(as_text(row.blob(first + 8))),
          .body = text_at(row, first + 9)};
}

}  // namespace rootlet
