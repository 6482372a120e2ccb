// Batches: records as one compressed payload, and the plan which records go together. What is read
// is bounded before anything is allocated: the declared size, the zstd window, the number of
// records (docs/FORMATS.md, "Batch"). Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sync/uplink/exchange/record.hpp"

namespace rootlet {

struct BatchContent {
  std::string office;
  std::string chain;
  std::uint64_t sequence = 0;
  std::vector<Record> records;
};

// zstd of JSON. At most limits::kBatchRecords records that weigh limits::kBatchBytes less what
// sealing adds, which `plan_batch` keeps; more is a bug.
Bytes encode_batch(const BatchContent& content);

// One record of a batch: read, or the reason why not under the id it bears.
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
  std::vector<BatchItem> items;
};
// kBadInput if the payload as a whole cannot be read, or a record bears no id to answer under. One
// record that cannot be read is a BatchItem with its flaw: it holds up no other.
Result<ParsedBatch> parse_batch(ByteView payload);

// What a record waiting to be sealed weighs, and whether it must travel alone because a batch with
// it could not be read upstream.
struct WaitingRecord {
  std::string id;
  std::size_t bytes = 0;
  bool alone = false;
};
// How many from the front of `waiting` go into the next batch; 0 only if it is empty.
std::size_t plan_batch(std::span<const WaitingRecord> waiting);

}  // namespace rootlet
