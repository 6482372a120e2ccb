// Files and words given to `rootlet` before there is an office: read, or named in one sentence.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "agent/cli/cli.hpp"
#include "config/cli/run_program.hpp"
#include "core/format/json.hpp"
#include "core/unicode/visible_text.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace std::string_literals;
using test::must;
using test::TempDir;

namespace {

struct Ran {
  int code = 0;
  std::string out, err;
};

class Person {
 public:
  std::string file(const std::string& name, std::string_view bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return (folder_ / name).string();
  }
  // The agent's command line, with its output in files.
  Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", (folder_ / "home").string()});
    Ran ran;
    const int out = redirect(stdout, "out"), err = redirect(stderr, "err");
    ran.code = run_program(agent::agent_program(), words);
    restore(stdout, out);
    restore(stderr, err);
    ran.out = text("out");
    ran.err = text("err");
    return ran;
  }

 private:
  int redirect(FILE* stream, const std::string& name) {
    std::fflush(stream);
    const int before = ::dup(::fileno(stream));
    const int file = ::open((folder_ / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(::dup2(file, ::fileno(stream)) >= 0);
    ::close(file);
    return before;
  }
  static void restore(FILE* stream, int before) {
    std::fflush(stream);
    ::dup2(before, ::fileno(stream));
    ::close(before);
  }
  std::string text(const std::string& name) {
    std::ostringstream all;
    all << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return all.str();
  }
  TempDir folder_;
};

bool is_clean(std::string text) {
  std::erase(text, '\n');
  return visible_text(text) == text;
}

}  // namespace

TEST_CASE("rootlet: a word that is not UTF-8 is refused by every command that takes words") {
  Person person;
  const std::string bytes = "x\xB4\xE5";
  for (std::vector<std::string> words :
       {std::vector<std::string>{"query", bytes, "--purpose", "look"},
        {"query", "villages", "--purpose", bytes},
        {"show", "villages", bytes, "--purpose", "look"},
        {"search", bytes, "--purpose", "look"},
        {"outbox", "show", bytes},
        {"trust", "--metadata-dir", bytes, "refresh"}}) {
    CHECK(person.run(words).code == 2);
    words.push_back("--json");
    const Ran ran = person.run(words);
    CHECK(ran.code == 2);
    CHECK(is_clean(ran.err));
    CHECK(must(parse_json(ran.out, "output")).at("error").at("code") == "usage");
  }
}

TEST_CASE("rootlet: an invitation and a record are text, or are named for what they are") {
  Person person;
  for (const std::string& bytes : {"PK\x03\x04 xl/workbook.xml"s, "%PDF-1.4"s, "{\0}"s,
                                   "\xCD\xF5\xD0\xA1\xC3\xF7"s, "{\"a\": \x1B}"s}) {
    const std::string given = person.file("given", bytes);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"enroll", given}, {"submit", "visit", given}}) {
      const Ran ran = person.run(words);
      CHECK(ran.code == 8);
      CHECK(is_clean(ran.err));
      CHECK(ran.err.find("given: ") != std::string::npos);
    }
  }
  // A good record of a Windows editor gets as far as the missing home.
  const Ran read = person.run({"submit", "visit", person.file("r", "\xEF\xBB\xBF{\"a\": 1}\r\n")});
  CHECK(read.code == 7);
}

TEST_CASE("rootlet: check-config reads a settings file of any editor, or names file and line") {
  Person person;
  const auto checked = [&](const std::string& bytes) {
    return person.run({"--config", person.file("rootlet.conf", bytes), "check-config"});
  };
  CHECK(checked("\xEF\xBB\xBFpoll = 5s   # every five\r\nlog_level = info ; loud\r\n").code == 0);
  const Ran wide = checked(
      "\xFF\xFEp\0o\0l\0l\0=\0"
      "5\0s\0\r\0\n\0"s);
  CHECK(wide.code == 0);
  CHECK((wide.out + wide.err).find("UTF-16") != std::string::npos);
  for (const std::string& bytes :
       {"# \xC2\xD6\xD1\xAF\npoll = 5s\n"s, "poll = 5s\nx\0y\n"s, "po\x1Bll = 5s\n"s,
        "p\0o\0l\0l\0=\0"
        "5\0s\0\n\0"s}) {
    const Ran ran = checked(bytes);
    CHECK(ran.code == 2);
    CHECK(is_clean(ran.out));
    CHECK(is_clean(ran.err));
    CHECK((ran.out + ran.err).find("rootlet.conf") != std::string::npos);
  }
}
