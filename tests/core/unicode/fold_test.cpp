// What search takes for the same text, and which characters show nothing.
#include "core/unicode/fold.hpp"

#include "core/unicode/blank.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

TEST_CASE("fold: texts that people take for the same are equal") {
  CHECK(folded("ＡＢＣ１２３") == "abc123");
  CHECK(folded("Café") == folded("Cafe\xcc\x81"));
  for (const char* dot :
       {"阿不都·热合曼", "阿不都•热合曼", "阿不都‧热合曼", "阿不都・热合曼", "阿不都･热合曼"}) {
    CHECK_MESSAGE(folded(dot) == "阿不都·热合曼", dot);
  }
  CHECK(folded("王\xe2\x80\x8b小明") == "王小明");
  CHECK(folded("王小明") == "王小明");
  CHECK(folded("社区") != folded("小区"));
}

TEST_CASE("fold: bytes that are not UTF-8 stay as they are") {
  CHECK(folded("x\xb4\xe5") == "x\xb4\xe5");
  CHECK(folded("").empty());
}

TEST_CASE("blank: characters that show nothing are no text") {
  for (const char* nothing : {"", " ", "\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xe3\x80\x80",
                              "\xe2\x80\xae", "\t\r\n"}) {
    CHECK(without_blank_ends(nothing).empty());
  }
  CHECK(without_blank_ends("\xe3\x80\x80王 明\xc2\xa0 ") == "王 明");
  CHECK(without_blank_ends("\xb4\xe5") == "\xb4\xe5");
}

TEST_CASE("blank: a character that looks like a letter has its own name") {
  const ForeignCharacter found = first_foreign("11010519491231002\xd0\xa5");
  CHECK(found.value == 0x0425);
  CHECK(found.place == 18);
  CHECK(look_alike(found.value) == 'X');
  CHECK(first_foreign("11010519491231002X").value == 0);
  CHECK(first_foreign("1\xe2\x80\x8b").value == 0x200B);
}
