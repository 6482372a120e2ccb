// Checks that the rows on disk still match the signed digests. Reads every row once, in blocks, and
// changes nothing but the mark of a stream whose rows differ.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "sync/downlink/store/held_stream.hpp"

namespace rootlet {

struct StreamVerdict {
  std::string partition;
  std::uint64_t rows = 0;  // as counted
  bool is_equal = false;   // row count and every section's digest match
};

// The content key of a stream's section, or nullopt if the office has none.
using ContentKeyLookup = std::function<std::optional<SymmetricKey>(const HeldStream&, Grade)>;

// One verdict for each stream held in `database`, a store's file. kNotPermitted if a key is
// missing.
Result<std::vector<StreamVerdict>> verify_streams(Database& database,
                                                  const ContentKeyLookup& content_key);

// The digests of a held stream's rows under other keys, one of `content_keys` for each section of
// its table.
Result<std::vector<SectionDigest>> digests_under(Database& database, const HeldStream& stream,
                                                 std::span<const SymmetricKey> content_keys);

// Marks a stream of the store's file `path`, so that the next sync fetches it again. It may be
// called while another thread writes to the file.
Status mark_stream_damaged(const std::filesystem::path& path, const SymmetricKey& key,
                           std::string_view partition);

}  // namespace rootlet
