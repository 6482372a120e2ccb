// Reading a dataset for a purpose: grant, purpose and lease first, then rows with their provenance,
// each read in the ledger before the first row leaves. What was refused is in the ledger too.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/office/office.hpp"
#include "agent/reading/filter.hpp"
#include "agent/reading/ledger.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::agent {

struct ReadRequest {
  std::string command;  // for the ledger: "query", "show", "search"
  std::string dataset;
  std::string purpose;
  std::vector<std::string> columns = {};  // empty: all that are shown
  std::vector<std::string> filters = {};
  std::optional<std::string> key = {};   // show: values of the key columns, comma-separated
  std::optional<std::string> text = {};  // search
  std::size_t limit = 50;                // 0: all
};

struct ReadOutcome {
  std::uint64_t count = 0;
  bool more = false;  // the limit cut it short
};

// kNotPermitted, kLeaseEnded, kBadInput (column, filter, key), kUnreachable if the dataset has not
// arrived yet. Streams rows into `sink` in bounded memory; `should_stop` ends it early.
Result<ReadOutcome> read_dataset(Office& office, const Peer& peer, const ReadRequest& request,
                                 AnswerSink& sink, const StopCheck& should_stop);

// The datasets that the grants allow to read for `purpose` now.
std::vector<std::string> readable_datasets(const Office& office, std::string_view purpose);

// A cell as JSON: text, date and decimal as text, integers and booleans as themselves.
json::value cell_json(const ColumnSpec& column, const CellView& cell);

std::string_view name_of(ColumnType type);

}  // namespace rootlet::agent
