#include "agent/api/form/routes.hpp"

#include <algorithm>

namespace rootlet::agent {
namespace {

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/openapi.json", ApiCall::kDocument, true},
    {"GET", "/api/v1/session", ApiCall::kSession},
    {"DELETE", "/api/v1/session", ApiCall::kEndSession},
    {"GET", "/api/v1/status", ApiCall::kStatus},
    {"GET", "/api/v1/doctor", ApiCall::kDoctor},
    {"GET", "/api/v1/datasets", ApiCall::kDatasets},
    {"GET", "/api/v1/datasets/{dataset}", ApiCall::kDataset},
    {"GET", "/api/v1/datasets/{dataset}/rows", ApiCall::kRows},
    {"GET", "/api/v1/datasets/{dataset}/rows/{key}", ApiCall::kRow},
    {"POST", "/api/v1/datasets/{dataset}/rows/{key}/reveal", ApiCall::kReveal},
    {"GET", "/api/v1/search", ApiCall::kSearch},
    {"GET", "/api/v1/forms", ApiCall::kForms},
    {"POST", "/api/v1/records", ApiCall::kSubmit},
    {"GET", "/api/v1/outbox", ApiCall::kOutbox},
    {"GET", "/api/v1/outbox/{record}", ApiCall::kRecord},
    {"PUT", "/api/v1/outbox/{record}", ApiCall::kFixRecord},
    {"GET", "/api/v1/ledger", ApiCall::kLedger},
    {"POST", "/api/v1/sync", ApiCall::kSync},
    {"POST", "/api/v1/sheets", ApiCall::kSheets},
    {"GET", "/api/v1/problems/{code}", ApiCall::kProblem, true},
    {"GET", "/metrics", ApiCall::kMetrics, true},  // on this machine only
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
