// Tables line up in every script, and data cannot control the terminal.
#include "config/cli/table_text.hpp"

#include "core/text.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

TEST_CASE("table: wide characters count twice") {
  TextTable table({"代码", "name"});
  table.add({"330402", "南湖区"});
  table.add({"1", "x"});
  CHECK(table.text(0) == "代码    name\n330402  南湖区\n1       x\n");
}

TEST_CASE("table: a narrow terminal shortens the widest column") {
  TextTable table({"id", "text"});
  table.add({"1", std::string(100, 'a')});
  const std::string text = table.text(40);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(display_width(text.substr(at, end - at)) <= 40);
    at = end + 1;
  }
  CHECK(text.find("…") != std::string::npos);
}

TEST_CASE("table: control characters are escaped") {
  CHECK(printable("a\x1b[31mb\r\n") == "a·[31mb··");
  CHECK(printable("a\xC2\x9B"
                  "b") == "a·b");
  CHECK(printable("南湖") == "南湖");
}

TEST_CASE("figures: bytes and bars") {
  CHECK(format_bytes(812) == "812 B");
  CHECK(format_bytes(1'400'000) == "1.4 MB");
  CHECK(format_bytes(15'300) == "15 kB");
  CHECK(format_bytes(999'999) == "1.0 MB");
  CHECK(progress_bar(5, 10, 10) == "[#####.....]  50%");
  CHECK(progress_bar(20, 10, 4) == "[####] 100%");
  CHECK(progress_bar(0, 0, 4) == "[....]   0%");
}
