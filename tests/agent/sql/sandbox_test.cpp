// The sandbox is really there: calls fail in a process that has entered it, and in the process that
// runs a statement the kernel says so.
#include "agent/sql/child/sandbox.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "agent/sql/sql_process.hpp"
#include "tests/agent/sql/sql_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// 0 or errno.
int failed(long result) {
  return result < 0 ? errno : 0;
}

// What happens to calls in a process that has entered the sandbox: for each the error, as a text.
std::string calls_in_sandbox(int writable, int readable) {
  if (enter_sandbox({.more_memory_bytes = 32 << 20,
                     .processor_time = std::chrono::seconds(5),
                     .writable = writable})
          .has_error()) {
    return "no sandbox";
  }
  std::string out;
  const auto note = [&](const char* name, int error) {
    out += std::string(name) + "=" + (error == EPERM ? "EPERM" : std::to_string(error)) + "\n";
  };
  char byte = 0;
  note("open", failed(::open("/etc/passwd", O_RDONLY)));
  note("openat", failed(::syscall(SYS_openat, AT_FDCWD, "/tmp/x", O_CREAT | O_WRONLY, 0600)));
  note("socket", failed(::socket(AF_INET, SOCK_STREAM, 0)));
  note("unix socket", failed(::socket(AF_UNIX, SOCK_STREAM, 0)));
  char* const words[] = {nullptr};
  note("execve", failed(::execve("/bin/true", words, words)));
  note("fork", failed(::fork()));
  note("kill", failed(::kill(::getppid(), 0)));
  note("ptrace", failed(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)));
  note("unlink", failed(::unlink("/tmp/nothing-there")));
  note("mkdir", failed(::mkdir("/tmp/nothing-there", 0700)));
  note("rename", failed(::rename("/tmp/a-nothing", "/tmp/b-nothing")));
  struct stat info {};
  note("stat", failed(::stat("/etc/passwd", &info)));
  note("pipe", failed(::syscall(SYS_pipe2, nullptr, 0)));
  note("dup", failed(::dup(readable)));
  note("ioctl", failed(::syscall(SYS_ioctl, readable, 0x5401, nullptr)));
  note("setuid", failed(::setuid(0)));
  note("write elsewhere", failed(::write(readable, "x", 1)));
  note("executable memory", ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
                                ? errno
                                : 0);
  void* const page =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  note("memory", page == MAP_FAILED ? errno : 0);
  note("make executable", failed(::mprotect(page, 4096, PROT_READ | PROT_EXEC)));
  const void* const much =
      ::mmap(nullptr, 256 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  note("too much memory", much == MAP_FAILED ? errno : 0);
  note("read", failed(::pread(readable, &byte, 1, 0)));
  return out;
}

// Runs it in a child; its answer comes through the one descriptor that may be written.
std::string in_sandbox(int readable) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string answer = calls_in_sandbox(ends[1], readable);
    ::_exit(::write(ends[1], answer.data(), answer.size()) > 0 ? 0 : 1);
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
  CHECK(status == 0);
  return answer;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "/proc/PID" of a child of this process; "" if there is none.
std::string folder_of_child() {
  const std::string line = "PPid:\t" + std::to_string(::getpid()) + "\n";
  for (const auto& one : fs::directory_iterator("/proc")) {
    const std::string name = one.path().filename().string();
    const bool is_process = name.find_first_not_of("0123456789") == name.npos;
    if (is_process && file_text(one.path().string() + "/status").find(line) != std::string::npos) {
      return one.path().string();
    }
  }
  return "";
}

}  // namespace

TEST_CASE("sandbox: files, sockets, processes and executable memory are gone; reading goes on") {
  TempDir folder;
  std::ofstream(folder / "data") << "x";
  const UniqueFd file(::open((folder / "data").c_str(), O_RDWR));
  CHECK(
      in_sandbox(file.get()) ==
      "open=EPERM\nopenat=EPERM\nsocket=EPERM\nunix socket=EPERM\nexecve=EPERM\nfork=EPERM\n"
      "kill=EPERM\nptrace=EPERM\nunlink=EPERM\nmkdir=EPERM\nrename=EPERM\nstat=EPERM\npipe=EPERM\n"
      "dup=EPERM\nioctl=EPERM\nsetuid=EPERM\nwrite elsewhere=EPERM\nexecutable memory=EPERM\n"
      "memory=0\nmake executable=EPERM\ntoo much memory=12\nread=0\n");
}

TEST_CASE("sandbox: the process of a statement is in it, and has none of the agent's files") {
  const SqlJob job{.sql =
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) "
                       "SELECT max(i) FROM n",
                   .parameters = {},
                   .tables = {},
                   .rows = 1,
                   .answer_bytes = 1,
                   .processor_time = std::chrono::seconds(5),
                   .memory_bytes = 32 << 20};
  const UniqueFd ours(::open("/etc/passwd", O_RDONLY));  // inherited, as nothing closes it on exec
  SqlProcess process = must(SqlProcess::start(ROOTLET_PROGRAM, job));
  SqlFrame frame;
  std::chrono::milliseconds time(5'000);
  REQUIRE(process.next(frame, time, [] { return false; }) == SqlProcess::Outcome::kFrame);
  REQUIRE(frame.kind == FrameKind::kPrepared);
  const std::string child = folder_of_child();
  REQUIRE(!child.empty());
  const std::string status = file_text(child + "/status");
  CHECK(status.find("Seccomp:\t2") != status.npos);
  CHECK(status.find("NoNewPrivs:\t1") != status.npos);
  CHECK(file_text(child + "/cmdline") == std::string("rootlet\0sql-process\0", 20));
  CHECK(file_text(child + "/environ").empty());
  std::error_code code;
  std::size_t descriptors = 0;
  for (const auto& one : fs::directory_iterator(child + "/fd", code)) {
    static_cast<void>(one);
    ++descriptors;
  }
  if (!code) CHECK(descriptors == 3);  // the socket and twice /dev/null: no table, no file
}

TEST_CASE("sandbox: the process of a statement over its time is gone afterwards") {
  SqlWorld sql;
  sql.options.time = std::chrono::milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  const Error error = sql.failure(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n");
  CHECK(error.message.find("stopped") != error.message.npos);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK(::waitpid(-1, nullptr, WNOHANG) < 0);  // no child is left, not even a dead one
}
