// UTF-8 by code points.
#include "core/unicode/utf8.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;

TEST_CASE("utf8: every code point reads back as it was written, and surrogates are refused") {
  for (std::uint32_t value = 0; value <= 0x10FFFF; value += value < 0x3000 ? 1 : 37) {
    std::string text;
    append_utf8(text, value);
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    const CodePoint read = code_point_at(text, 0);
    CHECK(read.bytes == (is_surrogate ? 0 : text.size()));
    if (!is_surrogate) CHECK(read.value == value);
    CHECK(is_utf8(text) == !is_surrogate);
    CHECK_FALSE(is_cut_character(text));
    if (text.size() > 1) CHECK(is_cut_character(text.substr(0, text.size() - 1)));
  }
}

TEST_CASE("utf8: repaired text is UTF-8 and keeps what was well-formed") {
  CHECK(repaired_utf8("王\xFF"
                      "a\xE7\x8E") ==
        "王\xEF\xBF\xBD"
        "a\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(repaired_utf8("王") == "王");
}

TEST_CASE("utf8: text is cut between characters") {
  CHECK(cut_utf8("a王b", 3) == "a");
  CHECK(cut_utf8("a王b", 4) == "a王");
  CHECK(cut_utf8("a王b", 9) == "a王b");
  CHECK(code_point_name(0xA0) == "U+00A0");
}
