// Which columns a store keeps: the sections that an office may hold, and the columns by which
// people look up a row. A plain value. Streams with different layouts use different tables, so a
// schema change never touches rows that someone is reading.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet {

// A stored column, or the masked form of one, that people search.
struct SearchedColumn {
  std::string name;
  bool key = false;  // matches in key columns come first
  bool operator==(const SearchedColumn&) const = default;
};

struct StoreLayout {
  std::vector<SectionSchema> sections;  // grades ascending, grade 1 first
  std::vector<std::string> key;         // stored columns that identify a row; indexed
  std::vector<SearchedColumn> search = {};

  // Whether both have the same rows, whatever is searched.
  bool has_rows_of(const StoreLayout& other) const {
    return sections == other.sections && key == other.key;
  }
  Grade max_grade() const { return sections.empty() ? Grade{0} : sections.back().grade; }
  // The stored column `name` with its type, or null.
  const ColumnSpec* column(std::string_view name) const;

  // Canonical JSON of all but the searched columns, stored with the table of this layout.
  std::string encode() const;
  static Result<StoreLayout> parse(std::string_view text);  // kStorageDamaged
};

// The sections of `definition` up to `max_grade`. The lookup key uses the
// masked form of a key column of a higher grade, if there is one.
StoreLayout dataset_layout(const DatasetDefinition& definition, Grade max_grade);

StoreLayout directory_layout();

// CREATE TABLE and CREATE INDEX for rows of this layout. The row id is slot and rid in one number.
std::string create_table_sql(const StoreLayout& layout, std::string_view table);

// One column of such a table.
std::string column_sql(const ColumnSpec& column);

// A column's name in a masked form: "phone~".
std::string masked_name(std::string_view column);

}  // namespace rootlet
