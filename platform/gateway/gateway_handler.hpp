// Maps the gateway's routes to files of the repository and to calls of GatewayApi.
#pragma once

#include <filesystem>

#include "platform/gateway/gateway_api.hpp"
#include "platform/gateway/route.hpp"
#include "sync/wire/server/handler.hpp"

namespace rootlet::platform {

class GatewayHandler final : public http::Handler {
 public:
  // `api` must outlive this.
  GatewayHandler(std::filesystem::path repository, std::size_t enrolment_bytes,
                 std::size_t batch_bytes, GatewayApi& api)
      : repository_(std::move(repository)),
        enrolment_bytes_(enrolment_bytes),
        batch_bytes_(batch_bytes),
        api_(api) {}

  // Files and the health check run on the I/O threads, so that slow calls never delay a download.
  http::Plan plan(const http::RequestHead& head) const override;
  http::Reply answer(const http::RequestHead& head, Bytes body) override;

 private:
  const std::filesystem::path repository_;
  const std::size_t enrolment_bytes_;
  const std::size_t batch_bytes_;
  GatewayApi& api_;
};

}  // namespace rootlet::platform
