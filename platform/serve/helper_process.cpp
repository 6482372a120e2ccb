// fork and exec of /proc/self/exe.
#include "platform/serve/helper_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/file/file.hpp"
#include "core/log.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::seconds kPause{5};

constexpr int kMostDescriptors = 4'096;  // as `serve` raises its own limit

// Only calls that are safe after a fork of a program with threads. No descriptor goes along: the
// port must be free as soon as the parent ends.
[[noreturn]] void become(char* const* arguments, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(0);  // it ended before that
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int descriptor = STDERR_FILENO + 1; descriptor < kMostDescriptors; ++descriptor) {
    ::close(descriptor);
  }
  ::dup2(STDERR_FILENO, STDOUT_FILENO);  // the parent's output belongs to who waits for it
  ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

}  // namespace

HelperProcess::~HelperProcess() {
  if (process_ < 0) return;
  ::kill(process_, SIGTERM);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status HelperProcess::start() {
  std::string name = "rootlet-platform";
  std::vector<char*> arguments{name.data()};
  for (std::string& argument : arguments_) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return errno_error("start", arguments_.front());
  if (child == 0) become(arguments.data(), parent);
  process_ = child;
  return ok();
}

void HelperProcess::keep_running() {
  if (process_ >= 0) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != process_) return;
    process_ = -1;
    not_before_ = std::chrono::steady_clock::now() + kPause;
    log_warning("serve: " + arguments_.front() + " ended; it is started again");
  }
  if (std::chrono::steady_clock::now() < not_before_) return;
  const Status started = start();
  if (started.has_error()) log_error("serve: " + started.error().message);
}

}  // namespace rootlet::platform
