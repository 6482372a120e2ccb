// What a store knows about one held stream: its version and the digests that prove it. Written only
// in the transaction that makes the version visible.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "storage/database.hpp"
#include "sync/downlink/store/row_table.hpp"
#include "sync/pack/table/digest.hpp"

namespace rootlet {

enum class StreamState {
  kGood,
  kDamaged,  // rows and digest differ; still readable; the next snapshot replaces it
};

std::string_view name_of(StreamState state);  // "good", "damaged"

struct HeldDigest {
  Grade grade = 1;
  SectionDigest digest;
};

struct HeldStream {
  std::string partition = {};
  Slot slot = 0;
  std::int64_t generation = 0;  // selects the table
  Version version = 0;
  std::uint32_t epoch = 0;
  UnixTime as_of{};     // when this version was published
  UnixTime received{};  // when it was applied here
  std::uint64_t rows = 0;
  StreamState state = StreamState::kGood;
  std::vector<HeldDigest> digests = {};  // grades ascending
};

// Read from an open store file, sorted by partition. `schema` names an attached file.
Result<std::vector<HeldStream>> load_held_streams(Database& database,
                                                  std::string_view schema = "main");
Result<std::optional<HeldStream>> load_held_stream(Database& database, std::string_view partition);

}  // namespace rootlet
