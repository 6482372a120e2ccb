// The client side of the local socket, and what both sides share: docs/FORMATS.md, "Local socket".
#include "agent/channel/local_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

Error broken_connection(std::string_view doing) {
  const bool stalled = errno == EAGAIN || errno == EWOULDBLOCK;
  return fail(ErrorCode::kUnreachable, std::string(doing) + " local socket: " +
                                           (stalled ? "nothing moved" : std::strerror(errno)));
}

// A clerk sees this before the first query, so it names the group and the command that helps.
Error refused_access(const fs::path& path) {
  const std::string user = user_name(::geteuid());
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return Error(ErrorCode::kNoAccess,
                 path.string() + ": its folder is closed to user '" + user + "'", {},
                 {.en = "Run the command as root or as the owner of the agent's home.",
                  .zh = "请以 root 或代理目录所有者的身份运行。"});
  }
  const std::string group = group_name(info.st_gid);
  const std::string command = "sudo usermod -aG " + group + " " + user;
  return Error(ErrorCode::kNoAccess,
               path.string() + ": user '" + user + "' is not in group '" + group +
                   "', whose members may use the agent",
               {},
               {.en = "To give access: " + command + ". Then sign in again.",
                .zh = "授权方法：" + command + "，然后重新登录。"});
}

Status set_time(int socket, int option, std::chrono::seconds time) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(time.count());
  if (::setsockopt(socket, SOL_SOCKET, option, &value, sizeof value) == 0) return ok();
  return broken_connection("set up");
}

Result<ucred> credentials_of(int socket) {
  ucred caller{};
  socklen_t size = sizeof caller;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &caller, &size) != 0) {
    return broken_connection("ask");
  }
  return caller;
}

// Waits until `socket` is readable; false at `end`.
bool wait_readable(int socket, std::chrono::steady_clock::time_point end) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
    const int count = ::poll(&wait, 1, static_cast<int>(left.count()));
    if (count > 0 || (count < 0 && errno != EINTR)) return true;
  }
}

}  // namespace

Result<sockaddr_un> socket_address(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kUsage, text + ": too long for a socket's path");
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

Peer own_peer() {
  return {.uid = static_cast<std::int64_t>(::getuid()),
          .pid = static_cast<std::int64_t>(::getpid()),
          .user = user_name(::getuid())};
}

Peer peer_of(std::int64_t uid, std::int64_t pid) {
  return {.uid = uid, .pid = pid, .user = user_name(static_cast<uid_t>(uid))};
}

Result<LocalConnection> LocalConnection::connect(const fs::path& path) {
  ROOTLET_TRY(const sockaddr_un address, socket_address(path));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return errno_error("make socket for", path);
  // A stopped listener's queue fills up; then connecting would wait for ever, and so would writing.
  ROOTLET_TRY(set_time(socket.get(), SO_SNDTIMEO, limits::kLocalSilence));
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), plain, sizeof address) == 0) {
    return LocalConnection(std::move(socket));
  }
  if (errno == EACCES || errno == EPERM) {
    return refused_access(path);
  }
  if (errno == EAGAIN) {
    return fail(ErrorCode::kBusy,
                path.string() + ": the agent takes no calls: it hangs or was stopped");
  }
  return fail(ErrorCode::kUnreachable, path.string() + ": " + std::strerror(errno));
}

Result<std::optional<std::string>> LocalConnection::read_line(
    std::size_t max_bytes, std::optional<std::chrono::milliseconds> time) {
  const auto latest =
      std::chrono::steady_clock::now() + time.value_or(std::chrono::milliseconds(0));
  std::size_t searched = 0;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return std::optional<std::string>(std::move(line));
    }
    searched = buffer_.size();
    if (buffer_.size() > max_bytes) {
      return bad_input("a line is longer than " + std::to_string(max_bytes) + " bytes", "request");
    }
    is_late_ = time && !wait_readable(socket_.get(), latest);
    if (is_late_) {
      return fail(ErrorCode::kUnreachable,
                  "read local socket: no whole line within " +
                      std::to_string(std::chrono::ceil<std::chrono::seconds>(*time).count()) +
                      " seconds");
    }
    char chunk[64 * 1024];
    const ssize_t count = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken_connection("read");
    if (count == 0) return std::optional<std::string>();
    buffer_.append(chunk, static_cast<std::size_t>(count));
  }
}

bool LocalConnection::wait_for_input(std::chrono::milliseconds time) const {
  return !buffer_.empty() || wait_readable(socket_.get(), std::chrono::steady_clock::now() + time);
}

Status LocalConnection::write_line(std::string_view line) {
  return write(std::string(line) + "\n");
}

Status LocalConnection::write(std::string_view left) {
  while (!left.empty()) {
    const ssize_t count = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken_connection("write");
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  return ok();
}

Status LocalConnection::set_patience(std::chrono::seconds patience) {
  ROOTLET_TRY(set_time(socket_.get(), SO_RCVTIMEO, patience));
  return set_time(socket_.get(), SO_SNDTIMEO, patience);
}

Result<uid_t> LocalConnection::peer_uid() const {
  ROOTLET_TRY(const ucred caller, credentials_of(socket_.get()));
  return caller.uid;
}

Result<Peer> LocalConnection::peer() const {
  ROOTLET_TRY(const ucred caller, credentials_of(socket_.get()));
  return peer_of(caller.uid, caller.pid);
}

bool LocalConnection::is_gone() const {
  pollfd look{.fd = socket_.get(), .events = 0, .revents = 0};
  return ::poll(&look, 1, 0) > 0 && (look.revents & (POLLHUP | POLLERR)) != 0;
}

void LocalConnection::shut() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace rootlet::agent
