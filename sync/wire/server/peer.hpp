// Whose connection or request this is, so that no client takes more than its share. The address of
// the socket counts; the header X-Forwarded-For counts only if a proxy that the operator named sent
// it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "sync/wire/server/handler.hpp"

namespace rootlet::http {

// The name under which a client is counted: one IPv4 address, or one /64 of IPv6, which is what one
// subscriber gets. Nothing for text that is no address.
std::optional<std::string> client_group(std::string_view address);

// Reverse proxies whose X-Forwarded-For is believed.
class Proxies {
 public:
  // "10.0.0.5,::1"; "" names none. kUsage if an entry is no address.
  static Result<Proxies> parse(std::string_view list);

  bool contain(std::string_view address) const;

 private:
  std::vector<std::string> addresses_;
};

// How a client's share is counted; nothing: without a share.
using Client = std::optional<std::string>;

// Whose connection it is. A proxy and this machine itself have no share, because many clients may
// stand behind them.
Client client_of_connection(const std::string& peer, const Proxies& proxies);
// Whose request it is: behind a proxy, the last address of X-Forwarded-For that is not a proxy's.
Client client_of_request(const std::string& peer, const RequestHead& head, const Proxies& proxies);

}  // namespace rootlet::http
