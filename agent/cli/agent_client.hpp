// How a command reaches the service: over the daemon's socket if a daemon listens, else in this
// process, which then holds the home's lock.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/office/context.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {

class AgentClient {
 public:
  // `silence`: how long a daemon may say nothing before it is asked whether it is alive.
  explicit AgentClient(const AgentContext& context,
                       std::chrono::milliseconds silence = limits::kLocalSilence)
      : context_(&context), silence_(silence) {}
  Result<json::object> call(std::string_view command, json::object args, AnswerSink& sink) const;
  // True if a daemon answers at the socket.
  bool daemon_is_there() const;

 private:
  bool is_alive() const;
  Result<json::object> call_here(const json::object& request, AnswerSink& sink) const;
  const AgentContext* context_;
  std::chrono::milliseconds silence_;
};

}  // namespace rootlet::agent
