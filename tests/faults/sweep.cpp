#include "tests/faults/sweep.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

namespace rootlet::test {
namespace {

namespace fs = std::filesystem;

constexpr int kSucceeded = 10, kRefused = 11, kMissedSucceeded = 12, kMissedRefused = 13;

void replace_folder(const fs::path& folder, const fs::path& with) {
  fs::remove_all(folder);
  fs::create_directories(folder.parent_path());
  fs::copy(with, folder, fs::copy_options::recursive);
}

class SweepRunner {
 public:
  explicit SweepRunner(const Sweep& sweep) : sweep_(sweep), store_(sweep.folder.parent_path()) {
    sweep_.close();
    fs::copy(sweep.folder, start(), fs::copy_options::recursive);
  }

  std::uint64_t count_calls() { return run(FaultPlan{.at = 0}).at; }

  // Returns false if the operation ended before its turn.
  bool try_one(Fault fault, std::uint64_t at, std::uint64_t seed) {
    const FaultyRun done = run({.fault = fault, .at = at, .seed = seed});
    const std::string text =
        sweep_.name + ", " + std::string(name_of(fault)) + " at call " + std::to_string(at);
    CAPTURE(text);
    ++runs_[fault];
    if (done.was_hit && done.succeeded) ++survived_[fault];
    sweep_.check(done);
    sweep_.close();
    return done.was_hit;
  }

  void print(std::uint64_t calls) const {
    std::string text = sweep_.name + ": " + std::to_string(calls) + " calls;";
    for (const auto& [fault, runs] : runs_) {
      const auto survived = survived_.find(fault);
      text += " " + std::string(name_of(fault)) + " " + std::to_string(runs);
      if (survived != survived_.end())
        text += " (" + std::to_string(survived->second) + " done all the same)";
      text += ",";
    }
    text.back() = ' ';
    MESSAGE(text);
  }

 private:
  fs::path start() const { return store_ / "start"; }
  fs::path image() const { return store_ / "image"; }

  FaultyRun run(FaultPlan plan) {
    replace_folder(sweep_.folder, start());
    fs::remove_all(image());
    plan.below = sweep_.disk;
    plan.image = image();
    int pipes[2];
    REQUIRE(::pipe2(pipes, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) be_child(plan, pipes[1]);
    ::close(pipes[1]);
    FaultyRun done{.fault = plan.fault, .at = plan.at, .acknowledgements = read_all(pipes[0])};
    ::close(pipes[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE_MESSAGE(WIFEXITED(status),
                    sweep_.name << " died at call " << plan.at << " under " << name_of(plan.fault));
    judge(done, WEXITSTATUS(status));
    return done;
  }

  void judge(FaultyRun& done, int status) {
    // The child's last line is the number of calls.
    const std::size_t line = done.acknowledgements.rfind('#');
    if (line != std::string::npos) {
      if (done.at == 0) done.at = std::stoull(done.acknowledgements.substr(line + 1));
      done.acknowledgements.resize(line);
    }
    if (status == kPowerOffExit) {
      done.was_hit = true;
      replace_folder(sweep_.disk, image());
      return;
    }
    REQUIRE(status >= kSucceeded);
    REQUIRE(status <= kMissedRefused);
    done.was_hit = status == kSucceeded || status == kRefused;
    done.succeeded = status == kSucceeded || status == kMissedSucceeded;
    if (!done.was_hit) CHECK(done.succeeded);  // without a fault the operation must work
  }

  [[noreturn]] void be_child(const FaultPlan& plan, int pipe) {
    // Failed checks of a child are no failures of the test; its status is what counts.
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    bool succeeded = false;
    break_disk(plan);
    try {
      succeeded = sweep_
                      .run([pipe](std::string_view text) {
                        static_cast<void>(!::write(pipe, text.data(), text.size()));
                      })
                      .has_value();
    } catch (...) {  // a helper of the tests met an error
    }
    const std::uint64_t calls = calls_counted();
    repair_disk();
    const std::string last = "#" + std::to_string(calls);
    static_cast<void>(!::write(pipe, last.data(), last.size()));
    const bool missed = plan.at == 0 || calls < plan.at;
    ::_exit(missed ? (succeeded ? kMissedSucceeded : kMissedRefused)
                   : (succeeded ? kSucceeded : kRefused));
  }

  static std::string read_all(int pipe) {
    std::string text;
    char chunk[512];
    for (ssize_t count = 0; (count = ::read(pipe, chunk, sizeof chunk)) > 0;) {
      text.append(chunk, static_cast<std::size_t>(count));
    }
    return text;
  }

  const Sweep& sweep_;
  TempDir store_;
  std::map<Fault, int> runs_, survived_;
};

}  // namespace

void run_sweep(const Sweep& sweep, std::size_t short_runs) {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  SweepRunner runner(sweep);
  const std::uint64_t calls = runner.count_calls();
  REQUIRE(calls > 0);
  if (std::getenv("ROOTLET_LONG") != nullptr) {
    for (const Fault fault : kFaults) {
      for (std::uint64_t at = 1; runner.try_one(fault, at, random()); ++at) continue;
    }
  } else {
    for (std::size_t i = 0; i < short_runs; ++i) {
      runner.try_one(kFaults[i % std::size(kFaults)], 1 + random() % calls, random());
    }
  }
  runner.print(calls);
}

}  // namespace rootlet::test
