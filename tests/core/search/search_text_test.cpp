// The form in which search compares, and the readings of characters.
#include "core/search/search_text.hpp"

#include "core/local_limits.hpp"
#include "core/search/han.hpp"
#include "core/unicode/utf8.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

std::string form_of(std::string_view text) {
  std::string out;
  for (const SearchChar& c : search_text(text, 1000)) append_utf8(out, c.value);
  return out;
}

std::vector<std::string> readings(std::string_view text, std::size_t at = 0) {
  std::vector<std::string> out;
  const Readings found = readings_at(search_text(text, 1000), at);
  for (const Syllable one : found.list()) out.emplace_back(spelling_of(one));
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

TEST_CASE("search text: width, case, traditional forms, dots and blanks make no difference") {
  CHECK(form_of("ＡＢＣ１２３") == "abc123");
  CHECK(form_of("劉德華") == "刘德华");
  CHECK(form_of("王　明") == "王明");
  CHECK(form_of(" 王 明 ") == "王明");
  CHECK(form_of("张三 13800000000") == "张三 13800000000");
  for (const char* name : {"阿不都·热合曼", "阿不都•热合曼", "阿不都・热合曼", "阿不都.热合曼",
                           "阿不都‧热合曼", "阿不都热合曼"}) {
    CHECK_MESSAGE(form_of(name) == "阿不都热合曼", name);
  }
  CHECK(form_of("3.5 km") == "3.5 km");
  CHECK(form_of("Cafe\xcc\x81") == form_of("CAFÉ"));
  CHECK(form_of("王\xe2\x80\x8b小明") == "王小明");
  CHECK(form_of("\xf0\xa0\xae\xb7野家") == "\xf0\xa0\xae\xb7野家");  // U+20BB7, beyond the BMP
}

TEST_CASE("search text: each character knows its place in the original") {
  const SearchText text = search_text(
      "Ａ·王 \xf0\xa0\xae\xb7"
      "b",
      1000);
  REQUIRE(text.size() == 4);
  CHECK(text[0].origin == 0);
  CHECK(text[1].origin == 2);
  CHECK(text[2].origin == 4);
  CHECK(text[3].origin == 5);
  CHECK(search_text("王小明", 2).size() == 2);
}

TEST_CASE("han: a simplified form is used only where it is the only one") {
  CHECK(simplified_form(U'華') == U'华');
  CHECK(simplified_form(U'华') == U'华');
  CHECK(simplified_form(U'乾') == U'乾');  // 干 or 乾
  CHECK(simplified_form('a') == 'a');
}

TEST_CASE("han: few readings, the likely one first, a surname's where a name begins") {
  CHECK(readings("王").front() == "wang");
  CHECK(readings("重") == std::vector<std::string>{"zhong", "chong"});
  CHECK(readings("吕").front() == "lv");
  CHECK(readings("单小明").front() == "shan");
  CHECK(has(readings("单小明"), "dan"));
  CHECK(readings("简单", 1).front() == "dan");
  CHECK(readings("仇和").front() == "qiu");
  CHECK(readings("报仇", 1).front() == "chou");
  CHECK(readings("尉迟恭").front() == "yu");
  CHECK(readings("尉迟恭", 1).front() == "chi");
  CHECK(readings("万俟卨").front() == "mo");
  CHECK(readings("万小明").front() == "wan");
  CHECK(readings("\xf0\xa0\x80\x81") == std::vector<std::string>{"qi"});  // U+20001
  CHECK(readings("\xf0\xa0\xae\xb7").empty());  // U+20BB7: Unihan gives no reading
  CHECK(readings("a").empty());
  CHECK(readings("、").empty());
  for (const char32_t c : std::u32string_view(U"的行长和着了得地乐朝")) {
    CHECK(readings_of(c).size() <= 4);
  }
}
