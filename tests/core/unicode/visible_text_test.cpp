// Text from data as people may see it.
#include "core/unicode/visible_text.hpp"

#include "core/format/json.hpp"
#include "core/text.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace std::string_literals;
using test::must;

namespace {

bool is_safe(std::string_view text, LineEnds line_ends) {
  if (!is_utf8(text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const bool is_kept = point.value == '\n' && line_ends == LineEnds::kKept;
    if (is_unsafe_to_show(point.value) && !is_kept) return false;
    at += point.bytes;
  }
  return true;
}

}  // namespace

TEST_CASE("visible text: what steers a terminal or deceives the eye is an escape") {
  CHECK(visible_text("a\x1B[31mb") == "a\\u{1b}[31mb");
  CHECK(visible_text("\xE2\x80\xAE"
                     "exe.txt") == "\\u{202e}exe.txt");
  CHECK(visible_text("\xC2\x9B"
                     "2J\x7F") == "\\u{9b}2J\\u{7f}");
  CHECK(visible_text("a\nb\r\n\0"s) == "a\\u{a}b\\u{d}\\u{a}\\u{0}");
  CHECK(visible_text("a\nb\r", LineEnds::kKept) == "a\nb\\u{d}");
  CHECK(visible_text("\xCD\xF5") == "\\x{cd}\\x{f5}");
  CHECK(visible_text("\xE2\x80\xA8|\xEF\xBB\xBF|\xF3\xA0\x81\x81") ==
        "\\u{2028}|\\u{feff}|\\u{e0041}");
  const std::string plain =
      "王小明 αβ ئۇيغۇر བོད 👩‍👩‍👧 葛󠄀 é …";
  CHECK(visible_text(plain) == plain);
}

TEST_CASE("visible text: any bytes become safe, and stay as they are the second time") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 40; i > 0; --i) {
      if (random() % 2 == 0) {
        text.push_back(static_cast<char>(random()));
      } else {
        append_utf8(text, static_cast<std::uint32_t>(random() % 4 == 0 ? 0x2000 + random() % 0x100
                                                                       : random() % 0xD800));
      }
    }
    for (const LineEnds ends : {LineEnds::kEscaped, LineEnds::kKept}) {
      const std::string shown = visible_text(text, ends);
      CHECK(is_safe(shown, ends));
      CHECK(visible_text(shown, ends) == shown);
    }
    const std::string good = repaired_utf8(text);
    const std::string json_text = visible_json(json::serialize(json::string(good)));
    CHECK(is_safe(json_text, LineEnds::kEscaped));
    CHECK(must(parse_json(json_text, "t")) == json::value(good));
  }
}

TEST_CASE("visible JSON: blanks between values stay, bytes that are not UTF-8 are replaced") {
  CHECK(visible_json("{\n\t\"a\": 1}\r\n") == "{\n\t\"a\": 1}\r\n");
  CHECK(visible_json("\"\xFF\"") == "\"\xEF\xBF\xBD\"");
  CHECK(visible_json("\"\xE2\x80\xAE\xF3\xA0\x81\x81\"") == "\"\\u202e\\udb40\\udc41\"");
}

TEST_CASE("text: marks and joiners take no column of a terminal, wide characters two") {
  CHECK(display_width("王小明") == 6);
  CHECK(display_width("e\xCC\x81") == 1);
  CHECK(display_width("བོད") == 2);
  CHECK(display_width("ｆｕｌｌ") == 8);
  CHECK(display_width("…") == 1);
  CHECK(fit_to_width("南湖区", 5) == "南湖…");
  CHECK(fit_to_width("e\xCC\x81"
                     "x",
                     4) ==
        "e\xCC\x81"
        "x  ");
}
