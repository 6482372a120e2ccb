// systemd's notification protocol: one datagram per word to $NOTIFY_SOCKET. Without systemd nothing
// happens.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rootlet::agent {

// "READY=1", "STOPPING=1", "WATCHDOG=1".
void notify_service_manager(std::string_view word);

// How often the watchdog wants to hear from this process, by $WATCHDOG_USEC.
std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace rootlet::agent
