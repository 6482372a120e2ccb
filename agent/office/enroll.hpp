// Joining a realm with an invitation (DESIGN 7.1). May be killed at any point and run again: keys
// are kept before they are sent, the same bytes are sent each time, and the platform answers the
// same.
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
  bool already = false;  // it was enrolled with this invitation before
  Bytes request = {};    // kOffline: what is to be carried to the platform
};

// kUsage if the machine is enrolled with another invitation; kUntrusted, kUnreachable and
// kNotPermitted from the platform's answer, and then the request is kept for the next try.
Result<EnrolOutcome> enroll(const Home& home, const Settings& settings,
                            std::string_view invitation_text, EnrolMode mode, const Clock& clock);

// How this office reaches its realm: the settings' proxy, rate and CA, the invitation's CA.
HttpOptions http_options(const Settings& settings, const Invitation& invitation);
const std::string& gateway_url(const Settings& settings, const Invitation& invitation);
// The settings' repository_url, else their url, else the invitation's.
const std::string& repository_address(const Settings& settings, const Invitation& invitation);

}  // namespace rootlet::agent
