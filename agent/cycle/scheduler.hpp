// How a caller asks for a sync cycle, whichever thread or process runs it.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/cycle/cycle.hpp"

namespace rootlet::agent {

// Where a sync cycle is asked for. The daemon has one for all threads, with a worker behind it.
class CycleScheduler {
 public:
  virtual ~CycleScheduler() = default;
  // Runs one cycle, or joins the one under way, and gives its report. The cycle goes on if `sink`
  // has gone away.
  virtual Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) = 0;
  // Something waits to be sent: do not wait for the next poll.
  virtual void nudge() = 0;
};

}  // namespace rootlet::agent
