#include "platform/gateway/gateway.hpp"

#include <algorithm>

#include "platform/gateway/gateway_handler.hpp"

namespace rootlet::platform {

Result<Gateway> Gateway::start(GatewayOptions options, GatewayApi& api) {
  options.limits.body_bytes = std::max(options.batch_bytes, options.enrolment_bytes);
  auto handler = std::make_unique<GatewayHandler>(options.repository, options.enrolment_bytes,
                                                  options.batch_bytes, api);
  ROOTLET_TRY(http::Server server, http::Server::start(std::move(options), *handler));
  return Gateway(std::move(handler), std::move(server));
}

}  // namespace rootlet::platform
