// A person's commands to the program itself, in this process, with what they print.
#pragma once

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

namespace rootlet::test {

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
    must(database.execute("UPDATE streams SET rows=rows+80"));
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

}  // namespace rootlet::test
