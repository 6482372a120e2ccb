// One client's connection, from TLS handshake to close: requests one after the other, each step
// under a deadline. Its implementation is the only code that sees Beast. Inside platform/gateway
// only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "platform/gateway/hub.hpp"

namespace rootlet::platform::gateway {

enum class Admission { kServe, kSendAway };  // kSendAway: 503 to the first request, then close

// Serves `socket` on its own executor, a strand, until it closes; `tls` is null for plain HTTP.
void start_connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                      Admission admission, std::shared_ptr<Hub> hub);

}  // namespace rootlet::platform::gateway
