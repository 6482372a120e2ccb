// Notifies systemd of this process's state. Does nothing if systemd did not start it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rootlet::agent {

// Sends "READY=1", "STOPPING=1" or "WATCHDOG=1" as one datagram to $NOTIFY_SOCKET.
void notify_service_manager(std::string_view word);

// How often to send "WATCHDOG=1", from $WATCHDOG_USEC; nullopt if there is no watchdog.
std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace rootlet::agent
