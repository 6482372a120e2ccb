// Reads a dataset for a purpose: checks grant, purpose and lease, then sends rows with their
// provenance. Every read is in the ledger before its first row is sent; so is every refusal.
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
  std::vector<std::string> columns = {};  // empty: all visible ones
  std::vector<std::string> filters = {};
  std::optional<std::string> key = {};   // show: values of the key columns, comma-separated
  std::optional<std::string> text = {};  // search
  std::size_t limit = 50;                // 0: all
};

struct ReadOutcome {
  std::uint64_t count = 0;
  bool more = false;  // there are more rows than the limit
};

// Streams rows to `sink` in bounded memory until the end, the limit or `should_stop`.
// kNotPermitted, kLeaseEnded, kBadInput (column, filter, key); kUnreachable if the dataset has not
// arrived yet.
Result<ReadOutcome> read_dataset(Office& office, const Peer& peer, const ReadRequest& request,
                                 AnswerSink& sink, const StopCheck& should_stop);

// The datasets that may be read for `purpose` now.
std::vector<std::string> readable_datasets(const Office& office, std::string_view purpose);

// A cell as JSON: integers and booleans as such, bytes as hex, all other types as text.
json::value cell_json(const ColumnSpec& column, const CellView& cell);

std::string_view name_of(ColumnType type);

}  // namespace rootlet::agent
