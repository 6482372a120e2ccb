// The right to read a dataset for a purpose, judged in one place for queries, SQL and watches.
#pragma once

#include <string>
#include <string_view>

#include "agent/office/office.hpp"
#include "sync/downlink/store/dataset_reader.hpp"
#include "sync/downlink/store/directory_view.hpp"

namespace rootlet::agent {

// What the directory says of a dataset.
struct CatalogueEntry {
  DatasetDefinition definition;
  std::vector<StreamHead> heads;
};

// The grant by which `dataset` may be read for `purpose` now. kNotPermitted, kLeaseEnded, with a
// near name as hint for a misspelt dataset or purpose.
Result<const Grant*> permission_for(const Office& office, const std::string& dataset,
                                    std::string_view purpose);

// As permission_for(), also of a grant that shows no rows, for a question that is answered by yes
// or no.
Result<const Grant*> permission_to_check(const Office& office, const std::string& dataset,
                                         std::string_view purpose);

ReadRight right_of(const Grant& grant);

// Whether the grant for `dataset` was given in an emergency, for the ledger.
bool is_emergency(const Office& office, std::string_view dataset);

// kUnreachable if the dataset is not in the catalogue yet.
Result<CatalogueEntry> find_in_catalogue(Office& office, const std::string& id);

Error dataset_not_here(const std::string& dataset);  // kUnreachable

}  // namespace rootlet::agent
