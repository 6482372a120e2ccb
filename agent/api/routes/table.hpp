// The table of the API's routes: a line for each, with the function that answers it. openapi.json
// describes the same ones; a test compares both.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sync/wire/server/reply.hpp"

namespace rootlet::agent {

class Api;
struct ApiAsk;
using ApiFunction = Result<http::Reply> (*)(Api&, ApiAsk&);

enum class RouteFor {
  kCallers,      // whom the doorkeeper admits
  kEverybody,    // also callers who are not signed in
  kThisMachine,  // everybody, but not from the office's network
};

struct ApiRoute {
  std::string_view method;
  std::string_view path;  // "/api/v1/datasets/{dataset}/rows"
  ApiFunction function;
  RouteFor who = RouteFor::kCallers;
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
