// One client's connection, from TLS handshake to close: one request after the other, each step
// with a deadline. Its implementation is the only code that includes Beast. For this room only.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "sync/wire/server/context.hpp"

namespace rootlet::http {

struct Visitor {
  Admission admission = Admission::kServe;  // never kClose
  std::string peer = {};                    // the socket's other end, an IP address; "" if Unix
  std::int64_t uid = -1;                    // RequestHead::peer_uid
  std::int64_t pid = -1;
  Client client = {};  // whose share the connection counts in
};

// Serves `socket` on its own executor, a strand, until it closes; `tls` is null for plain HTTP.
void start_connection(boost::asio::generic::stream_protocol::socket socket,
                      boost::asio::ssl::context* tls, Visitor visitor,
                      std::shared_ptr<ServerContext> context);

}  // namespace rootlet::http
