// What a store knows about one stream it holds: the version, and what proves it. Written only in
// the transaction that makes that version visible.
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
  kDamaged,  // rows or digest do not agree; readable, and replaced by the next snapshot
};

std::string_view name_of(StreamState state);  // "good", "damaged"

struct HeldDigest {
  Grade grade = 1;
  SectionDigest digest;
};

struct HeldStream {
  std::string partition = {};
  Slot slot = 0;
  std::int64_t generation = 0;  // which table of the file
  Version version = 0;
  std::uint32_t epoch = 0;
  UnixTime as_of{};     // when this version was published
  UnixTime received{};  // when it was applied here
  std::uint64_t rows = 0;
  StreamState state = StreamState::kGood;
  std::vector<HeldDigest> digests = {};  // grades ascending
};

// Of an open store file, by partition.
Result<std::vector<HeldStream>> load_held_streams(Database& database);
Result<std::optional<HeldStream>> load_held_stream(Database& database, std::string_view partition);

}  // namespace rootlet
