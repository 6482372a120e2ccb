// Every way by which text leaves a program: no data steers the terminal, forges a line of a log or
// spoils JSON. The real functions write to files in place of standard output and error.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>

#include "config/output/cli_output.hpp"
#include "config/output/progress_bar.hpp"
#include "config/output/text_table.hpp"
#include "core/log.hpp"
#include "core/unicode/visible_text.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using test::must;
using test::TempDir;

namespace {

// Standard output or error in a file, until the end of its life.
class Redirected {
 public:
  Redirected(FILE* stream, const std::filesystem::path& path)
      : stream_(stream), before_(::dup(::fileno(stream))) {
    std::fflush(stream_);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(file >= 0);
    ::dup2(file, ::fileno(stream_));
    ::close(file);
  }
  ~Redirected() {
    std::fflush(stream_);
    ::dup2(before_, ::fileno(stream_));
    ::close(before_);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  FILE* stream_;
  int before_;
};

struct Written {
  std::string out, err;
};

class Gates {
 public:
  Written written(const std::function<void()>& write) {
    {
      const Redirected out(stdout, folder_ / "out"), err(stderr, folder_ / "err");
      write();
    }
    return {text("out"), text("err")};
  }

 private:
  std::string text(const std::string& name) {
    std::ostringstream all;
    all << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return all.str();
  }
  TempDir folder_;
};

bool is_safe(std::string text) {
  std::erase(text, '\n');
  return visible_text(text) == text;
}

// Text as an attacker or a damaged file would have it.
std::string hostile(std::mt19937_64& random) {
  const std::string_view pieces[] = {"\x1B[2J",
                                     "\x1B]0;pwn\x07",
                                     "\xC2\x9B",
                                     "\xE2\x80\xAE",
                                     "\xE2\x81\xA6",
                                     "\xEF\xBB\xBF",
                                     "\xE2\x80\xA8",
                                     "\r",
                                     "王小明",
                                     "\xCD\xF5",
                                     "\n2026-01-01 error forged",
                                     "\x7F",
                                     "\b\b",
                                     "plain",
                                     "\\u{1b}"};
  std::string text;
  for (std::size_t i = 1 + random() % 6; i > 0; --i) text += pieces[random() % std::size(pieces)];
  text.push_back(static_cast<char>(random()));
  return text;
}

}  // namespace

TEST_CASE("output: through every gate, hostile text comes out as harmless UTF-8") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  Gates gates;
  CliOutput output{.program = "rootlet", .out_width = 80, .error_width = 80};
  for (int round = 0; round < 150; ++round) {
    const std::string text = hostile(random);
    TextTable table({text, "name"});
    table.add({"1", text});
    const Written written = gates.written([&] {
      must(output.print(text));
      must(output.print_data(text));
      must(output.print(table));
      must(output.report(json::object{}, text));
      output.note(text);
      output.json = false;
      output.fail_with(bad_input(text, text, {.en = text, .zh = text}));
    });
    CHECK(is_safe(written.out));
    CHECK(is_safe(written.err));
  }
}

TEST_CASE("output: JSON of hostile text is UTF-8, is safe on a terminal and means the same") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  Gates gates;
  const CliOutput output{.program = "rootlet", .json = true};
  for (int round = 0; round < 150; ++round) {
    const std::string text = hostile(random);
    const Written written = gates.written([&] {
      must(output.print_json(json::object{{text, text}}));
    });
    CHECK(is_safe(written.out));
    const json::value read = must(parse_json(written.out, "output"));
    const bool is_whole = is_utf8(text);
    if (is_whole) CHECK(read == json::value(json::object{{text, text}}));
    const Written failed =
        gates.written([&] { output.fail_with(bad_input(text, text, {.en = text, .zh = text})); });
    const json::value error = must(parse_json(failed.out, "error"));
    CHECK(error.at("error").at("code") == "bad_input");
    if (is_whole) CHECK(error.at("error").at("message") == json::value(text));
  }
}

TEST_CASE("output: data for a file or pipe is exact") {
  Gates gates;
  const CliOutput output{.program = "rootlet"};
  const std::string data = "a,\x1B[31m\xE2\x80\xAE\r\n\xFF";
  CHECK(gates.written([&] { must(output.print_data(data)); }).out == data);
}

TEST_CASE("output: progress shows a hostile label on one line") {
  Gates gates;
  const CliOutput output{.program = "rootlet", .error_width = 40};
  std::string drawn = gates
                          .written([&] {
                            ProgressBar bar(output);
                            bar.show("\x1B[2J\nroster\xE2\x80\xAE", 1, 2);
                          })
                          .err;
  std::erase(drawn, '\r');  // our own, to draw over the line
  CHECK(visible_text(drawn) == drawn);
}

TEST_CASE("log: an event is one line, whatever its message holds") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  Gates gates;
  for (int round = 0; round < 50; ++round) {
    const std::string text = hostile(random);
    const std::string line = gates.written([&] { log_error(text); }).err;
    CHECK(is_safe(line));
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(line.ends_with(visible_text(text) + "\n"));
  }
}

TEST_CASE("table: columns line up under escapes, wide characters and marks") {
  TextTable table({"a", "b"});
  table.add({"e\xCC\x81\x1B", "x"});
  table.add({"王小明", "x"});
  table.add({"བོད", "x"});
  const std::string text = table.text(0);
  std::size_t begin = 0;
  for (int line = 0; line < 4; ++line) {
    const std::size_t end = text.find('\n', begin);
    const std::string row = text.substr(begin, end - begin);
    CHECK(display_width(row) == 10);
    begin = end + 1;
  }
}
