// posix_spawn(3), because the daemon has threads: between fork and exec they could run hardly
// anything.
#include "agent/sql/sql_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "agent/sql/child/sql_child.hpp"

namespace rootlet::agent {
namespace {

constexpr std::chrono::milliseconds kLook{100};  // between two questions whether to stop
constexpr std::size_t kFrameHead = 5;            // length and kind
constexpr std::size_t kReadBytes = 64 * 1024;

// How a process is started: its descriptors, and no signal blocked or ignored.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    for (const int unused : {STDOUT_FILENO, STDERR_FILENO}) {
      ::posix_spawn_file_actions_addopen(&files_, unused, "/dev/null", O_RDWR, 0);
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  // 0, or the error.
  int run(const std::filesystem::path& program, pid_t& pid) {
    std::string name = "rootlet", word = kSqlProcessWord;
    char* const words[] = {name.data(), word.data(), nullptr};
    char* const environment[] = {nullptr};
    return ::posix_spawn(&pid, program.c_str(), &files_, &attributes_, words, environment);
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

bool send_all(int socket, ByteView left) {
  while (!left.empty()) {
    const ssize_t count = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    left = left.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<SqlProcess> SqlProcess::start(const std::filesystem::path& program, const SqlJob& job) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(ErrorCode::kStorage, std::string("make a socket: ") + std::strerror(errno));
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  pid_t pid = -1;
  const int failed = SpawnPlan(theirs.get()).run(program, pid);
  if (failed != 0) {
    return fail(ErrorCode::kStorage,
                std::string("start the process for SQL: ") + std::strerror(failed));
  }
  SqlProcess process(pid, std::move(ours));
  Bytes bytes = encode_job(job);
  // If it has ended already, the first wait for a frame notices.
  static_cast<void>(send_all(process.socket_.get(), bytes));
  sodium_memzero(bytes.data(), bytes.size());
  return process;
}

SqlProcess::SqlProcess(SqlProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)),
      buffer_(std::move(other.buffer_)),
      broken_(other.broken_) {}

SqlProcess::~SqlProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

// True if the buffer held a whole frame.
bool SqlProcess::take_frame(SqlFrame& frame) {
  if (buffer_.size() < kFrameHead) return false;
  ByteReader reader(buffer_, "SQL answer");
  const std::size_t size = reader.u32().value();
  frame.kind = static_cast<FrameKind>(reader.u8().value());
  broken_ = size > kFrameBytes;
  if (broken_ || buffer_.size() < kFrameHead + size) return false;
  const auto begin = buffer_.begin() + kFrameHead;
  frame.content.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
  buffer_.erase(buffer_.begin(), begin + static_cast<std::ptrdiff_t>(size));
  return true;
}

SqlProcess::Outcome SqlProcess::next(SqlFrame& frame, std::chrono::milliseconds& time,
                                     const std::function<bool()>& should_stop) {
  while (true) {
    if (take_frame(frame)) return Outcome::kFrame;
    if (broken_) return Outcome::kEnded;
    if (time.count() <= 0) return Outcome::kLate;
    if (should_stop()) return Outcome::kStopped;
    const auto begin = std::chrono::steady_clock::now();
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    const auto patience = std::min(time, kLook);
    const int ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
    time -= std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                  begin);
    if (ready <= 0) continue;
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kReadBytes);
    const ssize_t count = ::recv(socket_.get(), buffer_.data() + held, kReadBytes, 0);
    buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) return Outcome::kEnded;
  }
}

}  // namespace rootlet::agent
