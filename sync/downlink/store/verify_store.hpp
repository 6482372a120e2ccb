// Checks that the rows on disk still match the signed digests. Reads every row once, in blocks.
// Changes nothing.
#pragma once

#include <functional>

#include "sync/downlink/store/held_stream.hpp"

namespace rootlet {

struct StreamVerdict {
  std::string partition;
  std::uint64_t rows = 0;  // as counted
  bool is_equal = false;   // row count and every section's digest match
};

// The content key of a stream's section, or null if the office has none.
using ContentKeyLookup = std::function<const SymmetricKey*(const HeldStream&, Grade)>;

// One verdict for each stream held in `database`, a store's file. kNotPermitted if a key is
// missing.
Result<std::vector<StreamVerdict>> verify_streams(Database& database,
                                                  const ContentKeyLookup& content_key);

}  // namespace rootlet
