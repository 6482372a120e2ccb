// posix_spawn(3) and poll(2) over the children's standard output.
#include "platform/schedule/publish_children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>

#include "core/file/descriptor.hpp"

namespace rootlet::platform {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kLookMs = 200;  // between two looks at the deadlines

class Running {
 public:
  static Result<Running> start(const PublishChild& child) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return no_process();
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, theirs.get(), STDOUT_FILENO);
    std::vector<std::string> texts{"rootlet-platform"};
    texts.insert(texts.end(), child.words.begin(), child.words.end());
    std::vector<char*> words;
    for (std::string& text : texts) words.push_back(text.data());
    words.push_back(nullptr);
    pid_t pid = -1;
    errno = ::posix_spawn(&pid, "/proc/self/exe", &files, nullptr, words.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (errno != 0) return no_process();
    return Running(child, pid, std::move(ours));
  }
  Running(Running&& other) noexcept
      : child_(other.child_),
        pid_(std::exchange(other.pid_, -1)),
        out_(std::move(other.out_)),
        end_(std::move(other.end_)),
        until_(other.until_) {}
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (pid_ > 0) kill_and_wait();
  }

  int descriptor() const { return out_.get(); }
  const PublishChild& child() const { return *child_; }

  // True once the process has ended, or was killed because it is late.
  bool look(bool has_output) {
    if (has_output && !read_some()) {
      finish();
      return true;
    }
    if (Clock::now() < until_) return false;
    kill_and_wait();
    end_.how = ChildEnd::How::kTooLong;
    return true;
  }
  const ChildEnd& end() const { return end_; }

 private:
  Running(const PublishChild& child, pid_t pid, UniqueFd out)
      : child_(&child), pid_(pid), out_(std::move(out)), until_(Clock::now() + child.timeout) {}

  static Error no_process() {
    return fail(ErrorCode::kStorage, std::string("start a process: ") + std::strerror(errno));
  }

  // False at the end of the output.
  bool read_some() {
    char bytes[4096];
    const ssize_t count = ::read(out_.get(), bytes, sizeof bytes);
    if (count < 0) return errno == EINTR;
    const std::size_t room = kChildOutputBytes - end_.output.size();
    end_.output.append(bytes, std::min(room, static_cast<std::size_t>(count)));
    return count > 0;
  }

  void finish() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    end_.how = WIFEXITED(status) ? ChildEnd::How::kExit : ChildEnd::How::kBroken;
    end_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }

  void kill_and_wait() {
    ::kill(pid_, SIGKILL);
    finish();
  }

  const PublishChild* child_;
  pid_t pid_;
  UniqueFd out_;
  ChildEnd end_;
  Clock::time_point until_;
};

// Which of the processes have something to read or have ended.
std::vector<pollfd> wait_for(const std::list<Running>& running) {
  std::vector<pollfd> waited;
  for (const Running& one : running) {
    waited.push_back({.fd = one.descriptor(), .events = POLLIN, .revents = 0});
  }
  ::poll(waited.data(), waited.size(), kLookMs);
  return waited;
}

}  // namespace

Status run_publish_children(
    const std::vector<PublishChild>& children, std::size_t at_once,
    const std::function<Status(const PublishChild&, const ChildEnd&)>& ended) {
  std::list<Running> running;
  auto next = children.begin();
  while (next != children.end() || !running.empty()) {
    while (next != children.end() && running.size() < at_once) {
      ROOTLET_TRY(Running started, Running::start(*next++));
      running.push_back(std::move(started));
    }
    const std::vector<pollfd> waited = wait_for(running);
    auto look = waited.begin();
    for (auto one = running.begin(); one != running.end();) {
      if (!one->look((look++)->revents != 0)) {
        ++one;
        continue;
      }
      ROOTLET_TRY(ended(one->child(), one->end()));
      one = running.erase(one);
    }
  }
  return ok();
}

}  // namespace rootlet::platform
