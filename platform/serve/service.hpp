// serve: the gateway, the validate and the keeper of the metadata, until somebody asks them to
// stop.
//
// The gateway's threads take bytes in; the validate's thread opens batches and answers them; the
// keeper's signs metadata again before it grows old. None of them holds the realm's lock while it
// waits.
#pragma once

#include <functional>

#include "platform/gateway/gateway.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct ServiceOptions {
  fs::path realm;
  GatewayOptions gateway;       // `repository` is set by the service
  std::string public_url = {};  // empty: what the gateway listens on, unless a person has named one
  bool intake = true;           // validate records here
};

// Serves until `wait_for_stop` returns; `ready` is called once with the gateway's URL.
Status serve_realm(const ServiceOptions& options, const Clock& clock,
                   const std::function<void(const std::string& url)>& ready,
                   const std::function<void()>& wait_for_stop);

}  // namespace rootlet::platform
