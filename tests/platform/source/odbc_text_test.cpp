// Texts to and from ODBC drivers: nothing is lost, nothing is guessed.
#include "platform/source/databases/odbc/odbc_text.hpp"

#include "core/unicode/utf8.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;

TEST_CASE("odbc text: every code point goes to UTF-16 and back") {
  std::string all;
  for (std::uint32_t value = 1; value <= 0x10FFFF; value += value < 0x3000 ? 1 : 97) {
    if (value >= 0xD800 && value < 0xE000) continue;
    append_utf8(all, value);
  }
  std::u16string wide;
  REQUIRE(to_utf16(all, wide));
  std::string back;
  CHECK(append_utf16(back, wide));
  CHECK(back == all);
}

TEST_CASE("odbc text: half a character is refused") {
  std::string text;
  CHECK_FALSE(append_utf16(text, u"a\xD83D"));
  CHECK_FALSE(append_utf16(text, u"\xD83Dx"));
  CHECK_FALSE(append_utf16(text, u"\xDE00\xD83D"));
  std::u16string wide;
  CHECK_FALSE(to_utf16("a\xE6\xB1", wide));
}

TEST_CASE("odbc text: GB 18030 goes both ways, and what is none is refused") {
  std::string text = "王小明 𠀀 ünï \n";
  const std::string utf8 = text;
  REQUIRE(encode_text(TextEncoding::kGb18030, text));
  CHECK(text.starts_with("\xCD\xF5\xD0\xA1\xC3\xF7 "));
  REQUIRE(decode_text(TextEncoding::kGb18030, text));
  CHECK(text == utf8);
  for (std::string wrong : {"\xCD", "a\x81", "\xFF\xFF", "\x81\x30\x81"}) {
    CHECK_FALSE(decode_text(TextEncoding::kGb18030, wrong));
  }
  std::string broken = "\xCD\xF5";
  CHECK_FALSE(decode_text(TextEncoding::kUtf8, broken));
  std::string empty;
  CHECK(decode_text(TextEncoding::kGb18030, empty));
}
