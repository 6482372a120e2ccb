// One pipe and one child. posix_spawn, because the process may hold keys that a fork would copy.
#include "config/output/pager.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

extern char** environ;

namespace rootlet {
namespace {

// `less` may not be installed; then the output comes as it is.
constexpr const char* kUsual =
    "if command -v less >/dev/null 2>&1; then exec less; else exec cat; fi";

// The environment with LESS as git sets it: quit if all fits, colours, no clearing of the screen.
std::vector<std::string> pager_environment() {
  std::vector<std::string> out;
  for (char** each = environ; *each != nullptr; ++each) out.emplace_back(*each);
  if (std::getenv("LESS") == nullptr) out.emplace_back("LESS=FRX");
  if (std::getenv("LV") == nullptr) out.emplace_back("LV=-c");
  return out;
}

// The child reads `input` as its standard input. -1 if it does not start.
pid_t start(const std::string& command, int input, int other_end) {
  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return -1;
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, input);
  ::posix_spawn_file_actions_addclose(&actions, other_end);
  std::vector<std::string> variables = pager_environment();
  std::vector<char*> values;
  for (std::string& each : variables) values.push_back(each.data());
  values.push_back(nullptr);
  std::string shell = "sh", option = "-c", line = command;
  char* words[] = {shell.data(), option.data(), line.data(), nullptr};
  pid_t child = -1;
  if (::posix_spawn(&child, "/bin/sh", &actions, nullptr, words, values.data()) != 0) child = -1;
  ::posix_spawn_file_actions_destroy(&actions);
  return child;
}

}  // namespace

std::string pager_command(const char* own, const char* usual) {
  const char* chosen = own != nullptr ? own : usual;
  if (chosen == nullptr) return kUsual;
  const std::string command = chosen;
  return command == "cat" ? "" : command;
}

Pager::Pager(const CliOutput& output) {
  if (output.out_width == 0 || output.json) return;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term) == "dumb") return;
  const std::string command = pager_command(std::getenv("ROOTLET_PAGER"), std::getenv("PAGER"));
  if (command.empty()) return;
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  std::fflush(stdout);
  terminal_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  child_ = terminal_ < 0 ? -1 : start(command, ends[0], ends[1]);
  ::close(ends[0]);
  if (child_ > 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the pager
    ::signal(SIGPIPE, SIG_DFL);
  }
  ::close(ends[1]);
}

Pager::~Pager() {
  if (child_ > 0) {
    std::fflush(stdout);
    ::dup2(terminal_, STDOUT_FILENO);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::signal(SIGINT, SIG_DFL);
  }
  if (terminal_ >= 0) ::close(terminal_);
}

}  // namespace rootlet
