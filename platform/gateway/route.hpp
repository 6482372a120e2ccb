// Which of the gateway's few verbs a request target means. Pure; refuses what it does not know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet::platform {

enum class Verb { kNone, kFile, kEnroll, kBatch, kMailbox, kStatus, kHealth, kMetrics };

struct Route {
  Verb verb = Verb::kNone;
  std::vector<std::string> segments = {};  // of a kFile, decoded and clean
  std::string address = {};                // of a kMailbox
  std::uint64_t after = 0;                 // of a kMailbox
};

// The route of a target as sent in the request line ("/packs/ab/x.pack", also in absolute
// form). File segments hold only letters, digits, '.', '_' and '-', do not begin with a dot, end
// like a published file, and the first one is a public folder; anything else is kNone.
Route route_of(std::string_view target);

// "GET, HEAD" or "POST": what the verb takes.
std::string_view methods_of(Verb verb);

}  // namespace rootlet::platform
