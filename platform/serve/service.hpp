// The work of `rootlet-platform serve`, until it is asked to stop: the gateway's threads take bytes
// in, the validation thread opens batches and answers them, and the renewal thread signs metadata
// again before it expires. None of them holds the realm's lock while it waits.
#pragma once

#include <functional>

#include "platform/gateway/gateway.hpp"
#include "platform/intake/intake.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct ServiceOptions {
  fs::path realm;
  GatewayOptions gateway;       // `repository` is set by the service
  std::string public_url = {};  // empty: the gateway's own, unless one was set before
  bool intake = true;           // validate records here
  IntakeLimits limits = {};
};

// Serves until `wait_for_stop` returns; `ready` is called once with the gateway's URL.
Status serve_realm(const ServiceOptions& options, const Clock& clock,
                   const std::function<void(const std::string& url)>& ready,
                   const std::function<void()>& wait_for_stop);

}  // namespace rootlet::platform
