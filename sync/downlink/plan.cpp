// Uses deltas if the held rows allow them, else starts from a snapshot.
#include "sync/downlink/plan.hpp"

#include <algorithm>

#include "sync/pack/plan.hpp"

namespace rootlet {
namespace {

Error trouble_with(const StreamHead& head, ErrorCode code, std::string_view why) {
  return fail(code, "stream " + head.stream.text() + ": " + std::string(why));
}

// A delta applies only to exactly the rows it was made from, also if its keys are of a later epoch.
bool can_carry_deltas(const StreamFacts& facts) {
  return facts.held.has_value() && facts.has_current_layout &&
         facts.held->state == StreamState::kGood && facts.held->epoch <= facts.head.epoch &&
         facts.held->version < facts.head.version;
}

bool has_rows_of_head(const StreamFacts& facts) {
  return !facts.held->digests.empty() &&
         facts.held->digests.front().digest.begins_with(as_bytes(facts.head.digest));
}

bool is_fork(const StreamFacts& facts) {
  if (!facts.held.has_value() || facts.held->state != StreamState::kGood) return false;
  if (facts.held->version > facts.head.version) return facts.may_go_back;
  return facts.held->version == facts.head.version && !has_rows_of_head(facts);
}

std::vector<PackEntry> usable_packs(const StreamFacts& facts) {
  std::vector<PackEntry> usable;
  for (const PackEntry& pack : facts.packs) {
    if (!facts.refused.contains(pack.name())) usable.push_back(pack);
  }
  return usable;
}

std::optional<Error> contradiction(const StreamFacts& facts) {
  if (!facts.held.has_value() || facts.may_go_back) return std::nullopt;
  if (facts.held->version > facts.head.version) {
    return trouble_with(facts.head, ErrorCode::kUntrusted, "the published version goes back");
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t StreamPlan::bytes() const {
  std::uint64_t sum = 0;
  for (const PackEntry& pack : packs) sum += pack.file_bytes;
  return sum;
}

bool is_at_head(const StreamFacts& facts) {
  return facts.held.has_value() && facts.has_current_layout &&
         facts.held->state == StreamState::kGood && facts.held->epoch == facts.head.epoch &&
         facts.held->version == facts.head.version && has_rows_of_head(facts);
}

StreamPlan plan_stream(const StreamFacts& facts) {
  StreamPlan plan{.head = facts.head,
                  .held = facts.held.has_value() ? facts.held->version : 0,
                  .packs = {},
                  .is_fork = is_fork(facts),
                  .trouble = contradiction(facts)};
  if (plan.trouble.has_value() || is_at_head(facts) || facts.head.version == 0) return plan;
  if (!facts.has_keys) {
    plan.trouble = trouble_with(facts.head, ErrorCode::kNotPermitted, "no key in the grant yet");
    return plan;
  }
  const std::vector<PackEntry> usable = usable_packs(facts);
  std::vector<PackEdge> edges;
  for (const PackEntry& pack : usable) edges.push_back({pack.from, pack.to, pack.file_bytes});
  const Version base = can_carry_deltas(facts) ? facts.held->version : 0;
  const Result<PackPlan> path = plan_packs(edges, base, facts.head.version);
  if (path.has_error()) {
    plan.trouble = trouble_with(facts.head, path.error().code, path.error().message);
    return plan;
  }
  for (const std::size_t edge : path.value().edges) plan.packs.push_back(usable[edge]);
  return plan;
}

std::vector<std::string> plan_lost(const std::vector<HeldStream>& held, const Grant& grant) {
  std::vector<std::string> lost;
  for (const HeldStream& stream : held) {
    if (!grant_covers(grant, stream.partition)) lost.push_back(stream.partition);
  }
  return lost;
}

std::vector<StreamHead> granted_heads(const Grant& grant, std::vector<StreamHead> heads) {
  std::erase_if(
      heads, [&](const StreamHead& head) { return !grant_covers(grant, head.stream.partition); });
  return heads;
}

}  // namespace rootlet
