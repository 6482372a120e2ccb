// The daemon in its own process: it answers requests, shares cycles between clients, and stops on
// SIGTERM.
#include "agent/daemon/daemon.hpp"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/cli/agent_client.hpp"
#include "agent/cycle/worker.hpp"
#include "agent/daemon/notify.hpp"
#include "core/file/descriptor.hpp"
#include "core/format/json_values.hpp"
#include "core/limits.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;
using namespace std::chrono_literals;

namespace {

// As the service manager, waits for the daemon's word.
class RunningDaemon {
 public:
  explicit RunningDaemon(const AgentContext& context) {
    const std::string path = context.home.folder() / "notify";
    const sockaddr_un address = must(socket_address(path));
    const UniqueFd word(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(word.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      set_log_level(LogLevel::kError);
      ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
      ::_exit(run_daemon(context).has_error() ? 1 : 0);
    }
    pollfd ready{.fd = word.get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&ready, 1, 60'000) == 1);
  }
  ~RunningDaemon() {
    if (child_ > 0) end(SIGKILL);
  }
  // The exit code, or -1 for a signal.
  int end(int signal) {
    ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void signal(int number) { ::kill(child_, number); }

 private:
  pid_t child_ = -1;
};

Result<json::object> call(const AgentContext& context, const char* command, json::object args,
                          KeepingSink& sink) {
  return AgentClient(context).call(command, std::move(args), sink);
}

}  // namespace

TEST_CASE("daemon: answers over its socket, keeps others out, and stops within two seconds") {
  OfficeWorld world;
  RunningDaemon daemon(world.context);
  KeepingSink sink;
  CHECK(text_at(must(call(world.context, "status", {}, sink)), "state") == "enrolled");
  const json::object args{{"dataset", "roster"},
                          {"purpose", "verification"},
                          {"limit", 0},
                          {"columns", json::array()},
                          {"where", json::array()}};
  CHECK(integer_at(must(call(world.context, "query", args, sink)), "count") == 3);
  CHECK(sink.kept.size() == 3);
  CHECK(code_of(world.context.home.lock()) == ErrorCode::kBusy);
  CHECK(code_of(call(world.context, "sync", {{"from", ""}, {"now", false}}, sink)) !=
        ErrorCode::kInternal);

  const auto began = std::chrono::steady_clock::now();
  CHECK(daemon.end(SIGTERM) == 0);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  CHECK_FALSE(fs::exists(world.context.settings.socket));
}

TEST_CASE("daemon: one connection serves many requests if it asks for that, else one") {
  OfficeWorld world;
  RunningDaemon daemon(world.context);
  const auto request = [](bool keep, const std::string& key) {
    json::object whole{{"command", "show"},
                       {"args", json::object{{"dataset", "roster"},
                                             {"purpose", "verification"},
                                             {"limit", 0},
                                             {"columns", json::array()},
                                             {"key", key}}}};
    if (keep) whole["keep"] = true;
    return json::serialize(whole);
  };
  LocalConnection kept = must(LocalConnection::connect(world.context.settings.socket));
  for (const std::string key : {"a1", "b2", "zz", "a1"}) {
    must(kept.write_line(request(true, key)));
    std::string last;
    while (!last.starts_with("{\"done\"") && !last.starts_with("{\"error\"")) {
      last = must(kept.read_line(100'000)).value_or("{\"error\" closed");
    }
    CHECK(last.starts_with(key == "zz" ? "{\"error\":{\"code\":\"bad_input\"" : "{\"done\""));
  }
  must(kept.write_line(request(false, "a1")));
  int lines = 0;
  while (must(kept.read_line(100'000)).has_value()) ++lines;
  CHECK(lines == 3);  // head, rows, done; then the daemon hangs up

  LocalConnection wrong = must(LocalConnection::connect(world.context.settings.socket));
  must(wrong.write_line(R"({"command":"status","args":{},"keep":1})"));
  CHECK(must(wrong.read_line(100'000))->find("keep") != std::string::npos);
  // An open connection that waits for its next request does not delay the end.
  LocalConnection idle = must(LocalConnection::connect(world.context.settings.socket));
  must(idle.write_line(request(true, "b2")));
  CHECK(must(idle.read_line(100'000)).has_value());
  const auto began = std::chrono::steady_clock::now();
  CHECK(daemon.end(SIGTERM) == 0);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  // Every look-up is in the ledger, once.
  Office office = world.open();
  Ledger ledger = must(Ledger::open(office.home(), office.keys()));
  must(ledger.verify());
  std::int64_t told = 0;
  for (const LedgerEntry& entry : must(ledger.list(0))) told += entry.use.times;
  CHECK(told == 6);
}

TEST_CASE("daemon: invalid requests are rejected and do no harm") {
  OfficeWorld world;
  RunningDaemon daemon(world.context);
  for (const std::string& line :
       {std::string("not json"), std::string("[]"), std::string("{\"command\":1}"),
        std::string("{\"command\":\"status\",\"args\":{},\"more\":1}"), std::string(200, '['),
        std::string("{\"command\":\"status\",\"args\":{\"x\":\"\xB4\xE5\"}}")}) {
    LocalConnection connection = must(LocalConnection::connect(world.context.settings.socket));
    must(connection.write_line(line));
    const auto answer = must(connection.read_line(100'000));
    REQUIRE(answer.has_value());
    CHECK(answer->starts_with("{\"error\":"));
    CHECK(is_utf8(*answer));
  }
  KeepingSink sink;
  CHECK(call(world.context, "status", {}, sink).has_value());
  CHECK(daemon.end(SIGINT) == 0);
}

TEST_CASE(
    "daemon: a command says that a stopped daemon does not answer, and does not wait for ever") {
  OfficeWorld world;
  RunningDaemon daemon(world.context);
  const AgentClient caller(world.context, 300ms);
  KeepingSink sink;
  daemon.signal(SIGSTOP);
  const Result<json::object> answer = caller.call("status", {}, sink);
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == ErrorCode::kBusy);
  CHECK(answer.error().message.find("stopped") != std::string::npos);
  daemon.signal(SIGCONT);
  CHECK(caller.call("status", {}, sink).has_value());
  CHECK(daemon.end(SIGTERM) == 0);
}

TEST_CASE("daemon: a caller who leaves during a sync gives up the place") {
  class LeavingSink final : public AnswerSink {
   public:
    Status progress(const json::object&) override { return ok(); }
    Status head(const json::object&) override { return ok(); }
    Status rows(const json::array&) override { return ok(); }
    bool is_gone() const override { return true; }
  };
  const TempDir folder;
  FakeClock clock;
  const AgentContext context{
      .home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = ""};
  CycleWorker worker(context);  // not started: no cycle ever ends
  LeavingSink sink;
  CHECK(code_of(worker.sync({}, sink)) == ErrorCode::kUnreachable);
  worker.stop();
}

TEST_CASE("client: without a daemon the command works in its own process") {
  OfficeWorld world;
  KeepingSink sink;
  CHECK(text_at(must(call(world.context, "status", {}, sink)), "state") == "enrolled");
}

TEST_CASE("client: a command does not create a missing home") {
  const TempDir folder;
  FakeClock clock;
  AgentContext context{.home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = ""};
  context.settings.socket = folder / "home/agent.sock";
  KeepingSink sink;
  CHECK(code_of(call(context, "sync", {{"from", ""}, {"now", false}}, sink)) ==
        ErrorCode::kNotEnrolled);
  CHECK_FALSE(fs::exists(folder / "home"));
}

TEST_CASE("worker: waiting threads are answered when it stops") {
  const TempDir folder;
  FakeClock clock;
  const AgentContext context{
      .home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = ""};
  CycleWorker worker(context);
  worker.start();
  KeepingSink sink;
  CHECK(code_of(worker.sync({}, sink)) == ErrorCode::kNotEnrolled);
  CHECK(code_of(worker.sync({.from = "/somewhere"}, sink)) == ErrorCode::kNotEnrolled);
  worker.stop();
  CHECK(code_of(worker.sync({}, sink)) == ErrorCode::kUnreachable);
}

TEST_CASE("cadence: polls keep their interval, failures back off, Retry-After is respected") {
  const Cadence cadence{.poll = 60s};
  CHECK(cadence.wait_after({}, 0, 0.0) == 54s);
  CHECK(cadence.wait_after({}, 0, 0.999) < 66s);
  const Error down = fail(ErrorCode::kUnreachable, "x");
  CHECK(cadence.wait_after(down, 1, 0.999) <= 5s);
  CHECK(cadence.wait_after(down, 20, 0.999) <= 300s);
  CHECK(cadence.wait_after(down, 20, 0.999) > 60s);
  Error busy = down;
  busy.retry_after_seconds = 120;
  CHECK(cadence.wait_after(busy, 1, 0.0) >= 120s);
  busy.retry_after_seconds = 3600;
  CHECK(cadence.wait_after(busy, 1, 0.0) == 3600s);
  CHECK(cadence.wait_after(busy, 1, 0.9) > 3900s);
  CHECK(cadence.wait_at_start(1h, 0.9) == 0s);
  CHECK(cadence.wait_at_start(30s, 0.5) == 30s);
}
