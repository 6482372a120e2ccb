// The local socket: bounded lines, a bounded number of clients, a prompt stop.
#include <poll.h>
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

}  // namespace

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
    CHECK((info.st_mode & 0777) == 0660);
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
