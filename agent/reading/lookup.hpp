// A row by its key, at about the cost of SQLite's own look-up: the statement finds the rows of this
// key in all slots by the index, and the few that are not visible are left out here. What does not
// change between look-ups is kept with the open file.
#pragma once

#include "agent/reading/held_dataset.hpp"
#include "agent/reading/ledgered_rows.hpp"
#include "agent/reading/row_query.hpp"

namespace rootlet::agent {

// Valid while the dataset's file, its entry in the directory and the grants are unchanged.
struct LookupPlan {
  std::shared_ptr<const CatalogueEntry> entry;
  std::uint64_t generation = 0;         // of the office
  std::vector<std::string> names = {};  // of the columns asked for
  std::string reveal = {};
  std::vector<ShownColumn> columns = {};
  std::vector<FilterColumn> filters = {};
  std::string sql = {};  // without the condition
  std::vector<Slot> slots = {};
  json::object head = {};  // of an answer; its provenance is of the last one
};

struct LookupFacts {
  std::shared_ptr<const CatalogueEntry> entry;
  std::uint64_t generation = 0;
  const Grant& grant;
  json::object provenance;
};

// Inside the dataset's read transaction. Errors are those of the request and of the dataset's file;
// `out` keeps the others.
Result<ReadOutcome> look_up(HeldDataset& dataset, const ReadRequest& request, LookupFacts facts,
                            LedgeredRows& out);

}  // namespace rootlet::agent
