// Which datasets a statement may name for a purpose, and what their rows are.
#pragma once

#include "agent/query/permission.hpp"
#include "agent/reading/reading.hpp"
#include "agent/sql/child/sql_job.hpp"

namespace rootlet::agent {

// One dataset that may be read for a purpose now.
struct ReadableTable {
  const Grant* grant = nullptr;  // of the office
  CatalogueEntry entry;
  std::vector<ShownColumn> columns;  // those that show something

  const std::string& id() const { return entry.definition.id; }
  const ShownColumn* column(std::string_view name) const;
};

// The tables for `purpose` whose id is among `names`; all of them if `names` is null. Datasets that
// have not arrived are left out.
Result<std::vector<ReadableTable>> readable_tables(Office& office, std::string_view purpose,
                                                   const std::set<std::string>* names);

// With the key of its file; nullopt if the file has not arrived.
Result<std::optional<SqlTable>> job_table(Office& office, const ReadableTable& table);

// kNotPermitted, naming the grant that lacks the other dataset.
Status check_joins(const std::vector<const ReadableTable*>& used);

// Why `name`, which is no table for this purpose, is none: a refusal if it is a dataset.
std::optional<Error> refusal_of(Office& office, const std::string& name, std::string_view purpose);

}  // namespace rootlet::agent
