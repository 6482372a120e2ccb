// Joins a realm with an invitation (docs/FORMATS.md, "Invitation"). May be killed at any point and
// run again: it saves the keys before it sends them, sends the same bytes each time, and gets the
// same answer.
#pragma once

#include "agent/office/identity.hpp"
#include "config/settings.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet::agent {

enum class EnrolMode { kOnline, kOffline };

struct EnrolOutcome {
  std::string office;
  std::string office_name;
  std::string realm_name;
  bool already = false;  // was enrolled with this invitation before
  Bytes request = {};    // kOffline: the envelope to carry to the platform
};

// kUsage if the machine is enrolled with another invitation; kUntrusted, kUnreachable or
// kNotPermitted by the platform's answer. The next call then sends the same saved request.
Result<EnrolOutcome> enroll(const Home& home, const Settings& settings,
                            std::string_view invitation_text, EnrolMode mode, const Clock& clock);

// How this office reaches its realm: proxy, rate limit and CA file of the settings; without a CA
// file, the invitation's CA.
HttpOptions http_options(const Settings& settings, const Invitation& invitation);
const std::string& gateway_url(const Settings& settings, const Invitation& invitation);
// The settings' repository_url, else their url, else the invitation's.
const std::string& repository_address(const Settings& settings, const Invitation& invitation);

}  // namespace rootlet::agent
