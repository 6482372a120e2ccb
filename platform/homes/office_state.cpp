// The states' names, as commands show them.
#include "platform/homes/office_state.hpp"

namespace rootlet::platform {

std::string_view name_of(OfficeState state) {
  switch (state) {
    case OfficeState::kInvited:
      return "invited";
    case OfficeState::kEnrolled:
      return "enrolled";
    case OfficeState::kSuspended:
      return "suspended";
    case OfficeState::kRevoked:
      return "revoked";
    case OfficeState::kReinvited:
      return "reinvited";
  }
  return "invited";
}

}  // namespace rootlet::platform
