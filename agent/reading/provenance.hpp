// Whose data this is, which version, how old, and until when it may be read: what every answer
// carries (DESIGN 7.4). Pure.
#pragma once

#include "agent/office/lease.hpp"
#include "core/format/json.hpp"
#include "sync/downlink/store/directory_view.hpp"
#include "sync/downlink/store/held_stream.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::agent {

struct ProvenanceFacts {
  const DatasetDefinition& definition;
  const std::vector<HeldStream>& streams;
  const std::vector<StreamHead>& heads;
  Lease lease;
  UnixTime contact{};
  UnixTime now{};
  std::string purpose = {};
};

json::object provenance_json(const ProvenanceFacts& facts);

// How long a dataset with this update frequency may go without a word from the platform before
// what is held counts as stale.
std::chrono::seconds stale_after(std::string_view update);

// Stale: the platform was not heard for too long, or a stream is behind what it announced.
bool is_stale(const ProvenanceFacts& facts);

// "current", "behind", "damaged".
std::string_view state_of(const HeldStream& stream, Version head);

// The sum mod 2^256 of the first sections' digests, as hexadecimal: equal on both ends exactly if
// all rows are.
std::string digest_sum(const std::vector<HeldStream>& streams);

Version head_of(const std::vector<StreamHead>& heads, std::string_view partition);

}  // namespace rootlet::agent
