// The SQL of visible rows: one SELECT for each generation in use, usually one.
#include "sync/downlink/store/dataset_reader.hpp"

#include <algorithm>

#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet {
namespace {

constexpr std::int64_t kFirstVersionWithIndex = 2;  // of the store's migrations

struct Generation {
  std::int64_t number = 0;
  StoreLayout layout;
};

// `in` is empty, or the name under which the file is attached, with its dot.
Result<std::vector<Generation>> generations_in_use(Database& database, const std::string& in) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT generation, layout FROM " + in +
                               "generations WHERE generation IN (SELECT generation FROM " + in +
                               "slots JOIN " + in +
                               "streams USING(slot)) OR "
                               "generation=(SELECT max(generation) FROM " +
                               in + "generations)"));
  std::vector<Generation> generations;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return generations;
    ROOTLET_TRY(StoreLayout layout, StoreLayout::parse(select.text(1)));
    generations.push_back({select.integer(0), std::move(layout)});
  }
}

// Prefixes are digits only, so they need no quoting; any other text covers nothing.
std::string division_filter(const std::vector<std::string>& divisions) {
  std::string sql;
  for (const std::string& division : divisions) {
    if (division == "all") return "1";
    const bool digits =
        !division.empty() && division.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) continue;
    sql += (sql.empty() ? "" : " OR ") + ("partition GLOB '" + division + "*'");
  }
  return sql.empty() ? "0" : sql;
}

std::string stored_name(const ShownColumn& column) {
  return column.shown == Shown::kMasked ? masked_name(column.spec.name) : column.spec.name;
}

// The stored column that `column` shows; an older layout may lack it or have another type. Empty:
// none.
std::string stored_column(const StoreLayout& layout, const ShownColumn& column) {
  const ColumnSpec* stored = layout.column(stored_name(column));
  const bool there = column.shown != Shown::kNothing && stored != nullptr &&
                     stored->type == column.spec.type && stored->scale == column.spec.scale;
  return there ? stored->name : std::string();
}

std::string column_expression(const StoreLayout& layout, const ShownColumn& column) {
  const std::string stored = stored_column(layout, column);
  return (stored.empty() ? "NULL" : quote_identifier(stored)) + " AS " +
         quote_identifier(column.spec.name);
}

std::string select_rows(const std::string& in, const Generation& generation,
                        const std::vector<ShownColumn>& columns) {
  std::string sql = "SELECT row_id AS \"~row\"";
  for (const ShownColumn& column : columns) {
    sql += "," + column_expression(generation.layout, column);
  }
  return sql + " FROM " + in + quote_identifier(generation_table(generation.number));
}

// The rows of all generations in use of the file attached as `in`, each SELECT with `condition` at
// its end.
Result<VisibleRows> rows_of(Database& database, const std::string& in,
                            const DatasetDefinition& definition, const ReadRight& right,
                            const std::string& condition) {
  ROOTLET_TRY(const std::vector<Generation> generations, generations_in_use(database, in));
  VisibleRows rows;
  rows.columns = shown_columns(definition, right);
  for (const Generation& generation : generations) {
    rows.sql += (rows.sql.empty() ? "(" : " UNION ALL ") +
                select_rows(in, generation, rows.columns) + condition;
  }
  if (generations.empty()) return fail(ErrorCode::kStorageDamaged, "the dataset's file is empty");
  rows.sql += ") AS data";
  return rows;
}

bool covers(const std::string& division, const std::string& partition) {
  if (division == "all") return true;
  return !division.empty() && division.find_first_not_of("0123456789") == std::string::npos &&
         partition.starts_with(division);
}

std::string select_one_row(const Generation& generation, const std::vector<ShownColumn>& columns) {
  std::string sql;
  for (const ShownColumn& column : columns) {
    sql += (sql.empty() ? "SELECT " : ",") + column_expression(generation.layout, column);
  }
  return sql + " FROM " + quote_identifier(generation_table(generation.number)) +
         " WHERE row_id=?1";
}

// Neighbouring visible slots are one range, unless the table has rows of another one between them.
Result<std::vector<VisibleTable::Ids>> visible_ids(Database& database, std::int64_t generation,
                                                   const std::string& divisions) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT slot, slot IN (SELECT slot FROM streams WHERE " + divisions +
                               ") FROM slots WHERE generation=?1 ORDER BY slot"));
  select.bind_all(generation);
  std::vector<VisibleTable::Ids> ranges;
  bool follows = false;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return ranges;
    const Slot slot = select.integer(0);
    const bool is_visible = select.integer(1) != 0;
    if (is_visible && follows) ranges.back().last = row_id(slot, limits::kMaxRid);
    if (is_visible && !follows) ranges.push_back({row_id(slot, 0), row_id(slot, limits::kMaxRid)});
    follows = is_visible;
  }
}

}  // namespace

std::vector<Slot> visible_slots(const std::vector<HeldStream>& streams, const ReadRight& right) {
  std::vector<Slot> slots;
  for (const HeldStream& stream : streams) {
    const bool visible = std::any_of(
        right.divisions.begin(), right.divisions.end(),
        [&](const std::string& division) { return covers(division, stream.partition); });
    if (visible) slots.push_back(stream.slot);
  }
  std::sort(slots.begin(), slots.end());
  return slots;
}

std::vector<ShownColumn> shown_columns(const DatasetDefinition& definition,
                                       const ReadRight& right) {
  std::vector<ShownColumn> columns;
  for (const DatasetColumn& column : definition.columns) {
    const bool graded = column.grade > 1;
    const bool has_mask = graded && !column.mask.empty();
    const bool allowed = column.grade <= right.max_grade && !(right.masked_only && graded) &&
                         !(right.stored_masks && !column.mask.empty());
    if (allowed) {
      columns.push_back({column.spec, Shown::kValue, column.mask});
    } else {
      columns.push_back({{.name = column.spec.name, .type = ColumnType::kText},
                         has_mask ? Shown::kMasked : Shown::kNothing});
    }
  }
  return columns;
}

Result<DatasetReader> DatasetReader::open(const std::filesystem::path& path,
                                          const SymmetricKey& key, int cache_kib) {
  OpenOptions options;
  options.mode = OpenMode::kReadOnly;
  options.cache_kib = cache_kib;
  ROOTLET_TRY(Database database, Database::open(path, key, options));
  // A store has all its tables before its file has this name.
  ROOTLET_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
  if (version < 1) return fail(ErrorCode::kStorageDamaged, "the file has lost its tables");
  return DatasetReader(std::move(database));
}

Result<std::vector<VisibleTable>> DatasetReader::visible_tables(const DatasetDefinition& definition,
                                                                const ReadRight& right) {
  ROOTLET_TRY(const std::vector<Generation> generations, generations_in_use(database_, "main."));
  // A file that an earlier version of this program wrote has no index yet.
  ROOTLET_TRY(const std::int64_t version, database_.integer("PRAGMA user_version"));
  const bool has_indexes = version >= kFirstVersionWithIndex;
  const std::vector<ShownColumn> columns = shown_columns(definition, right);
  std::vector<VisibleTable> tables;
  for (const Generation& generation : generations) {
    VisibleTable table{.generation = generation.number,
                       .name = generation_table(generation.number),
                       .sql = select_one_row(generation, columns),
                       .stored = {},
                       .ids = {},
                       .search = {}};
    ROOTLET_TRY(table.ids,
                visible_ids(database_, generation.number, division_filter(right.divisions)));
    if (table.ids.empty()) continue;
    for (const ShownColumn& column : columns) {
      table.stored.push_back(stored_column(generation.layout, column));
    }
    if (has_indexes) {
      ROOTLET_TRY(table.search, load_search_state(database_, generation.number));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<VisibleRows> DatasetReader::visible_rows(const DatasetDefinition& definition,
                                                const ReadRight& right) {
  return rootlet::visible_rows(database_, "main", definition, right);
}

Result<VisibleRows> visible_rows(Database& database, std::string_view schema,
                                 const DatasetDefinition& definition, const ReadRight& right) {
  const std::string in = quote_identifier(schema) + ".";
  return rows_of(database, in, definition, right,
                 " WHERE (row_id>>31) IN (SELECT slot FROM " + in + "streams WHERE " +
                     division_filter(right.divisions) + ")");
}

Result<VisibleRows> DatasetReader::stored_rows(const DatasetDefinition& definition,
                                               const ReadRight& right) {
  return rows_of(database_, "main.", definition, right, "");
}

}  // namespace rootlet
