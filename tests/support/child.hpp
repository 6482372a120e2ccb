// Work in a child process: as another user, or with descriptors and an environment of its own.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "tests/support/support.hpp"

namespace rootlet::test {

inline constexpr uid_t kOtherUser = 65534;  // "nobody", on every Debian

inline bool is_root() {
  return ::geteuid() == 0;
}

// What `work` returns in a child. The parent checks it, because doctest counts only there.
inline std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    const std::string answer = work();
    const bool written =
        ::write(ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  char chunk[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], chunk, sizeof chunk)) > 0;) {
    answer.append(chunk, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return answer;
}

// "ok", or the error's message and its advice in English.
template <typename T>
std::string words_of(const Result<T>& result) {
  if (result.has_value()) return "ok";
  return result.error().message + "\n" + result.error().hint.en;
}

}  // namespace rootlet::test
