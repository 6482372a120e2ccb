// One command line from its words to its output and exit code, on a small program.
#include "config/cli/run_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/format/json.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::must;
using rootlet::test::TempDir;

namespace {

Result<int> say(const CommandInput& input) {
  input.output.note("a note");
  ROOTLET_TRY(input.output.report(json::object{{"key", input.arguments.value("KEY")}},
                                  "key " + input.arguments.value("KEY") + "\n"));
  return 0;
}

Result<int> say_words(const CommandInput& input) {
  std::string text;
  for (const std::string& word : input.arguments.positionals()) text += word + "|";
  ROOTLET_TRY(input.output.print(text));
  return 1;
}

Result<int> refuse(const CommandInput&) {
  return bad_input("line 3 is wrong", "line 3, column code", {.en = "a code", .zh = "代码"});
}

Program small_program() {
  return {.name = "small",
          .summary = {.en = "A program.", .zh = "程序。"},
          .options = {{.name = "home",
                       .value_name = "DIR",
                       .help = {.en = "its folder", .zh = "目录"}}},
          .commands = {{.name = "show",
                        .summary = {.en = "Show a key", .zh = "查看"},
                        .example = {.en = "small show 1"},
                        .positionals = {{.name = "KEY"}},
                        .run = say},
                       {.name = "box list",
                        .summary = {.en = "Show the box", .zh = "列出"},
                        .options = {{.name = "state", .value_name = "S"}},
                        .is_default = true,
                        .run = say},
                       {.name = "box fix", .positionals = {{.name = "KEY"}}, .run = refuse},
                       {.name = "set add", .positionals = {{.name = "KEY"}}, .run = say},
                       {.name = "box deep put", .positionals = {{.name = "KEY"}}, .run = say},
                       {.name = "own",
                        .options = {{.name = "url", .value_name = "U"}},
                        .has_json = false,
                        .own_usage = {"own --url U verb"},
                        .run = say_words}}};
}

// Standard output or error, in a file while it lives.
class Captured {
 public:
  Captured(FILE* stream, const std::filesystem::path& path)
      : stream_(stream), path_(path), kept_(::dup(::fileno(stream))) {
    std::fflush(stream_);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(::dup2(file, ::fileno(stream_)) >= 0);
    ::close(file);
  }
  ~Captured() {
    std::fflush(stream_);
    ::dup2(kept_, ::fileno(stream_));
    ::close(kept_);
  }

 private:
  FILE* stream_;
  std::filesystem::path path_;
  int kept_;
};

struct Ran {
  int code = 0;
  std::string out, err;
  json::value json() const { return must(parse_json(out, "output")); }
};

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Ran run(std::vector<std::string> words, const char* language = "en_US.UTF-8") {
  const TempDir folder;
  ::setenv("LC_ALL", language, 1);
  Ran ran;
  {
    const Captured out(stdout, folder / "out"), err(stderr, folder / "err");
    ran.code = run_program(small_program(), words);
  }
  ::unsetenv("LC_ALL");
  ran.out = text_of(folder / "out");
  ran.err = text_of(folder / "err");
  return ran;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("program: a command runs with options before and after its name") {
  const Ran ran = run({"--home", "show", "show", "7"});  // the first "show" is --home's value
  CHECK(ran.code == 0);
  CHECK(ran.out == "key 7\n");
  CHECK(ran.err == "a note\n");
  CHECK(run({"show", "7", "--json"}).json().at("key") == "7");
  CHECK(run({"--json", "show", "7"}).json().at("key") == "7");
}

TEST_CASE("program: an argument that is not UTF-8 is refused by its number, without its bytes") {
  const std::string bytes = "x\xB4\xE5";
  const auto refused = [](const std::vector<std::string>& words, std::string_view which) {
    const Ran ran = run(words);
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, which));
    CHECK(is_utf8(ran.err));
    CHECK_FALSE(contains(ran.err, "\\x{"));
  };
  refused({"show", bytes}, "argument 2 (after show) is not UTF-8");
  refused({bytes}, "argument 1 is not UTF-8");
  refused({"show", "7", "--home", bytes}, "argument 4 (after --home) is not UTF-8");
  refused({"show", "7", "--home=" + bytes}, "argument 3 (--home) is not UTF-8");
  refused({"own", "--url", "u", bytes}, "argument 4");
  refused({"help", bytes}, "argument 2");
  const Ran ran = run({"show", bytes, "--json"});
  CHECK(ran.json().at("error").at("code") == "usage");
  CHECK(ran.json().at("error").at("field") == "argument 2");
}

TEST_CASE("program: --quiet silences notes, not errors") {
  CHECK(run({"show", "7", "--quiet"}).err.empty());
  const Ran refused = run({"--quiet", "box", "fix", "1"});
  CHECK(refused.code == 8);
  CHECK(contains(refused.err, "line 3 is wrong"));
}

TEST_CASE("program: a command of two words, its group alone, and options between the two") {
  CHECK(run({"set", "add", "7"}).out == "key 7\n");
  CHECK(run({"set", "--home", "x", "add", "7"}).out == "key 7\n");
  CHECK(run({"box"}).out == "key \n");  // its default
  CHECK(run({"box", "deep", "--home", "x", "put", "7"}).out == "key 7\n");
  CHECK(contains(run({"box", "deep"}).err, "box deep put"));
  CHECK(contains(run({"box", "deep", "putt"}).err, "Did you mean box deep put?"));
  CHECK(run({"box", "--state", "list", "list"}).out == "key \n");
  const Ran alone = run({"set"});  // has no default
  CHECK(alone.code == 2);
  CHECK(alone.out.empty());
  CHECK(contains(alone.err, "set add"));
  CHECK(run({}).code == 2);
}

TEST_CASE("program: a misspelt command or option is answered with the nearest one") {
  const Ran command = run({"shwo", "7"});
  CHECK(command.code == 2);
  CHECK(contains(command.err, "small: there is no command \"shwo\""));
  CHECK(contains(command.err, "Did you mean show?"));
  CHECK(contains(run({"set", "ad", "7"}).err, "Did you mean set add?"));
  CHECK(contains(run({"sett", "add"}).err, "Did you mean set?"));
  CHECK(contains(run({"show", "7", "--jsno"}).err, "Did you mean --json?"));
  CHECK(contains(run({"shwo"}, "zh_CN.UTF-8").err, "show 吗？"));
  CHECK_FALSE(contains(run({"quite-different"}).err, "Did you mean"));
}

TEST_CASE("program: help of the program, a group and a command, in the language of LANG") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--help"}, {"help"}, {"-h"}}) {
    const Ran ran = run(words);
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(contains(ran.out, "Usage: small [OPTIONS] COMMAND"));
    CHECK(contains(ran.out, "Show a key"));
    CHECK(contains(ran.out, "8 bad input"));
  }
  CHECK(contains(run({"--help"}, "zh_CN.UTF-8").out, "用法：small"));
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"box", "--help"}, {"help", "box"}, {"--help", "box"}}) {
    const Ran ran = run(words);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "box fix"));
    CHECK_FALSE(contains(ran.out, "set add"));
  }
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"show", "--help"}, {"help", "show"}, {"--help", "show"}}) {
    CHECK(contains(run(words).out, "Usage: small show KEY [OPTIONS]"));
  }
  CHECK(contains(run({"show", "-h"}, "zh_CN.UTF-8").out, "查看"));
  CHECK(run({"help", "shwo"}).code == 2);
  CHECK(run({"--version"}).out.starts_with("small "));
}

TEST_CASE("program: errors have one form, with --json also as an object") {
  const Ran ran = run({"box", "fix", "1", "--json"});
  CHECK(ran.code == 8);
  const json::value error = ran.json().at("error");
  CHECK(error.at("code") == "bad_input");
  CHECK(error.at("message") == "line 3 is wrong");
  CHECK(error.at("field") == "line 3, column code");
  CHECK(error.at("hint").at("zh") == "代码");
  CHECK(error.at("exit_code") == 8);
  CHECK(contains(ran.err, "small: line 3 is wrong (line 3, column code)\n  a code\n"));
  CHECK_FALSE(contains(ran.err, "\033"));  // no colour in a file
  CHECK(run({"shwo", "--json"}).json().at("error").at("code") == "usage");
}

TEST_CASE("program: a command with its own grammar receives its words unread") {
  const Ran ran = run({"--home", "x", "own", "--url", "u", "verb", "--other"});
  CHECK(ran.code == 1);
  CHECK(ran.out == "--url|u|verb|--other|");
  CHECK(contains(run({"own", "--help"}).out, "Usage: small own --url U verb"));
}
