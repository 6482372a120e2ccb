// The command `rootlet sql` of the real program, without a daemon and with one.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "agent/channel/local_socket.hpp"
#include "core/file/file.hpp"
#include "tests/agent/sql/sql_world.hpp"
#include "tests/support/eventually.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

struct Answer {
  int exit_code = 0;
  std::string text;  // both streams
};

// The home as the program opens it: by the machine's own clock.
struct Machine {
  Machine() {
    sql.world.clock.set_wall(std::max(sql.world.clock.wall(), system_clock().wall()));
    sql.give_grants({});
    sql.world.hear_platform();
  }
  std::string command(const std::string& words) const {
    const fs::path home = sql.world.context.home.folder();
    return std::string("LC_ALL=en_US.UTF-8 '") + ROOTLET_PROGRAM + "' --home '" + home.string() +
           "' --socket '" + socket().string() + "' " + words;
  }
  fs::path socket() const { return sql.world.folder / "a.sock"; }
  Answer run(const std::string& words) const {
    std::FILE* const pipe = ::popen((command(words) + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Answer answer;
    char chunk[4096];
    while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, pipe)) {
      answer.text.append(chunk, count);
    }
    answer.exit_code = WEXITSTATUS(::pclose(pipe));
    return answer;
  }
  SqlWorld sql;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("sql command: a statement, parameters, files, and saved queries") {
  Machine machine;
  const std::string purpose = " --purpose verification";
  const Answer csv =
      machine.run("sql 'SELECT code, village FROM villages' --format csv --bom" + purpose);
  CHECK(csv.exit_code == 0);
  CHECK(
      csv.text.starts_with("\xEF\xBB\xBF"
                           "code,village\n330402001001,"));
  CHECK(contains(csv.text, "330402001002,\"'=1+1\"\n"));
  CHECK(contains(csv.text, "apostrophe"));
  const Answer one = machine.run(
      "sql 'SELECT id FROM roster WHERE members > :m AND name = :n' "
      "--param m:=2.5 --param n=王小明 --format jsonl" +
      purpose);
  CHECK(one.text == "{\"id\":\"a1\"}\n");
  const fs::path book = machine.sql.world.folder / "book.xlsx";
  CHECK(machine
            .run("sql 'SELECT * FROM roster' --format xlsx --out '" + book.string() + "'" + purpose)
            .exit_code == 0);
  CHECK(must(read_file(book, 1 << 20)).size() > 4'000);
  CHECK(machine.run("sql 'SELECT * FROM roster' --format xlsx" + purpose).exit_code == 2);
  CHECK(contains(machine.run("sql --schema" + purpose).text, "villages"));
  CHECK(machine.run("sql 'SELECT count(*) AS n FROM roster' --save people" + purpose).exit_code ==
        0);
  CHECK(contains(machine.run("sql --run people --format csv").text, "n\n3\n"));
  CHECK(contains(machine.run("sql --saved").text, "people"));
  CHECK(machine.run("sql --forget people").exit_code == 0);
  CHECK(machine.run("sql --run people").exit_code == 8);
  CHECK(machine.run("sql 'SELECT 1'").exit_code == 2);
  CHECK(contains(machine.run("sql 'SELECT nam FROM roster'" + purpose).text, "Did you mean name?"));
  CHECK(contains(machine.run("sql - " + purpose + " </dev/null").text, "no statement"));
}

TEST_CASE("sql command: the daemon lives on after statements that are denied or stopped") {
  Machine machine;
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    const std::string home = machine.sql.world.context.home.folder().string();
    ::execl(ROOTLET_PROGRAM, "rootlet", "--home", home.c_str(), "--socket",
            machine.socket().c_str(), "--log-level", "error", "run", nullptr);
    ::_exit(127);
  }
  CHECK(eventually([&] { return LocalConnection::connect(machine.socket()).has_value(); }));
  const std::string purpose = " --purpose verification";
  CHECK(machine.run("sql \"ATTACH '/tmp/x' AS x\"" + purpose).exit_code == 5);
  CHECK(machine.run("sql 'SELECT * FROM wages'" + purpose).exit_code == 5);
  CHECK(machine
            .run("sql \"WITH RECURSIVE s(x) AS (SELECT 'a' UNION ALL SELECT x||x FROM s) SELECT "
                 "length(x) FROM s\"" +
                 purpose)
            .exit_code == 8);
  const Answer alive = machine.run("sql 'SELECT count(*) AS n FROM roster' --format csv" + purpose);
  CHECK(contains(alive.text, "n\n3\n"));
  CHECK(::kill(daemon, SIGTERM) == 0);
  int status = 0;
  CHECK(::waitpid(daemon, &status, 0) == daemon);
  CHECK(WIFEXITED(status));
}
