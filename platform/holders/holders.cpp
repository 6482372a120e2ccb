// Certificates name the grant file that their machine obeyed, so an erasure before the order does
// not answer it: the machine may have fetched the data again in between.
#include "platform/holders/holders.hpp"

#include <algorithm>
#include <map>

namespace rootlet::platform {
namespace {

bool is_over(const Holding& holding, UnixTime now) {
  return holding.until <= now;
}

std::optional<UnixTime> end_of(const Holding& holding, const MachineFacts& machine, UnixTime now) {
  std::optional<UnixTime> end;
  const auto take = [&](std::optional<UnixTime> time) {
    if (time && (!end || *time < *end)) end = time;
  };
  take(holding.ordered);
  take(machine.replaced);
  if (is_over(holding, now)) take(holding.until);
  return end;
}

bool answers(const Certificate& one, const Holding& holding, const MachineFacts& machine,
             UnixTime now) {
  const bool is_its_own = one.received_at >= holding.since &&
                          (!machine.replaced || one.received_at <= *machine.replaced);
  const bool obeys = holding.ordered && one.grant_version >= holding.order_version;
  const bool ended = is_over(holding, now) && one.disposed_at > holding.until;
  return is_its_own && (obeys || ended);
}

// nullopt while the machine has its place.
Result<std::optional<UnixTime>> replaced_at(Registry& registry, const Holding& holding) {
  ROOTLET_TRY(const std::optional<OfficeEntry> office, registry.office(holding.office));
  if (!office || office->signing_key == holding.machine) return std::optional<UnixTime>();
  ROOTLET_TRY(const std::vector<FormerKeys> former, registry.former_keys(holding.office));
  for (const FormerKeys& keys : former) {
    if (keys.signing_key == holding.machine) return std::optional(keys.ended);
  }
  return std::optional(office->enrolled);  // the office was removed, and its name used again
}

}  // namespace

std::string_view name_of(HolderState state) {
  switch (state) {
    case HolderState::kHolds:
      return "holds";
    case HolderState::kErased:
      return "erased";
    case HolderState::kUnknown:
      break;
  }
  return "unknown";
}

Holder decide_holder(const Holding& holding, const MachineFacts& machine, UnixTime now) {
  Holder holder{.holding = holding, .machine = machine};
  holder.ended = end_of(holding, machine, now);
  if (!holder.ended) {
    holder.state = HolderState::kHolds;
    return holder;
  }
  holder.locked_by = std::min(holding.until, *holder.ended + std::chrono::days(holding.lease_days));
  for (const Certificate& one : machine.certificates) {
    if (!answers(one, holding, machine, now)) continue;
    holder.state = HolderState::kErased;
    holder.certificate = one;
    break;
  }
  return holder;
}

Result<std::vector<Holder>> load_holders(Registry& registry, Intake& intake,
                                         const std::string& dataset, UnixTime now) {
  ROOTLET_TRY(const std::vector<Holding> holdings, registry.holdings(dataset));
  ROOTLET_TRY(std::vector<Certificate> all, intake.certificates(dataset));
  std::map<std::string, std::vector<Certificate>> by_office;
  for (Certificate& one : all) by_office[one.office].push_back(std::move(one));
  std::vector<Holder> holders;
  for (const Holding& holding : holdings) {
    MachineFacts machine{.certificates = by_office[holding.office]};
    ROOTLET_TRY(machine.replaced, replaced_at(registry, holding));
    ROOTLET_TRY(machine.heard, intake.last_batch(holding.office));
    holders.push_back(decide_holder(holding, machine, now));
    holders.back().machine.certificates = {};
  }
  return holders;
}

}  // namespace rootlet::platform
