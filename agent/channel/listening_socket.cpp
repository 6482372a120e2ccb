// Checks what systemd passed by asking the kernel, never by trusting the environment alone.
#include "agent/channel/listening_socket.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "agent/channel/local_socket.hpp"
#include "core/file/owner.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

// Whom the socket lets in without a group; the service knows each caller's roles.
constexpr mode_t kOpenMode = 0666;
constexpr mode_t kGroupMode = 0660;
constexpr int kFirstPassedDescriptor = 3;  // SD_LISTEN_FDS_START of sd_listen_fds(3)

std::optional<long> number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  char* end = nullptr;
  const long number = std::strtol(text, &end, 10);
  return *end == '\0' ? std::optional(number) : std::nullopt;
}

// How many sockets systemd passed to this process; 0 if it was started by hand.
long passed_sockets() {
  if (number_in_environment("LISTEN_PID") != static_cast<long>(::getpid())) return 0;
  return number_in_environment("LISTEN_FDS").value_or(0);
}

Result<gid_t> group_id(const std::string& name) {
  if (const std::optional<gid_t> found = find_group(name)) return *found;
  return Error(ErrorCode::kUsage, "there is no group '" + name + "' on this machine",
               "socket_group",
               {.en = "Create it (sudo groupadd " + name + "), or change socket_group.",
                .zh = "请创建该用户组（sudo groupadd " + name + "），或修改 socket_group。"});
}

Error refused_group(const fs::path& path, const std::string& group) {
  const std::string user = user_name(::geteuid());
  return Error(ErrorCode::kUsage,
               "give " + path.string() + " to group '" + group + "': " + std::strerror(errno),
               "socket_group",
               {.en = "User '" + user + "' must be a member of that group (sudo usermod -aG " +
                      group + " " + user + "), or systemd must make the socket (rootlet.socket).",
                .zh = "用户 " + user + " 须属于该用户组（sudo usermod -aG " + group + " " + user +
                      "），或由 systemd 创建套接字（rootlet.socket）。"});
}

Status give_to_group(const fs::path& path, const std::string& group) {
  const mode_t mode = group.empty() ? kOpenMode : kGroupMode;
  if (::chmod(path.c_str(), mode) != 0) return errno_error("protect", path);
  if (group.empty()) return ok();
  ROOTLET_TRY(const gid_t gid, group_id(group));
  if (::chown(path.c_str(), static_cast<uid_t>(-1), gid) != 0) return refused_group(path, group);
  return ok();
}

// Binds and listens at `path` with mode 0, so that nobody can connect yet.
Status listen_at(int descriptor, const fs::path& path) {
  ROOTLET_TRY(const sockaddr_un address, socket_address(path));
  ROOTLET_TRY(remove_file(path));
  const mode_t before = ::umask(0777);
  const int bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(descriptor, limits::kLocalConnections) != 0) {
    return errno_error("listen on", path);
  }
  return ok();
}

Result<ListeningSocket> make_socket(const SocketOptions& options) {
  ListeningSocket made{
      .descriptor = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      .path = options.path};
  if (!made.descriptor.is_open()) return errno_error("make socket for", options.path);
  // The socket gets its final name only once it listens with the right mode and group, so that no
  // client is refused during start-up.
  const fs::path beside = options.path.string() + "~";
  ROOTLET_TRY(listen_at(made.descriptor.get(), beside));
  const Status given = give_to_group(beside, options.group);
  if (given.has_error()) {
    ::unlink(beside.c_str());
    return given.error();
  }
  if (::rename(beside.c_str(), options.path.c_str()) != 0) {
    return errno_error("place socket", options.path);
  }
  return made;
}

bool is_listening_unix_socket(int descriptor) {
  int domain = 0, type = 0, listens = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
         domain == AF_UNIX && type == SOCK_STREAM && listens != 0;
}

// Where a Unix socket listens; empty if it has no path.
fs::path path_of(int descriptor) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (size <= offsetof(sockaddr_un, sun_path) || address.sun_path[0] == '\0') return {};
  return std::string(address.sun_path, ::strnlen(address.sun_path, sizeof address.sun_path));
}

// The unit decides path and group; the settings must say the same, or commands would look
// elsewhere.
Error refused_unit(std::string reason, const std::string& key, const std::string& line) {
  return Error(ErrorCode::kUsage, std::move(reason), key,
               {.en = "Set " + line +
                      " in the socket unit (systemctl edit --full rootlet.socket), "
                      "or remove " +
                      key + " from the settings.",
                .zh = "请在套接字单元中设置 " + line +
                      "（systemctl edit --full rootlet.socket），或从配置中删除 " + key + "。"});
}

Status check_passed(int descriptor, const SocketOptions& options) {
  if (!is_listening_unix_socket(descriptor)) {
    return fail(ErrorCode::kUsage, "systemd passed something else than a listening local socket");
  }
  const fs::path path = path_of(descriptor);
  if (path != options.path) {
    return refused_unit(
        "systemd listens on " + path.string() + ", the setting socket is " + options.path.string(),
        "socket", "ListenStream=" + options.path.string());
  }
  if (options.group.empty()) return ok();
  ROOTLET_TRY(const gid_t wanted, group_id(options.group));
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno_error("stat", path);
  if (info.st_gid == wanted) return ok();
  return refused_unit("systemd gave " + path.string() + " to group '" + group_name(info.st_gid) +
                          "', the setting socket_group is '" + options.group + "'",
                      "socket_group", "SocketGroup=" + options.group);
}

Result<ListeningSocket> take_passed_socket(long count, const SocketOptions& options) {
  if (count != 1) {
    return fail(ErrorCode::kUsage, "systemd passed " + std::to_string(count) +
                                       " sockets; the agent needs exactly one");
  }
  ListeningSocket taken{
      .descriptor = UniqueFd(kFirstPassedDescriptor), .path = options.path, .is_ours = false};
  ROOTLET_TRY(check_passed(taken.descriptor.get(), options));
  const int flags = ::fcntl(taken.descriptor.get(), F_GETFL);
  if (::fcntl(taken.descriptor.get(), F_SETFD, FD_CLOEXEC) != 0 || flags < 0 ||
      ::fcntl(taken.descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return errno_error("take over", options.path);
  }
  return taken;
}

}  // namespace

std::optional<gid_t> find_group(const std::string& name) {
  std::vector<char> space(16 * limits::kKiB);
  struct group entry {};
  struct group* found = nullptr;
  int failed = 0;
  while ((failed = ::getgrnam_r(name.c_str(), &entry, space.data(), space.size(), &found)) ==
             ERANGE &&
         space.size() < limits::kMiB) {
    space.resize(2 * space.size());  // a group with many members
  }
  if (failed != 0 || found == nullptr) return std::nullopt;
  return entry.gr_gid;
}

std::string group_name(gid_t gid) {
  std::vector<char> space(limits::kMiB);
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrgid_r(gid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) {
    return entry.gr_name;
  }
  return std::to_string(gid);
}

bool socket_was_passed() {
  return passed_sockets() > 0;
}

Result<ListeningSocket> make_listening_socket(const SocketOptions& options) {
  return make_socket(options);
}

Result<ListeningSocket> open_listening_socket(const SocketOptions& options) {
  const long passed = passed_sockets();
  return passed > 0 ? take_passed_socket(passed, options) : make_socket(options);
}

}  // namespace rootlet::agent
