// Under which names a browser may reach the console, and which requests come from the console's own
// pages: the checks against DNS rebinding and against other sites' pages. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace rootlet::agent {

// Where this machine's console is: on loopback, or on the office's network.
struct Site {
  std::string scheme;              // "http", "https"
  std::vector<std::string> hosts;  // as in a Host field, with port: "127.0.0.1:8460"
};

// 127.0.0.1, localhost and [::1] with this port.
Site loopback_site(std::uint16_t port);
Site network_site(const std::vector<std::string>& names, std::uint16_t port);

// What a browser says of where a request comes from.
struct RequestOrigin {
  std::string_view method;
  std::string_view host;
  std::string_view origin = {};      // "" if absent
  std::string_view fetch_site = {};  // Sec-Fetch-Site; "" if absent
  bool is_page = false;              // a page that a link may lead to, not data
};

struct OriginRefusal {
  std::string_view kind;  // "host", "origin": for the ledger
  Error error;
};

// kNoAccess in words if the host is not this site's (a rebinding name), or a page of another origin
// asks. A link from elsewhere may lead to a page.
std::optional<OriginRefusal> check_origin(const Site& site, const RequestOrigin& request);

}  // namespace rootlet::agent
