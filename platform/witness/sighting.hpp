// One version of a realm's directory as a witness saw it, and the witness's log of them: a line of
// text for each, which is a leaf of the tree under its checkpoints (docs/FORMATS.md, "Witness").
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace rootlet::platform {

struct Sighting {
  std::int64_t version = 0;  // of the role `directory`
  Hash256 directory{};       // SHA-256 of its file
  std::int64_t root = 0;     // version of the root that
  Hash256 targets{};         // this file of targets is signed under; it names the directory's key
  UnixTime at{};             // when the witness saw it first
  bool operator==(const Sighting&) const = default;
};

// With its newline.
std::string encode_sighting(const Sighting& one);
// Whole lines only. kUntrusted, naming `what` and the line.
Result<std::vector<Sighting>> parse_sightings(std::string_view text, std::string_view what);
// The root of the tree over the first `count` lines.
Hash256 root_of(const std::vector<Sighting>& seen, std::size_t count);

}  // namespace rootlet::platform
