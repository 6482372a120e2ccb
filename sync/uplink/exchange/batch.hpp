// Batches: records as one compressed payload, and the plan of which records go together. Checks all
// bounds before it allocates: the declared size, the zstd window, the number of records
// (docs/FORMATS.md, "Batch"). Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/limits.hpp"
#include "sync/uplink/exchange/held_version.hpp"
#include "sync/uplink/exchange/record.hpp"

namespace rootlet {

// A directory that the office had verified when it sealed a batch, or since the batch before. The
// platform compares it with what it published: a gateway that shows two offices two directories
// cannot hide it from both.
struct SeenDirectory {
  std::int64_t version = 0;  // of the role's metadata
  Hash256 hash{};            // SHA-256 of its file
  bool operator==(const SeenDirectory&) const = default;
};

struct BatchContent {
  std::string office;
  std::string chain;
  std::uint64_t sequence = 0;
  std::vector<SeenDirectory> seen = {};  // at most limits::kSeenDirectories, the newest last
  // Streams that changed since the batch before; at most kHeldVersions.
  std::vector<HeldVersion> held = {};
  std::vector<Record> records;
};

// zstd of JSON. Aborts beyond limits::kBatchRecords records or limits::kBatchBytes less the
// envelope overhead; `plan_batch` keeps both limits.
Bytes encode_batch(const BatchContent& content);

// One record of a batch, or the reason why it cannot be read, under its id.
struct BatchItem {
  std::string id;
  int attempt = 1;
  std::optional<Record> record;
  std::string flaw = {};  // why `record` is missing
};
struct ParsedBatch {
  std::string office;
  std::string chain;
  std::uint64_t sequence = 0;
  std::vector<SeenDirectory> seen = {};
  std::vector<HeldVersion> held = {};
  std::vector<BatchItem> items;
};
// kBadInput if the whole payload is unreadable or a record has no id to answer under. A single
// unreadable record becomes a BatchItem with its flaw and does not delay the others.
Result<ParsedBatch> parse_batch(ByteView payload);

// A record that waits to be sealed, with its size. `alone`: the platform could not read a batch
// with it, so it must travel alone.
struct WaitingRecord {
  std::string id;
  std::size_t bytes = 0;
  bool alone = false;
};
// How many records from the front of `waiting` go into the next batch; 0 only if it is empty. The
// first one goes whatever its size; others while all together have at most `max_bytes`.
std::size_t plan_batch(std::span<const WaitingRecord> waiting,
                       std::size_t max_bytes = limits::kBatchPlanBytes);

}  // namespace rootlet
