// Decides staleness by update frequency, and sums digests as docs/FORMATS.md, "Digest", does.
#include "agent/reading/provenance.hpp"

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
  return std::any_of(facts.streams.begin(), facts.streams.end(), [&](const HeldStream& stream) {
    return state_of(stream, head_of(facts.heads, stream.partition)) != "current";
  });
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
  UnixTime as_of{};
  Version newest = 0;
  bool is_damaged = false;
  for (const HeldStream& stream : facts.streams) {
    is_damaged = is_damaged || stream.state == StreamState::kDamaged;
    as_of = std::max(as_of, stream.as_of);
    newest = std::max(newest, stream.version);
  }
  const DatasetDefinition& definition = facts.definition;
  return {{"dataset", definition.id},
          {"title", json::object{{"zh", definition.title.zh}, {"en", definition.title.en}}},
          {"provider", json::object{{"code", definition.provider_code},
                                    {"name", json::object{{"zh", definition.provider_name.zh},
                                                          {"en", definition.provider_name.en}}}}},
          {"purpose", facts.purpose},
          {"version", newest},
          {"streams", facts.streams.size()},
          {"as_of", facts.streams.empty() ? json::value(nullptr) : json::value(format_time(as_of))},
          {"covers_no_data", facts.heads.empty() && facts.streams.empty()},
          {"contact", format_time(facts.contact)},
          {"lease_until", format_time(facts.lease.until)},
          {"stale", is_stale(facts)},
          {"damaged", is_damaged}};
}

}  // namespace rootlet::agent
