// The agent's figures in Prometheus' text form (version 0.0.4). Pure: counts and times, no name of
// a person and no value of a row.
#pragma once

#include <string>

#include "core/format/json.hpp"

namespace rootlet::agent {

struct ApiFigures {
  std::uint64_t requests = 0;
  std::int64_t refusals = 0;
  std::size_t sessions = 0;
  std::uint64_t resident_bytes = 0;  // of the process
};

// `status` is the answer of the command status.
std::string metrics_text(const json::object& status, const ApiFigures& figures);

std::uint64_t resident_bytes();  // of this process

}  // namespace rootlet::agent
