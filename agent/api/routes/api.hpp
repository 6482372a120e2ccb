// The routes of the API as another face of the commands of Service, with HTTP's words. Each answer
// of rows carries its provenance. Thread-safe.
#pragma once

#include <atomic>

#include "agent/api/door/doorkeeper.hpp"
#include "agent/api/form/request.hpp"
#include "agent/api/routes/places.hpp"
#include "agent/api/routes/table.hpp"
#include "agent/service/service.hpp"
#include "core/local_limits.hpp"

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

  const std::string& named(std::size_t at = 0) const { return match.values[at]; }  // by the path
};

class Api {
 public:
  explicit Api(ApiParts parts) : parts_(std::move(parts)) {}

  http::Reply answer(ApiAsk ask);

  // A command of Service. `gone`: whether the client has left.
  Result<json::object> call(std::string_view command, json::object args, const Peer& peer,
                            AnswerSink& sink, const std::function<bool()>& gone) const;
  // One that answers with its result alone.
  Result<json::object> call(const ApiAsk& ask, std::string_view command,
                            json::object args = {}) const;
  Result<json::object> call(const Peer& peer, std::string_view command,
                            json::object args = {}) const;

  const ApiParts& parts() const { return parts_; }
  // Of answers in pieces.
  Places& row_places() const { return row_places_; }
  Places& xlsx_places() const { return xlsx_places_; }
  Places& event_places() const { return event_places_; }
  std::uint64_t requests() const { return requests_; }  // since the start

 private:
  ApiParts parts_;
  std::atomic<std::uint64_t> requests_ = 0;
  mutable Places row_places_{limits::kApiStreams}, xlsx_places_{kXlsxStreams},
      event_places_{kEventStreams};
};

}  // namespace rootlet::agent
