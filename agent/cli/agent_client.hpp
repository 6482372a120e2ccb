// How a command reaches the service: over the daemon's socket if a daemon listens, else in this
// process, which then holds the home's lock.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/office/context.hpp"

namespace rootlet::agent {

class AgentClient {
 public:
  explicit AgentClient(const AgentContext& context) : context_(&context) {}
  Result<json::object> call(std::string_view command, json::object args, AnswerSink& sink) const;
  // True if a daemon answers at the socket.
  bool daemon_is_there() const;

 private:
  Result<json::object> call_here(const json::object& request, AnswerSink& sink) const;
  const AgentContext* context_;
};

}  // namespace rootlet::agent
