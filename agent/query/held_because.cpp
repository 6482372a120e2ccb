#include "agent/query/held_because.hpp"

#include "core/format/json_values.hpp"

namespace rootlet::agent {

json::value emergency_json(const Grant& grant) {
  if (!grant.emergency) return nullptr;
  return json::object{{"reason", grant.emergency->reason},
                      {"since", format_time(grant.emergency->since)},
                      {"until", format_time(grant.until)}};
}

json::object held_because_json(const Grant& grant) {
  return {{"basis", grant.basis},
          {"scenario", grant.scenario},
          {"purposes", json_texts(grant.purposes)},
          {"approver", grant.approver},
          {"until", format_time(grant.until)},
          {"emergency", emergency_json(grant)}};
}

}  // namespace rootlet::agent
