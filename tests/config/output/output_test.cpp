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
  CHECK(table.lines_without_titles() == "330402  南湖区\n1       x\n");
}

TEST_CASE("table: one that is wider than the terminal becomes blocks, and nothing is cut") {
  TextTable table({"id", "姓名", "remark"});
  const std::string id(32, 'f'), long_remark = "one two three four five six seven eight nine ten";
  table.add({id, "王小明", long_remark});
  table.add({"2", "", "short"});
  CHECK_FALSE(table.fits(60));
  CHECK(table.fits(0));
  CHECK(table.fits(32 + 2 + 6 + 2 + 48));
  CHECK_FALSE(table.fits(32 + 2 + 6 + 2 + 47));
  const std::string text = table.text(50);
  CHECK(text == "-[ 1 ]" + std::string(41, '-') +
                    "\n"
                    "id      ffffffffffffffffffffffffffffffff\n"
                    "姓名    王小明\n"
                    "remark  one two three four five six seven eight\n"
                    "        nine ten\n"
                    "-[ 2 ]-------\n"
                    "id      2\n"
                    "姓名\n"
                    "remark  short\n");
  CHECK(table.text(0) == table.lines());
  CHECK(table.blocks(0, 8).starts_with("-[ 8 ]-"));
}

TEST_CASE("table: thirteen columns at 80 columns of a terminal, none of them cut") {
  std::vector<std::string> titles, cells;
  for (int i = 1; i <= 13; ++i) {
    titles.push_back("标题" + std::to_string(i));
    cells.push_back("单元格的内容" + std::to_string(i));
  }
  TextTable table(titles);
  table.add(cells);
  const std::string text = table.text(80);
  for (int i = 0; i < 13; ++i) {
    CAPTURE(i);
    CHECK(text.find(titles[static_cast<std::size_t>(i)] + " ") != std::string::npos);
    CHECK(text.find(cells[static_cast<std::size_t>(i)] + "\n") != std::string::npos);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(display_width(text.substr(at, end - at)) <= 80);
    at = end + 1;
  }
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
