// What the gateway answers to one request, without sockets: its routes, its files and its calls.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "platform/gateway/gateway_api.hpp"

namespace rootlet::test {

struct GatewayRequest {
  std::string method, target;
  std::string if_none_match = {}, range = {}, if_range = {};
  Bytes body = {};
};

struct GatewayReply {
  int status = 404;
  std::vector<std::pair<std::string, std::string>> headers = {};
  Bytes body = {};
  long retry_after_seconds = 0;
};

GatewayReply answer_in_process(const std::filesystem::path& repository, platform::GatewayApi& api,
                               const GatewayRequest& request);

}  // namespace rootlet::test
