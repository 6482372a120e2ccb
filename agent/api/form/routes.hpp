// The table of the API's routes. openapi.json describes the same ones; a test compares both.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet::agent {

enum class ApiCall {
  kDocument,
  kSession,
  kEndSession,
  kStatus,
  kDoctor,
  kDatasets,
  kDataset,
  kRows,
  kRow,
  kReveal,
  kSearch,
  kForms,
  kSubmit,
  kOutbox,
  kRecord,
  kFixRecord,
  kLedger,
  kSync,
  kSheets,
  kProblem,
  kMetrics,
};

struct ApiRoute {
  std::string_view method;
  std::string_view path;  // "/api/v1/datasets/{dataset}/rows"
  ApiCall call;
  bool is_public = false;  // also for callers who are not signed in
};

std::span<const ApiRoute> api_routes();

struct RouteMatch {
  const ApiRoute* route;
  std::vector<std::string> values;  // of the path's {names}, in order
};
// Nothing if no route has this path and method.
std::optional<RouteMatch> find_route(std::string_view method, const std::vector<std::string>& path);
// The methods of a path, "GET, POST"; "" if no route has it.
std::string methods_of(const std::vector<std::string>& path);

}  // namespace rootlet::agent
