// Applies a verified, staged pack to its stream, which moves from version a to version b or stays
// at a (docs/ARCHITECTURE.md).
//
// Promises: rows become visible only after every section passed its hash, authentication and digest
// checks. Any error rolls back and leaves other streams alone. Memory use is one block. Rejects
// with kUntrusted a pack that does not fit the held stream, and then notes whether the pack or
// the held rows are at fault.
#pragma once

#include "sync/downlink/apply/kept_tables.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {

// A pack file with its verified header and one or more whole sections, from the first on.
struct StagedPack {
  PackHeader header;
  std::filesystem::path file;
  Hash256 name;           // of the published bytes: by it a pack is remembered as refused
  std::string partition;  // under which the store holds the stream
};

// Where the rows of a stream belong: their division begins with `partition`. Without a column every
// row fits.
struct RowScope {
  std::string column = {}, partition = {};
};

struct ApplyContext {
  // One key for each section of the store's layout, in its order.
  std::vector<SymmetricKey> content_keys;
  UnixTime as_of{};
  UnixTime received{};
  StopCheck should_stop = {};
  RowScope scope = {};
};

struct AppliedPack {
  Version version = 0;
  std::uint64_t inserted = 0, updated = 0, removed = 0;
};

// Applies `pack` to its stream in the store of `tables`: a snapshot if it starts at 0, else a delta
// on the held rows. A row outside of its scope refuses the whole pack. On every error the stream
// keeps its version. kUntrusted: notes the pack as refused; after a delta also marks the stream
// damaged. kUnreachable: `should_stop` ended it. Also storage errors.
Result<AppliedPack> apply_pack(KeptTables& tables, const StagedPack& pack,
                               const ApplyContext& context);

}  // namespace rootlet
