#include "agent/query/held_because.hpp"

#include "core/format/json_values.hpp"

namespace rootlet::agent {

json::object held_because_json(const Grant& grant) {
  return {{"basis", grant.basis},
          {"scenario", grant.scenario},
          {"purposes", json_texts(grant.purposes)},
          {"approver", grant.approver},
          {"until", format_time(grant.until)}};
}

}  // namespace rootlet::agent
