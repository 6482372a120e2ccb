// Which columns a store keeps: the sections that an office may hold, and the columns by which
// people look a row up. A value, without file or clock. Two streams with different layouts live in
// different tables, so that a change of the schema never touches rows that are being read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet {

struct StoreLayout {
  std::vector<SectionSchema> sections;  // grades ascending, grade 1 first
  std::vector<std::string> key;         // stored columns that together find a row; indexed

  bool operator==(const StoreLayout&) const = default;
  Grade max_grade() const { return sections.empty() ? Grade{0} : sections.back().grade; }
  // The stored column `name` with its type, or null.
  const ColumnSpec* column(std::string_view name) const;

  // Canonical JSON, kept beside the table that has this layout.
  std::string encode() const;
  static Result<StoreLayout> parse(std::string_view text);  // kStorageDamaged
};

// The sections of `definition` up to `max_grade`. A key column of a higher grade is looked up by
// its masked form if it has one.
StoreLayout dataset_layout(const DatasetDefinition& definition, Grade max_grade);

StoreLayout directory_layout();

// CREATE TABLE and CREATE INDEX for rows of this layout. The row id is slot and rid in one number.
std::string create_table_sql(const StoreLayout& layout, std::string_view table);

// One column of such a table.
std::string column_sql(const ColumnSpec& column);

// A column's name in a masked form: "phone~".
std::string masked_name(std::string_view column);

}  // namespace rootlet
