// Decides staleness by update frequency, and sums digests as docs/FORMATS.md, "Digest", does.
#include "agent/query/provenance.hpp"

#include <algorithm>
#include <array>

#include "core/format/json.hpp"

namespace rootlet::agent {

using std::chrono::hours;

Version head_of(const std::vector<StreamHead>& heads, std::string_view partition) {
  for (const StreamHead& head : heads) {
    if (head.stream.partition == partition) return head.version;
  }
  return 0;
}

std::chrono::seconds stale_after(std::string_view update) {
  constexpr std::array<std::pair<std::string_view, hours>, 6> kTimes{{
      {"realtime", hours(1)},
      {"daily", hours(26)},
      {"weekly", hours(8 * 24)},
      {"monthly", hours(32 * 24)},
      {"quarterly", hours(93 * 24)},
      {"yearly", hours(367 * 24)},
  }};
  for (const auto& [name, time] : kTimes) {
    if (name == update) return time;
  }
  return hours(32 * 24);
}

std::string_view state_of(const HeldStream& stream, Version head) {
  if (stream.state == StreamState::kDamaged) return "damaged";
  return stream.version >= head ? "current" : "behind";
}

bool is_stale(const ProvenanceFacts& facts) {
  if (facts.now - facts.contact > stale_after(facts.definition.update)) return true;
  return facts.streams.is_behind;
}

StreamsSummary summary_of(const std::vector<HeldStream>& streams,
                          const std::vector<StreamHead>& heads) {
  StreamsSummary out{.streams = streams.size(), .heads = heads.size()};
  for (const HeldStream& stream : streams) {
    out.is_damaged = out.is_damaged || stream.state == StreamState::kDamaged;
    out.is_behind =
        out.is_behind || state_of(stream, head_of(heads, stream.partition)) != "current";
    out.as_of = std::max(out.as_of, stream.as_of);
    out.newest = std::max(out.newest, stream.version);
  }
  return out;
}

std::string digest_sum(const std::vector<HeldStream>& streams) {
  Hash256 sum{};
  for (const HeldStream& stream : streams) {
    if (stream.digests.empty()) continue;
    unsigned carry = 0;
    const Hash256& value = stream.digests.front().digest.value();
    for (std::size_t i = 0; i < sum.size(); ++i) {  // little-endian
      carry += static_cast<unsigned>(sum[i]) + value[i];
      sum[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  return to_hex(sum);
}

json::object provenance_json(const ProvenanceFacts& facts) {
  const StreamsSummary& streams = facts.streams;
  const bool is_empty = streams.streams == 0;
  const DatasetDefinition& definition = facts.definition;
  return {{"dataset", definition.id},
          {"title", json::object{{"zh", definition.title.zh}, {"en", definition.title.en}}},
          {"provider", json::object{{"code", definition.provider_code},
                                    {"name", json::object{{"zh", definition.provider_name.zh},
                                                          {"en", definition.provider_name.en}}}}},
          {"purpose", facts.purpose},
          {"version", streams.newest},
          {"streams", streams.streams},
          {"as_of", is_empty ? json::value(nullptr) : json::value(format_time(streams.as_of))},
          {"covers_no_data", streams.heads == 0 && is_empty},
          {"contact", format_time(facts.contact)},
          {"lease_until", format_time(facts.lease.until)},
          {"emergency", facts.lease.is_emergency},
          {"stale", is_stale(facts)},
          {"damaged", streams.is_damaged}};
}

}  // namespace rootlet::agent
