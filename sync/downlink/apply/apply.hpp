// From a verified, staged pack to rows: a stream goes from version a to version b, or stays at a.
//
// Promises: rows become visible only after every section's hash, authentication and digest have
// been checked; whatever is wrong is rolled back and leaves other streams alone. Memory holds one
// block. Refuses with kUntrusted what does not fit the stream as it is held, and then says whether
// the pack or the held rows are to blame. Page: docs/ARCHITECTURE.md, "The life of a change".
#pragma once

#include "sync/downlink/store/dataset_store.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {

// The start of a pack file: its header, verified, and the whole of the first sections.
struct StagedPack {
  PackHeader header;
  std::filesystem::path file;
};

struct ApplyContext {
  // One for each section of the store's layout, in its order.
  std::vector<SymmetricKey> content_keys;
  UnixTime as_of{};
  UnixTime received{};
  StopCheck should_stop = {};
};

struct AppliedPack {
  Version version = 0;
  std::uint64_t inserted = 0, updated = 0, removed = 0;
};

// Applies `pack` to its stream in `store`: a snapshot if it starts at 0, else a delta on what is
// held. kUntrusted: the stream is marked damaged if it is held, the pack is noted as refused.
// kUnreachable: `should_stop` ended it. Errors of storage are handed on. In each case the stream
// stands as before.
Result<AppliedPack> apply_pack(DatasetStore& store, const StagedPack& pack,
                               const ApplyContext& context);

}  // namespace rootlet
