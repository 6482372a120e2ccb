// Recomputes digests from the rows alone (docs/FORMATS.md, "Digest").
#include "sync/downlink/store/verify_store.hpp"

#include <algorithm>

#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet {
namespace {

Result<StoreLayout> layout_of(Database& database, std::int64_t generation) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT layout FROM generations WHERE generation=?1"));
  select.bind_all(generation);
  ROOTLET_TRY(const bool found, select.step());
  if (!found) return fail(ErrorCode::kStorageDamaged, "a stream's table has no layout");
  return StoreLayout::parse(select.text(0));
}

std::string select_section(const HeldStream& stream, const SectionSchema& schema) {
  std::string sql = "SELECT row_id";
  for (const ColumnSpec& column : schema.columns) sql += "," + quote_identifier(column.name);
  return sql + " FROM " + quote_identifier(generation_table(stream.generation)) +
         " WHERE row_id BETWEEN " + std::to_string(row_id(stream.slot, 0)) + " AND " +
         std::to_string(row_id(stream.slot, limits::kMaxRid)) + " ORDER BY row_id";
}

struct Recomputed {
  SectionDigest digest;
  std::uint64_t rows = 0;
};

Result<Recomputed> recompute(Database& database, const HeldStream& stream,
                             const SectionSchema& schema, const SymmetricKey& content_key) {
  const SymmetricKey key = digest_key(content_key);
  ROOTLET_TRY(Statement select, database.prepare(select_section(stream, schema)));
  Recomputed result;
  std::vector<CellView> row(schema.columns.size());
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return result;
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = stored_cell(select, static_cast<int>(i) + 1, schema.columns[i]);
    }
    result.digest.add_row(key, rid_of(select.integer(0)), row);
    ++result.rows;
  }
}

Result<StreamVerdict> verify_stream(Database& database, const HeldStream& stream,
                                    const ContentKeyLookup& content_key) {
  ROOTLET_TRY(const StoreLayout layout, layout_of(database, stream.generation));
  StreamVerdict verdict{.partition = stream.partition, .rows = 0, .is_equal = true};
  verdict.is_equal = layout.sections.size() == stream.digests.size();
  for (std::size_t i = 0; i < layout.sections.size() && verdict.is_equal; ++i) {
    const SectionSchema& schema = layout.sections[i];
    const std::optional<SymmetricKey> key = content_key(stream, schema.grade);
    if (!key.has_value()) {
      return fail(ErrorCode::kNotPermitted, "verify " + stream.partition + ": no key of grade " +
                                                std::to_string(schema.grade));
    }
    ROOTLET_TRY(const Recomputed found, recompute(database, stream, schema, *key));
    verdict.rows = found.rows;
    verdict.is_equal = found.digest == stream.digests[i].digest && found.rows == stream.rows;
  }
  return verdict;
}

}  // namespace

Result<std::vector<StreamVerdict>> verify_streams(Database& database,
                                                  const ContentKeyLookup& content_key) {
  ROOTLET_TRY(const std::vector<HeldStream> streams, load_held_streams(database));
  std::vector<StreamVerdict> verdicts;
  for (const HeldStream& stream : streams) {
    ROOTLET_TRY(StreamVerdict verdict, verify_stream(database, stream, content_key));
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

Result<std::vector<SectionDigest>> digests_under(Database& database, const HeldStream& stream,
                                                 std::span<const SymmetricKey> content_keys) {
  ROOTLET_TRY(const StoreLayout layout, layout_of(database, stream.generation));
  if (layout.sections.size() != content_keys.size()) {
    return fail(ErrorCode::kInternal, "digest " + stream.partition + ": a key for each section");
  }
  std::vector<SectionDigest> found;
  for (std::size_t i = 0; i < content_keys.size(); ++i) {
    ROOTLET_TRY(const Recomputed one,
                recompute(database, stream, layout.sections[i], content_keys[i]));
    found.push_back(one.digest);
  }
  return found;
}

Status mark_stream_damaged(const std::filesystem::path& path, const SymmetricKey& key,
                           std::string_view partition) {
  ROOTLET_TRY(Database database, Database::open(path, key, {.mode = OpenMode::kReadWrite}));
  ROOTLET_TRY(Statement mark, database.prepare("UPDATE streams SET damaged=1 WHERE partition=?1"));
  return mark.bind_all(partition).run();
}

}  // namespace rootlet
