// What the routes of the API do: another face of the commands of Service, with HTTP's words. Each
// answer of rows carries its provenance. Thread-safe.
#pragma once

#include <atomic>

#include "agent/api/doorkeeper.hpp"
#include "agent/api/form/request.hpp"
#include "agent/api/form/routes.hpp"
#include "agent/service/service.hpp"

namespace rootlet::agent {

// What all calls use; must outlive the API.
struct ApiParts {
  const AgentContext& context;
  CycleScheduler& scheduler;
  ReadingPool& pool;
  StopCheck stopping;  // true once the daemon stops
  Doorkeeper& doorkeeper;
};

// A request that was admitted, with all that its answer needs.
struct ApiAsk {
  ApiRequest request;
  RouteMatch match;
  ApiUser caller;
  Face face = Face::kLocal;
  Bytes body = {};
  std::vector<http::Field> fields = {};  // of every answer, also of one in pieces
};

class Api {
 public:
  explicit Api(ApiParts parts) : parts_(std::move(parts)) {}

  http::Reply answer(ApiAsk ask);

  // A command of Service. `gone`: whether the client has left.
  Result<json::object> call(std::string_view command, json::object args, const Peer& peer,
                            AnswerSink& sink, const std::function<bool()>& gone) const;

 private:
  Result<http::Reply> route(ApiAsk& ask);
  Result<json::object> call(const ApiAsk& ask, std::string_view command, json::object args) const;
  Result<http::Reply> one(const ApiAsk& ask, std::string_view command,
                          json::object args = {}) const;
  Result<http::Reply> list(const ApiAsk& ask, std::string_view command, std::string_view member,
                           json::object args = {}) const;
  Result<http::Reply> dataset(const ApiAsk& ask) const;
  Result<http::Reply> rows(ApiAsk& ask);
  Result<http::Reply> row(ApiAsk& ask);
  Result<http::Reply> reveal(ApiAsk& ask);
  Result<http::Reply> search(ApiAsk& ask);
  Result<http::Reply> submit(const ApiAsk& ask) const;
  Result<http::Reply> record(const ApiAsk& ask) const;
  Result<http::Reply> fix(const ApiAsk& ask) const;
  Result<http::Reply> sync(ApiAsk& ask);
  Result<http::Reply> sheets(const ApiAsk& ask) const;  // api_sheets.cpp
  Result<http::Reply> session(const ApiAsk& ask) const;
  Result<http::Reply> end_session(const ApiAsk& ask);
  Result<http::Reply> problem(const ApiAsk& ask) const;
  Result<http::Reply> metrics(const ApiAsk& ask) const;

  ApiParts parts_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace rootlet::agent
