// Joins a realm with an invitation (docs/FORMATS.md, "Invitation"). May be killed at any point and
// run again: it saves the keys before it sends them, sends the same bytes each time, and gets the
// same answer.
#pragma once

#include "agent/office/identity.hpp"
#include "config/settings.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet::agent {

enum class EnrolMode { kOnline, kOffline };
// What to do if the home's keys are lost (loss.hpp): refuse, or set the unreadable files aside.
enum class OnLoss { kRefuse, kBeginAnew };

struct EnrolOutcome {
  std::string office = {};
  std::string office_name = {};
  std::string realm_name = {};
  bool already = false;      // was enrolled with this invitation before
  bool waits = false;        // the platform has the request; its first grant will be the answer
  Bytes request = {};        // kOffline: the envelope to carry to the platform
  std::string kept_in = {};  // kBeginAnew: the folder with the unreadable files, if there were any
};

// `text` is an invitation, or the platform's answer to a request that was carried (`office approve
// --out`). A new invitation of the same office gives the machine new keys once the platform accepts
// them; records that are not judged are sent again on a new batch chain. kUsage if the machine
// belongs to another office; kStorageDamaged if its keys are lost; kUntrusted, kUnreachable or
// kNotPermitted by the platform's answer. The next call then sends the same saved request.
Result<EnrolOutcome> enroll(const Home& home, const Settings& settings, std::string_view text,
                            EnrolMode mode, const Clock& clock, OnLoss on_loss = OnLoss::kRefuse);

// Makes the folder of trusted metadata usable again if its root is missing or does not verify: the
// invitation's root is the start of trust, and the next update fetches the rest. True if it did.
Result<bool> rebuild_trust(const Home& home, const Identity& identity);

// How this office reaches its realm: proxy, rate limit and CA file of the settings; without a CA
// file, the invitation's CA.
HttpOptions http_options(const Settings& settings, const Invitation& invitation);
const std::string& gateway_url(const Settings& settings, const Invitation& invitation);
// The settings' repository_url, else their url, else what the platform has signed last (`home`
// keeps it), else the invitation's.
std::string repository_address(const Settings& settings, const Invitation& invitation,
                               const Home& home);

}  // namespace rootlet::agent
