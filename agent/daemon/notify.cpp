// systemd's notification protocol: sd_notify(3), sd_watchdog_enabled(3).
#include "agent/daemon/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "core/file/descriptor.hpp"

namespace rootlet::agent {

void notify_service_manager(std::string_view word) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // A failure needs no report here: the service manager times out and logs it.
  static_cast<void>(::sendto(socket.get(), word.data(), word.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

std::optional<std::chrono::milliseconds> watchdog_interval() {
  const char* text = std::getenv("WATCHDOG_USEC");
  if (text == nullptr) return std::nullopt;
  const long long micros = std::strtoll(text, nullptr, 10);
  if (micros < 2'000) return std::nullopt;
  return std::chrono::milliseconds(micros / 2'000);  // twice per watchdog period
}

}  // namespace rootlet::agent
