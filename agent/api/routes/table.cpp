#include "agent/api/routes/table.hpp"

#include <algorithm>

#include "agent/api/routes/handlers.hpp"

namespace rootlet::agent {
namespace {

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/openapi.json", routes::document, RouteFor::kEverybody},
    {"GET", "/api/v1/session", routes::session},
    {"DELETE", "/api/v1/session", routes::end_session},
    {"POST", "/api/v1/views", routes::save_view},
    {"GET", "/api/v1/views/{view}", routes::view},
    {"GET", "/api/v1/status", routes::status},
    {"GET", "/api/v1/doctor", routes::doctor},
    {"GET", "/api/v1/datasets", routes::datasets},
    {"GET", "/api/v1/datasets/{dataset}", routes::dataset},
    {"GET", "/api/v1/datasets/{dataset}/rows", routes::rows},
    {"GET", "/api/v1/datasets/{dataset}/rows/{key}", routes::row},
    {"POST", "/api/v1/datasets/{dataset}/rows/{key}/reveal", routes::reveal},
    {"POST", "/api/v1/datasets/{dataset}/rows/{key}/check", routes::check},
    {"GET", "/api/v1/datasets/{dataset}/facets", routes::facets},
    {"GET", "/api/v1/search", routes::search},
    {"POST", "/api/v1/sql", routes::sql},
    {"GET", "/api/v1/sql/tables", routes::sql_tables},
    {"GET", "/api/v1/sql/saved", routes::saved_queries},
    {"POST", "/api/v1/sql/saved", routes::save_query},
    {"DELETE", "/api/v1/sql/saved/{name}", routes::forget_query},
    {"GET", "/api/v1/forms", routes::forms},
    {"GET", "/api/v1/forms/{form}/prefill", routes::prefill},
    {"POST", "/api/v1/records", routes::submit},
    {"POST", "/api/v1/records/check", routes::check_records},
    {"GET", "/api/v1/drafts", routes::drafts},
    {"POST", "/api/v1/drafts", routes::save_draft},
    {"DELETE", "/api/v1/drafts/{draft}", routes::remove_draft},
    {"GET", "/api/v1/outbox", routes::outbox},
    {"GET", "/api/v1/outbox/{record}", routes::record},
    {"PUT", "/api/v1/outbox/{record}", routes::fix_record},
    {"GET", "/api/v1/outbox/{record}/receipt", routes::receipt},
    {"GET", "/api/v1/watches", routes::watches},
    {"POST", "/api/v1/watches", routes::add_watch},
    {"GET", "/api/v1/watches/{watch}", routes::watch},
    {"DELETE", "/api/v1/watches/{watch}", routes::remove_watch},
    {"POST", "/api/v1/watches/{watch}/seen", routes::see_watch},
    {"GET", "/api/v1/ledger", routes::ledger},
    {"POST", "/api/v1/ledger/verify", routes::verify_ledger},
    {"GET", "/api/v1/traffic", routes::traffic},
    {"GET", "/api/v1/events", routes::events},
    {"POST", "/api/v1/sync", routes::sync},
    {"POST", "/api/v1/sheets", routes::sheets},
    {"GET", "/api/v1/problems/{code}", routes::problem, RouteFor::kEverybody},
    {"GET", "/metrics", routes::metrics, RouteFor::kThisMachine},
};

// Whether `path` has the form of `pattern`; its {values} are added to `values`.
bool matches(std::string_view pattern, const std::vector<std::string>& path,
             std::vector<std::string>& values) {
  for (const std::string& segment : path) {
    if (!pattern.starts_with('/')) return false;
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view wanted = pattern.substr(0, end);
    pattern.remove_prefix(end);
    if (wanted.starts_with('{')) {
      if (segment.empty()) return false;
      values.push_back(segment);
    } else if (wanted != segment) {
      return false;
    }
  }
  return pattern.empty();
}

}  // namespace

std::span<const ApiRoute> api_routes() {
  return kRoutes;
}

std::optional<RouteMatch> find_route(std::string_view method,
                                     const std::vector<std::string>& path) {
  for (const ApiRoute& route : kRoutes) {
    RouteMatch match{.route = &route, .values = {}};
    if (route.method == method && matches(route.path, path, match.values)) return match;
  }
  return std::nullopt;
}

std::string methods_of(const std::vector<std::string>& path) {
  std::string methods;
  for (const ApiRoute& route : kRoutes) {
    std::vector<std::string> ignored;
    if (!matches(route.path, path, ignored)) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  return methods;
}

}  // namespace rootlet::agent
