// Who still holds a dataset: from what machines were granted, what they have certified, and when
// they were last heard.
#pragma once

#include <span>

#include "platform/intake/intake.hpp"
#include "platform/realm/registry.hpp"

namespace rootlet::platform {

enum class HolderState {
  kHolds,    // a grant in force names it
  kErased,   // its right has ended, and the machine has certified that it erased the dataset since
  kUnknown,  // its right has ended, and the machine has not said so
};
std::string_view name_of(HolderState state);

struct MachineFacts {
  std::optional<UnixTime> replaced = {};           // another machine has its place since
  std::optional<UnixTime> heard = {};              // the last batch of its office
  std::span<const Certificate> certificates = {};  // about the dataset, by its office
};

struct Holder {
  Holding holding;
  HolderState state = HolderState::kUnknown;
  MachineFacts machine;
  std::optional<UnixTime> ended = {};  // when its right to hold it ended
  // When a machine without contact has locked it: the end of the grant, or of a lease that was
  // renewed just before the right ended.
  std::optional<UnixTime> locked_by = {};
  std::optional<Certificate> certificate = {};  // that it erased it
};

// Pure.
Holder decide_holder(const Holding& holding, const MachineFacts& machine, UnixTime now);

// By office; each machine that was ever granted the dataset. Not those whose office is invited and
// has no machine yet.
Result<std::vector<Holder>> load_holders(Registry& registry, Intake& intake,
                                         const std::string& dataset, UnixTime now);

}  // namespace rootlet::platform
