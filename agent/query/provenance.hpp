// The provenance that every answer carries: provider, version, age, and the end of the lease. Pure.
#pragma once

#include "agent/time/lease.hpp"
#include "core/format/json_fwd.hpp"
#include "sync/downlink/store/directory_view.hpp"
#include "sync/downlink/store/held_stream.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::agent {

// What the provenance says of a dataset's streams: the same until a stream or a head changes.
struct StreamsSummary {
  std::size_t streams = 0, heads = 0;
  UnixTime as_of{};    // of the newest stream
  Version newest = 0;  // version of a stream
  bool is_damaged = false;
  bool is_behind = false;  // a stream is damaged or behind its announced head
};

StreamsSummary summary_of(const std::vector<HeldStream>& streams,
                          const std::vector<StreamHead>& heads);

struct ProvenanceFacts {
  const DatasetDefinition& definition;
  StreamsSummary streams;
  Lease lease;
  UnixTime contact{};
  UnixTime now{};
  std::string purpose = {};
};

json::object provenance_json(const ProvenanceFacts& facts);

// How long after the last contact a dataset with this update frequency becomes stale.
std::chrono::seconds stale_after(std::string_view update);

// True if the last contact is too old, or a stream is damaged or behind its announced head.
bool is_stale(const ProvenanceFacts& facts);

// "current", "behind", "damaged".
std::string_view state_of(const HeldStream& stream, Version head);

// The sum mod 2^256 of the first sections' digests, in hexadecimal: equal on both ends if and only
// if all rows are equal.
std::string digest_sum(const std::vector<HeldStream>& streams);

Version head_of(const std::vector<StreamHead>& heads, std::string_view partition);

}  // namespace rootlet::agent
