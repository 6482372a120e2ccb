// One use of data, as an entry of the ledger holds it: who, what, why, how many, never a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/format/json_fwd.hpp"
#include "core/result.hpp"

namespace rootlet::agent {

struct Use {
  UnixTime at{};
  std::int64_t uid = 0;
  std::string user = {};
  std::string command = {};
  std::string dataset = {};
  std::string purpose = {};
  std::int64_t count = 0;     // rows
  std::string outcome = {};   // "started", "done", or an error code's name
  std::string subject = {};   // subject_of() the key or text looked up, or empty
  std::string column = {};    // whose value was shown in full
  bool is_export = false;     // more rows than for the screen, or without masks
  bool is_emergency = false;  // under a grant that was given in an emergency
  // Uses that this entry stands for. More than one: look-ups, searches or refusals within one
  // second, with the subject of each look-up (use_recorder.hpp).
  std::int64_t times = 1;
  std::vector<std::string> subjects = {};
  std::int64_t began = 0;  // the sequence of the entry "started" that this one completes; 0: none
};

// An entry must be readable for good, so bytes that are not UTF-8 are replaced, wherever they came
// from. Fields that only some uses have are left out of others.
json::object use_json(const Use& use);
Result<Use> parse_use(std::string_view text);

}  // namespace rootlet::agent
