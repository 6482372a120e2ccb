// One client's connection, from TLS handshake to close: one request after the other, each step
// with a deadline. Its implementation is the only code that includes Beast. For this room only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "sync/wire/server/context.hpp"

namespace rootlet::http {

enum class Admission { kServe, kSendAway };  // kSendAway: 503 to the first request, then close

// Serves `socket` on its own executor, a strand, until it closes; `tls` is null for plain HTTP.
void start_connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                      Admission admission, std::shared_ptr<ServerContext> context);

}  // namespace rootlet::http
