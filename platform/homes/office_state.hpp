// What an office is at the platform, in each of its homes.
#pragma once

#include <string_view>

namespace rootlet::platform {

enum class OfficeState {
  kInvited,
  kEnrolled,
  kSuspended,
  kRevoked,
  kReinvited,  // was enrolled; its keys are void until another machine enrols
};
std::string_view name_of(OfficeState state);

}  // namespace rootlet::platform
