// The local socket: bounded lines, a bounded number of clients, a prompt stop.
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "agent/channel/local_socket.hpp"
#include "core/limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace std::chrono_literals;
using rootlet::test::code_of;
using rootlet::test::must;
using rootlet::test::TempDir;

namespace {

// A server whose accept loop runs on its own thread.
class RunningServer {
 public:
  RunningServer(const fs::path& path, SocketServer::Handler handler)
      : server_(must(SocketServer::listen({.path = path, .group = ""}, std::move(handler)))) {
    thread_ = std::thread([this] {
      while (!stop_) {
        pollfd wait{.fd = server_->descriptor(), .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, 20) > 0) server_->accept_one();
      }
    });
  }
  ~RunningServer() {
    stop_ = true;
    thread_.join();
    server_->stop();
  }

 private:
  std::unique_ptr<SocketServer> server_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

void echo(LocalConnection& connection, const Peer&) {
  const auto line = connection.read_line(100);
  if (line.has_error()) {
    static_cast<void>(connection.write_line("refused " + line.error().message));
  } else if (line.value()) {
    static_cast<void>(connection.write_line("echo " + *line.value()));
  }
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) count += entry.exists();
  return count;
}

// As in daemon.cpp, on the test's own thread.
void run_until(SocketServer& server, const std::function<bool()>& done) {
  for (int turn = 0; turn < 500 && !done(); ++turn) {
    pollfd waits[] = {{.fd = server.descriptor(), .events = POLLIN, .revents = 0},
                      {.fd = server.finished_descriptor(), .events = POLLIN, .revents = 0}};
    ::poll(waits, 2, 20);
    if (waits[1].revents != 0) server.reap();
    if (waits[0].revents != 0) server.accept_one();
  }
  CHECK(done());
}

}  // namespace

TEST_CASE("socket: nobody takes all places, and root and the agent's own user have their own") {
  constexpr uid_t kOwn = 990, kFirst = 1000;
  std::vector<uid_t> served(limits::kLocalConnectionsPerUser, kFirst);
  CHECK_FALSE(has_place(kFirst, kOwn, served));
  CHECK(has_place(kFirst + 1, kOwn, served));
  while (served.size() < limits::kLocalConnections) served.push_back(2000 + served.size());
  CHECK_FALSE(has_place(kFirst + 1, kOwn, served));
  CHECK(has_place(0, kOwn, served));
  CHECK(has_place(kOwn, kOwn, served));
  served.insert(served.end(), limits::kLocalConnections, 0);
  CHECK_FALSE(has_place(0, kOwn, served));
  served.erase(served.begin());
  CHECK(has_place(kFirst + 1, kOwn, served));  // root takes no place of theirs
}

TEST_CASE("socket: half a request is waited for only so long, also if it comes byte by byte") {
  const TempDir folder;
  std::atomic<int> late = 0;
  const RunningServer server(folder / "s", [&](LocalConnection& connection, const Peer&) {
    if (connection.read_line(limits::kLocalRequestBytes, 200ms).has_error()) ++late;
  });
  const LocalConnection silent = must(LocalConnection::connect(folder / "s"));
  std::thread dripping([&] {
    LocalConnection slow = must(LocalConnection::connect(folder / "s"));
    while (late < 2 && slow.write("x").has_value()) std::this_thread::yield();
  });
  CHECK(silent.wait_for_input(30s));  // the server has hung up
  dripping.join();
  CHECK(late == 2);
}

TEST_CASE("socket: callers that left give back thread and descriptor, also if nobody new comes") {
  const TempDir folder;
  const auto server = must(SocketServer::listen({.path = folder / "s", .group = ""}, echo));
  const std::size_t before = open_descriptors();
  {
    std::vector<LocalConnection> callers;
    for (int i = 0; i < 10; ++i) callers.push_back(must(LocalConnection::connect(folder / "s")));
    run_until(*server, [&] { return open_descriptors() >= before + 20; });
  }
  run_until(*server, [&] { return open_descriptors() == before; });
  server->stop();
}

TEST_CASE("socket: without a descriptor a caller gets a busy answer, and the next one is served") {
  const TempDir folder;
  const auto server = must(SocketServer::listen({.path = folder / "s", .group = ""}, echo));
  LocalConnection refused = must(LocalConnection::connect(folder / "s"));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const UniqueFd highest(::dup(server->descriptor()));
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(highest.get());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  server->accept_one();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(must(refused.read_line(1000, 10s)).value_or("").find("\"busy\"") != std::string::npos);
  LocalConnection next = must(LocalConnection::connect(folder / "s"));
  server->accept_one();
  must(next.write_line("hello"));
  CHECK(must(next.read_line(1000, 10s)) == "echo hello");
  server->stop();
}

TEST_CASE("socket: a line is echoed, and the kernel identifies the client") {
  const TempDir folder;
  std::string seen;
  {
    const RunningServer server(folder / "s", [&](LocalConnection& connection, const Peer& peer) {
      seen = peer.user;
      echo(connection, peer);
    });
    struct stat info {};
    REQUIRE(::stat((folder / "s").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0666);
    LocalConnection client = must(LocalConnection::connect(folder / "s"));
    must(client.write_line("hello"));
    CHECK(must(client.read_line(100)) == "echo hello");
    CHECK_FALSE(must(client.read_line(100)).has_value());
  }
  CHECK(seen == own_peer().user);
  CHECK_FALSE(fs::exists(folder / "s"));
  CHECK(code_of(LocalConnection::connect(folder / "s")) == ErrorCode::kUnreachable);
}

TEST_CASE("socket: a line above the limit is rejected") {
  const TempDir folder;
  const RunningServer server(folder / "s", echo);
  LocalConnection client = must(LocalConnection::connect(folder / "s"));
  // The server may close before it has read everything; its answer still arrives.
  static_cast<void>(client.write_line(std::string(70'000, 'x')).has_error());
  const auto answer = must(client.read_line(1000));
  REQUIRE(answer.has_value());
  CHECK(answer->starts_with("refused a line"));
}

TEST_CASE("socket: too many clients get a busy answer, and stopping ends all connections") {
  const TempDir folder;
  std::vector<LocalConnection> waiting;
  const auto begin = std::chrono::steady_clock::now();
  {
    const RunningServer server(folder / "s", echo);
    for (int i = 0; i < limits::kLocalConnections; ++i) {
      waiting.push_back(must(LocalConnection::connect(folder / "s")));
    }
    LocalConnection surplus = must(LocalConnection::connect(folder / "s"));
    const auto answer = must(surplus.read_line(1000));
    REQUIRE(answer.has_value());
    CHECK(answer->find("\"busy\"") != std::string::npos);
  }
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("socket: a file left by a dead process is replaced") {
  const TempDir folder;
  must(write_file_atomically(folder / "s", as_bytes("left over")));
  const RunningServer server(folder / "s", echo);
  CHECK(LocalConnection::connect(folder / "s").has_value());
}
