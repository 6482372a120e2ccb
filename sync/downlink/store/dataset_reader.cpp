// The SQL of visible rows: one SELECT for each generation in use, usually one.
#include "sync/downlink/store/dataset_reader.hpp"

#include <algorithm>

#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet {
namespace {

struct Generation {
  std::int64_t number = 0;
  StoreLayout layout;
};

Result<std::vector<Generation>> generations_in_use(Database& database) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT generation, layout FROM generations WHERE generation IN "
                               "(SELECT generation FROM slots JOIN streams USING(slot)) OR "
                               "generation=(SELECT max(generation) FROM generations)"));
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

// A column as this generation stores it; an older layout may lack it or have another type.
std::string column_expression(const StoreLayout& layout, const ShownColumn& column) {
  const ColumnSpec* stored = layout.column(stored_name(column));
  const bool there = column.shown != Shown::kNothing && stored != nullptr &&
                     stored->type == column.spec.type && stored->scale == column.spec.scale;
  const std::string value = there ? quote_identifier(stored->name) : "NULL";
  return value + " AS " + quote_identifier(column.spec.name);
}

std::string select_rows(const Generation& generation, const std::vector<ShownColumn>& columns,
                        const std::string& divisions) {
  std::string sql = "SELECT row_id AS \"~row\"";
  for (const ShownColumn& column : columns) {
    sql += "," + column_expression(generation.layout, column);
  }
  return sql + " FROM " + quote_identifier(generation_table(generation.number)) +
         " WHERE (row_id>>31) IN (SELECT slot FROM streams WHERE " + divisions + ")";
}

}  // namespace

std::vector<ShownColumn> shown_columns(const DatasetDefinition& definition,
                                       const ReadRight& right) {
  std::vector<ShownColumn> columns;
  for (const DatasetColumn& column : definition.columns) {
    const bool graded = column.grade > 1;
    const bool has_mask = graded && !column.mask.empty();
    const bool allowed = column.grade <= right.max_grade && !(right.masked_only && graded);
    if (allowed) {
      columns.push_back({column.spec, Shown::kValue});
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

Result<VisibleRows> DatasetReader::visible_rows(const DatasetDefinition& definition,
                                                const ReadRight& right) {
  ROOTLET_TRY(const std::vector<Generation> generations, generations_in_use(database_));
  VisibleRows rows;
  rows.columns = shown_columns(definition, right);
  const std::string divisions = division_filter(right.divisions);
  for (const Generation& generation : generations) {
    rows.sql +=
        (rows.sql.empty() ? "(" : " UNION ALL ") + select_rows(generation, rows.columns, divisions);
  }
  if (generations.empty()) return fail(ErrorCode::kStorageDamaged, "the dataset's file is empty");
  rows.sql += ") AS data";
  return rows;
}

}  // namespace rootlet
