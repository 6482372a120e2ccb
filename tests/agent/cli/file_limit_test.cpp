// A file that a person asked for is whole, or a warning says that it was cut.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "agent/cli/cli.hpp"
#include "agent/time/trusted_clock.hpp"
#include "config/cli/run_program.hpp"
#include "core/file/file.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// What a command writes to a descriptor goes to a file instead.
class Redirected {
 public:
  Redirected(int descriptor, const fs::path& path)
      : descriptor_(descriptor), kept_(::dup(descriptor)), path_(path) {
    std::fflush(nullptr);
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    REQUIRE(::dup2(file.get(), descriptor_) == descriptor_);
  }
  ~Redirected() { end(); }
  std::string text() {
    end();
    return must(read_text_file(path_, 1 << 26));
  }

 private:
  void end() {
    if (kept_ < 0) return;
    std::fflush(nullptr);
    ::dup2(kept_, descriptor_);
    ::close(kept_);
    kept_ = -1;
  }
  int descriptor_, kept_;
  fs::path path_;
};

struct Answer {
  int exit_code = 0;
  std::string out, err;
};

// An office with 83 rows, as the program itself opens it: by the machine's own clock.
struct Terminal {
  Terminal() {
    const UnixTime now = std::max(world.clock.wall(), system_clock().wall());
    world.clock.set_wall(now);
    world.give_grant(2, "full");
    world.hear_platform();
    Office office = world.open();
    const SymmetricKey key = must(office.keys().file_key(dataset_key_name("roster")));
    Database database = must(Database::open(office.home().dataset("roster"), key));
    must(database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i<89)"
        " INSERT INTO rows_1(row_id, id, name) SELECT (slot<<31)|i, 'x'||i, 'n' FROM n, streams"));
  }

  Answer run(std::vector<std::string> words, const char* language = "en_US.UTF-8") {
    ::setenv("LC_ALL", language, 1);
    words.insert(words.begin(), {"--home", world.context.home.folder().string(), "--socket",
                                 (world.context.home.folder() / "none.sock").string()});
    Redirected out(1, world.folder / "out.txt"), err(2, world.folder / "err.txt");
    Answer answer;
    answer.exit_code = run_program(agent_program(), words);
    answer.err = err.text();
    answer.out = out.text();
    return answer;
  }
  Answer query(std::vector<std::string> more, const char* language = "en_US.UTF-8") {
    std::vector<std::string> words{"query", "roster", "--purpose", "verification"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, language);
  }

  OfficeWorld world;
};

std::ptrdiff_t lines_of(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("files: CSV and JSON Lines have all rows unless a limit is given") {
  Terminal terminal;
  const Answer csv = terminal.query({"--format", "csv"});
  CHECK(csv.exit_code == 0);
  CHECK(lines_of(csv.out) == 84);  // and the names of the columns
  CHECK(csv.err.find("warning") == std::string::npos);
  CHECK(lines_of(terminal.query({"--format", "jsonl"}).out) == 83);
}

TEST_CASE("files: a limit that cuts a file is warned of on standard error, in both languages") {
  Terminal terminal;
  for (const char* form : {"csv", "jsonl"}) {
    const Answer english = terminal.query({"--format", form, "--limit", "20"});
    CHECK(english.exit_code == 0);
    CHECK(english.err.find("warning") != std::string::npos);
    CHECK(english.err.find("20") != std::string::npos);
    CHECK(english.out.find("warning") == std::string::npos);
    const Answer chinese = terminal.query({"--format", form, "--limit", "20"}, "zh_CN.UTF-8");
    CHECK(chinese.err.find("警告") != std::string::npos);
    CHECK(terminal.query({"--format", form, "--limit", "83"}).err.find("warning") ==
          std::string::npos);
  }
}

TEST_CASE("tables: 50 rows, and the words that there are more; JSON says truncated") {
  Terminal terminal;
  const Answer table = terminal.query({});
  CHECK(table.out.find("50 of more rows") != std::string::npos);
  CHECK(table.out.find("--limit") != std::string::npos);
  const json::value cut = must(parse_json(terminal.query({"--json"}).out, "answer"));
  CHECK(cut.as_object().at("truncated").as_bool());
  CHECK(integer_at(cut.as_object(), "count") == 50);
  const json::value whole =
      must(parse_json(terminal.query({"--json", "--limit", "0"}).out, "answer"));
  CHECK_FALSE(whole.as_object().at("truncated").as_bool());
}

TEST_CASE("search: a limit that ends before the last dataset says that there may be more") {
  Terminal terminal;
  const Answer found = terminal.run({"search", "x", "--purpose", "verification", "--limit", "5"});
  CHECK(found.out.find("5 of more rows") != std::string::npos);
}
