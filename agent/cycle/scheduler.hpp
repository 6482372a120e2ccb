// Requests sync cycles, whichever thread or process runs them.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/cycle/cycle.hpp"

namespace rootlet::agent {

// The daemon shares one scheduler, its CycleWorker, between all threads.
class CycleScheduler {
 public:
  virtual ~CycleScheduler() = default;
  // Runs one cycle, or joins a waiting one with the same request, and returns its report. The cycle
  // continues if `sink` fails.
  virtual Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) = 0;
  // The last progress of a cycle that runs now (cycle.hpp), empty before its first; nullopt while
  // none runs.
  virtual std::optional<json::object> running() const { return std::nullopt; }
  // Starts a cycle soon, without waiting for the next poll, because records wait to be sent.
  virtual void nudge() = 0;
};

}  // namespace rootlet::agent
