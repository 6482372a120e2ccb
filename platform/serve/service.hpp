// The work of `rootlet-platform serve`, until it is asked to stop: the gateway's threads take bytes
// in and hand files out, and the renewal thread signs timestamp and snapshot again before they end.
// It opens the serving home and no other. Where the keys of the other homes are on this machine, it
// starts a keeper and a worker beside it, processes of their own.
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
  bool keeper = true;           // start a keeper, if its keys are here
  bool intake = true;           // start a worker, if its keys are here
  IntakeLimits limits = {};
};

// Serves until `wait_for_stop` returns; `ready` is called once with the gateway's URL.
Status serve_realm(const ServiceOptions& options, const Clock& clock,
                   const std::function<void(const std::string& url)>& ready,
                   const std::function<void()>& wait_for_stop);

}  // namespace rootlet::platform
