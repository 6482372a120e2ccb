// The daemon's socket: systemd's if it fits the settings, else its own; a refusal says how to get
// access.
#include "agent/channel/listening_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/channel/local_socket.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr int kPassed = 3;  // sd_listen_fds(3)

void bind_socket(int descriptor, const fs::path& path, bool listens) {
  const sockaddr_un address = must(socket_address(path));
  REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  if (listens) REQUIRE(::listen(descriptor, 4) == 0);
}

// What `work` says in a process that systemd started with `socket` and `count` in LISTEN_FDS.
std::string with_passed(const UniqueFd& socket, const char* count,
                        const std::function<std::string()>& work) {
  return in_child([&]() -> std::string {
    if (::dup2(socket.get(), kPassed) != kPassed) return "no descriptor";
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count, 1);
    return work();
  });
}

UniqueFd unix_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

}  // namespace

TEST_CASE("listening socket: systemd's is taken over, and its file stays for the next daemon") {
  const TempDir folder;
  const UniqueFd passed = unix_socket();
  bind_socket(passed.get(), folder / "s", true);
  CHECK(with_passed(passed, "1", [&]() -> std::string {
          auto server = SocketServer::listen({.path = folder / "s", .group = ""},
                                             [](LocalConnection&, const Peer&) {});
          if (server.has_error()) return words_of(server);
          if (!socket_was_passed()) return "not noticed";
          if (server.value()->descriptor() != kPassed) return "another socket";
          server.value()->stop();
          return fs::exists(folder / "s") ? "ok" : "the file is gone";
        }) == "ok");
}

TEST_CASE("listening socket: one that the settings do not describe is refused with the remedy") {
  const TempDir folder;
  const UniqueFd passed = unix_socket();
  bind_socket(passed.get(), folder / "s", true);
  const std::string elsewhere = with_passed(passed, "1", [&] {
    return words_of(open_listening_socket({.path = folder / "other", .group = ""}));
  });
  CHECK(elsewhere.find("ListenStream=" + (folder / "other").string()) != std::string::npos);
  if (is_root()) {
    REQUIRE(::chown((folder / "s").c_str(), 0, 0) == 0);
    const std::string group = with_passed(passed, "1", [&] {
      return words_of(open_listening_socket({.path = folder / "s", .group = "nogroup"}));
    });
    CHECK(group.find("SocketGroup=nogroup") != std::string::npos);
  }
  const std::string two = with_passed(passed, "2", [&] {
    return words_of(open_listening_socket({.path = folder / "s", .group = ""}));
  });
  CHECK(two.find("2 sockets") != std::string::npos);
}

TEST_CASE("listening socket: something that does not listen is refused") {
  const TempDir folder;
  const UniqueFd passed = unix_socket();
  bind_socket(passed.get(), folder / "s", false);
  CHECK(with_passed(passed, "1", [&] {
          return words_of(open_listening_socket({.path = folder / "s", .group = ""}));
        }).find("else than a listening local socket") != std::string::npos);
}

TEST_CASE("listening socket: what was passed to another process is left alone") {
  const TempDir folder;
  CHECK(in_child([&] {
          ::setenv("LISTEN_PID", "1", 1);
          ::setenv("LISTEN_FDS", "1", 1);
          return words_of(open_listening_socket({.path = folder / "s", .group = ""}));
        }) == "ok");
  CHECK(fs::exists(folder / "s"));
}

TEST_CASE(
    "listening socket: a group that is missing or closed to the daemon is said with a remedy") {
  const TempDir folder;
  const auto missing = open_listening_socket({.path = folder / "s", .group = "no-such-group"});
  CHECK(code_of(missing) == ErrorCode::kUsage);
  CHECK(missing.error().hint.en.find("groupadd no-such-group") != std::string::npos);
  CHECK_FALSE(missing.error().hint.zh.empty());
  if (!is_root()) return;
  REQUIRE(::chown(folder.path().c_str(), kOtherUser, kOtherUser) == 0);
  const std::string closed = in_child([&]() -> std::string {
    const Status acted = act_as_owner_of(folder.path());
    if (acted.has_error()) return words_of(acted);
    return words_of(open_listening_socket({.path = folder / "s", .group = "daemon"}));
  });
  CHECK(closed.find("usermod -aG daemon nobody") != std::string::npos);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("local socket: a user outside the group hears which command gives access") {
  if (!is_root()) return;
  const TempDir folder;
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  const ListeningSocket socket =
      must(open_listening_socket({.path = folder / "s", .group = "daemon"}));
  const auto refusal = [&] {
    return in_child([&]() -> std::string {
      if (::setuid(kOtherUser) != 0) return "no setuid";
      const auto reached = LocalConnection::connect(folder / "s");
      return reached.has_error()
                 ? std::string(name_of(reached.error().code)) + " " + words_of(reached)
                 : "connected";
    });
  };
  const std::string outside = refusal();
  CHECK(outside.starts_with("no_access "));
  CHECK(outside.find("sudo usermod -aG daemon nobody") != std::string::npos);
  REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
  CHECK(refusal().find("as root or as the owner") != std::string::npos);
}
