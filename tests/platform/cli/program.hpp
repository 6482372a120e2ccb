// Runs the real program and keeps its output.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/format/json.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

struct Said {
  int exit_code = -1;
  std::string out, err;
  json::value json() const { return must(parse_json(out, "output")); }
};

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A process with its output in files of `folder`, killed by the destructor.
class Program {
 public:
  // `input` is what standard input reads.
  Program(const std::filesystem::path& folder, std::vector<std::string> arguments,
          const std::filesystem::path& input = "/dev/null")
      : out_(folder / "out.txt"), err_(folder / "err.txt") {
    arguments.insert(arguments.begin(), ROOTLET_PLATFORM);
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    std::string language = "LANG=en_US.UTF-8";
    char* environment[] = {language.data(), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, input.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, 2, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(::posix_spawn(&pid_, ROOTLET_PLATFORM, &files, nullptr, words.data(), environment) ==
            0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string out() const { return file_text(out_); }
  void stop() const { ::kill(pid_, SIGTERM); }
  Said wait() {
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_text(out_), file_text(err_)};
  }

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = 0;
};

}  // namespace rootlet::test
