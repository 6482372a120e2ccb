// What every part of the agent needs: the home, the settings and the clock. Threads share one
// context, and each opens its own files.
#pragma once

#include "agent/office/home.hpp"
#include "config/settings.hpp"
#include "core/clock.hpp"

namespace rootlet::agent {

struct AgentContext {
  Home home;
  Settings settings;
  const Clock* clock = nullptr;
  std::string boot;          // current_boot()
  std::string machine = {};  // current_machine()
};

}  // namespace rootlet::agent
