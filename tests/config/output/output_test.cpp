// What people see: tables that line up whatever the script, text that cannot steer the terminal,
// and colour and progress only where they belong.
#include "config/output/progress_bar.hpp"
#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

TEST_CASE("table: wide characters count twice") {
  TextTable table({"代码", "name"});
  table.add({"330402", "南湖区"});
  table.add({"1", "x"});
  CHECK(table.text(0) == "代码    name\n330402  南湖区\n1       x\n");
  CHECK(table.text_without_titles(0) == "330402  南湖区\n1       x\n");
}

TEST_CASE("table: a narrow terminal cuts the widest column, but no id") {
  const std::string id(32, 'f');
  TextTable table({"id", "text"});
  table.add({id, std::string(100, 'a')});
  const std::string text = table.text(60);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(display_width(text.substr(at, end - at)) <= 60);
    at = end + 1;
  }
  CHECK(text.find("…") != std::string::npos);
  CHECK(text.find(id + "  a") != std::string::npos);
}

TEST_CASE("readable: bytes, seconds and lists") {
  CHECK(format_bytes(812) == "812 B");
  CHECK(format_bytes(1'400'000) == "1.4 MB");
  CHECK(format_bytes(15'300) == "15 kB");
  CHECK(format_bytes(999'999) == "1.0 MB");
  CHECK(format_seconds(0.518) == "0.52 s");
  CHECK(joined(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
}

TEST_CASE("readable: lines break at blanks and between Chinese characters") {
  CHECK(wrapped("one two three", 8) == "one two\nthree");
  CHECK(wrapped("one two three", 8, 2) == "one\n  two\n  three");
  CHECK(wrapped("a\nb", 80) == "a\nb");
  CHECK(wrapped("立即同步一次。", 8) == "立即同步\n一次。");
  CHECK(wrapped("立即同步。一次", 8) == "立即同\n步。一次");  // no line begins with a full stop
  CHECK(wrapped("用 --offline 生成", 12) == "用 --offline\n生成");
  CHECK(wrapped("a_long_word_stays_whole", 5) == "a_long_word_stays_whole");
}

TEST_CASE("progress: a bar with its share, or only a label") {
  CHECK(progress_bar(5, 10, 10) == "[#####.....]  50%");
  CHECK(progress_bar(20, 10, 4) == "[####] 100%");
  CHECK(progress_bar(0, 0, 4) == "[....]   0%");
  CHECK(progress_line("read", 0, 0, "") == "read …");
  CHECK(progress_line("read", 1, 1, "3/3").starts_with("read [###"));
  CHECK(progress_line("read", 1, 1, "3/3").ends_with("] 100%  3/3"));
}

TEST_CASE("output: progress needs a terminal, and neither --quiet nor --json") {
  CliOutput output{.program = "rootlet", .error_width = 80};
  CHECK(output.progress_width() == 80);
  output.quiet = true;
  CHECK(output.progress_width() == 0);
  output = {.program = "rootlet", .json = true, .error_width = 80};
  CHECK(output.progress_width() == 0);
  output = {.program = "rootlet"};
  CHECK(output.progress_width() == 0);
}

TEST_CASE("output: colour needs a terminal that has it, and no NO_COLOR") {
  CHECK(may_colour(true, nullptr, "xterm-256color"));
  CHECK(may_colour(true, "", "xterm-256color"));  // empty counts as absent
  CHECK_FALSE(may_colour(true, "1", "xterm-256color"));
  CHECK_FALSE(may_colour(false, nullptr, "xterm-256color"));
  CHECK_FALSE(may_colour(true, nullptr, "dumb"));
  CHECK_FALSE(may_colour(true, nullptr, nullptr));
}
