// What every part of the agent is given: where it lives, what it was told, what time it is. Threads
// share it and open files of their own.
#pragma once

#include "agent/office/home.hpp"
#include "config/settings.hpp"
#include "core/clock.hpp"

namespace rootlet::agent {

struct AgentContext {
  Home home;
  Settings settings;
  const Clock* clock = nullptr;
  std::string boot;  // current_boot()
};

}  // namespace rootlet::agent
