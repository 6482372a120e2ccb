// Reads a dataset for a purpose: checks grant, purpose and lease, then sends rows with their
// provenance. Every read is in the ledger before its first row is sent; so is every refusal.
//
// More rows than limits::kScreenRows, or values without masks, are an export: it needs a grant that
// allows exports, and its head carries a watermark with the number of its ledger entry.
//
// Values of columns with a mask (phones, identity numbers) are shown masked, also where the grade
// allows them. To see one in full is an act of its own, for one row and one column, with an entry
// of its own in the ledger.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/reading/reading_session.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::agent {

struct ReadRequest {
  std::string command;  // for the ledger: "query", "show", "search"
  std::string dataset = {};
  std::string purpose = {};
  std::vector<std::string> columns = {};  // by name or title; empty: all visible ones
  std::vector<std::string> filters = {};
  std::optional<std::string> key = {};   // show: values of the key columns, comma-separated
  std::optional<std::string> text = {};  // search
  bool alike_sounds = false;             // search: n finds l, zh finds z …
  bool with_matches = false;             // search: a last column says what matched, and where
  std::string reveal = {};               // with a key: the masked column to show in full
  bool unmasked = false;                 // show all values in full: an export
  std::size_t limit = 50;                // 0: all
  std::vector<std::string> order = {};   // paging.hpp; empty: the order of the file
  std::string after = {};                // a cursor, ReadOutcome::next of the page before
  bool has_pages = false;                // ReadOutcome::next says where the next page begins
  bool counts_all = false;               // "total" in the head: the rows without limit and cursor
  bool says_limited = false;             // "limited" in the head: whether there are more rows
};

struct ReadOutcome {
  std::uint64_t count = 0;
  bool more = false;      // there are more rows than the limit
  bool complete = true;   // false: a search met its limit on work before it had looked at all
  std::size_t limit = 0;  // that was applied; 0: none
  std::string next = {};  // the cursor of the rows after the limit; empty if there are none
};

// Streams rows to `sink` in bounded memory until the end, the limit or `should_stop`.
// kNotPermitted, kLeaseEnded, kBadInput (column, filter, key); kUnreachable if the dataset has not
// arrived yet.
Result<ReadOutcome> read_dataset(ReadingSession& session, const Peer& peer,
                                 const ReadRequest& request, AnswerSink& sink,
                                 const StopCheck& should_stop);

// The datasets that may be read for `purpose` now.
std::vector<std::string> readable_datasets(const Office& office, std::string_view purpose);

// A cell as JSON: integers and booleans as such, bytes as hex, all other types as text.
json::value cell_json(const ColumnSpec& column, const CellView& cell);

std::string_view name_of(ColumnType type);

}  // namespace rootlet::agent
