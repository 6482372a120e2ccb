#include "agent/console/site.hpp"

#include <algorithm>

namespace rootlet::agent {
namespace {

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

std::string bracketed(const std::string& name) {
  const bool is_ipv6 = name.find(':') != std::string::npos && !name.starts_with('[');
  return is_ipv6 ? "[" + name + "]" : name;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

OriginRefusal foreign_host() {
  return {"host",
          Error(ErrorCode::kNoAccess, "the console is not reached under this host name", "host",
                {.en = "Open the address that `rootlet console` prints.",
                 .zh = "请使用 rootlet console 显示的地址访问。"})};
}

OriginRefusal foreign_page() {
  return {"origin", Error(ErrorCode::kNoAccess, "a page of another site asked for this", "origin",
                          {.en = "Only the console's own pages may do this.",
                           .zh = "只有控制台自身的页面可以执行此操作。"})};
}

}  // namespace

Site loopback_site(std::uint16_t port) {
  Site site{.scheme = "http", .hosts = {}};
  for (const char* host : {"127.0.0.1", "localhost", "[::1]"}) {
    site.hosts.push_back(std::string(host) + ":" + std::to_string(port));
  }
  return site;
}

Site network_site(const std::vector<std::string>& names, std::uint16_t port) {
  Site site{.scheme = "https", .hosts = {}};
  for (const std::string& name : names) {
    site.hosts.push_back(bracketed(name) + ":" + std::to_string(port));
    if (port == 443) site.hosts.push_back(bracketed(name));
  }
  return site;
}

std::optional<OriginRefusal> check_origin(const Site& site, const RequestOrigin& request) {
  const std::string host = lower(request.host);
  if (std::ranges::find(site.hosts, host) == site.hosts.end()) return foreign_host();
  if (!request.origin.empty() && lower(request.origin) != site.scheme + "://" + host) {
    return foreign_page();
  }
  const bool from_elsewhere =
      request.fetch_site == "cross-site" || request.fetch_site == "same-site";
  const bool is_link = request.is_page && is_safe(request.method);
  if (from_elsewhere && !is_link) return foreign_page();
  return std::nullopt;
}

}  // namespace rootlet::agent
