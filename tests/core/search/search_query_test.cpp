// What is found by what a person types: words, pinyin, and signs that are no syntax.
#include "core/search/search_query.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include "core/local_limits.hpp"
#include "core/search/search_passes.hpp"
#include "core/search/search_terms.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::code_of;
using rootlet::test::must;

namespace {

std::optional<SearchMatch> match(std::string_view typed, std::string_view text,
                                 Sounds sounds = Sounds::kExact) {
  const SearchQuery query = must(parse_search(typed, sounds));
  REQUIRE(query.words.size() == 1);
  return match_word(query.words.front(), search_text(text, 1000), sounds);
}

bool finds(std::string_view typed, std::string_view text, Sounds sounds = Sounds::kExact) {
  return match(typed, text, sounds).has_value();
}

MatchTier tier(std::string_view typed, std::string_view text) {
  const auto found = match(typed, text);
  REQUIRE_MESSAGE(found.has_value(), typed, " in ", text);
  return found->tier;
}

std::set<std::string> terms_of(std::string_view text) {
  std::set<std::string> terms;
  document_terms("O" + std::string(text) + kCellEnd, [&](std::string_view term) {
    terms.emplace(term);
    return true;
  });
  return terms;
}

}  // namespace

TEST_CASE("search: full pinyin, initials and mixed ones find a name") {
  for (const char* typed :
       {"wangxiaoming", "wxm", "wangxm", "wxiaoming", "wangxiaom", "wxming", "wangxiaomin", "wang",
        "xm", "xiaoming", "W", "WXM", "王小明", "小明"}) {
    CHECK_MESSAGE(finds(typed, "王小明"), typed);
  }
  for (const char* typed : {"wangxiaomings", "wym", "x", "mingxiao", "wangming", "ang", "iao"}) {
    CHECK_MESSAGE(!finds(typed, "王小明"), typed);
  }
  CHECK(finds("xi'an", "西安"));
  CHECK(finds("lvbu", "吕布"));
  CHECK(finds("lübu", "吕布"));
  CHECK(finds("chongqing", "重庆"));
  CHECK(finds("zhongqing", "重庆"));
}

TEST_CASE("search: whole texts, then beginnings, then what is inside") {
  CHECK(tier("王小明", "王小明") == MatchTier::kWhole);
  CHECK(tier("王小", "王小明") == MatchTier::kStart);
  CHECK(tier("小明", "王小明") == MatchTier::kInside);
  CHECK(tier("wxm", "王小明") == MatchTier::kWhole);
  CHECK(tier("wx", "王小明") == MatchTier::kStart);
  CHECK(tier("wangxiaomin", "王小明") == MatchTier::kStart);
  CHECK(tier("xm", "王小明") == MatchTier::kInside);
  CHECK(tier("330402", "330402001001") == MatchTier::kStart);
  CHECK(tier("2001", "330402001001") == MatchTier::kInside);
}

TEST_CASE("search: digits inside a code from four on, fewer at the beginning of a word") {
  CHECK(finds("0402", "330402001001"));
  CHECK(finds("33", "330402001001"));
  CHECK_FALSE(finds("04", "330402001001"));
  CHECK(finds("５号", "青山路5号"));
  CHECK_FALSE(finds("5号", "青山路15号"));
  CHECK(finds("路15", "青山路15号"));
  CHECK(finds("12345", "浙F12345"));
  CHECK(finds("浙f", "浙F12345"));
  CHECK(finds("c#", "C# and C++"));
  CHECK(finds("c++", "C# and C++"));
  CHECK(finds("joh", "john smith"));
  CHECK_FALSE(finds("ohn", "john smith"));
  CHECK(finds("mith", "john smith"));
}

TEST_CASE("search: a Han query never hits a homophone") {
  CHECK_FALSE(finds("景点", "经典"));
  CHECK_FALSE(finds("王", "汪"));
  CHECK(finds("jingdian", "经典"));
  CHECK(finds("jingdian", "景点"));
}

TEST_CASE("search: every surname of the list is found by its reading, and by the usual one") {
  std::ifstream list(SURNAMES);
  std::string line;
  std::size_t count = 0;
  while (std::getline(list, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream parts(line);
    std::string name, reading, typed;
    parts >> name;
    while (parts >> reading) typed += reading;
    CHECK_MESSAGE(tier(typed + "xiaoming", name + "小明") == MatchTier::kWhole, line);
    ++count;
  }
  CHECK(count > 85);
  CHECK(finds("danxm", "单小明"));
  CHECK(finds("sxm", "单小明"));
}

TEST_CASE("search: sounds that people do not tell apart, only on wish") {
  CHECK_FALSE(finds("zangsan", "张三"));
  CHECK(finds("zangsan", "张三", Sounds::kAlike));
  CHECK(finds("zansan", "张三", Sounds::kAlike));
  CHECK(finds("linan", "李南", Sounds::kAlike));
  CHECK(finds("ninan", "李南", Sounds::kAlike));
  CHECK(finds("sixiu", "石秀", Sounds::kAlike));
  CHECK(finds("linxing", "林心", Sounds::kAlike));
  CHECK_FALSE(finds("wangsan", "张三", Sounds::kAlike));
}

TEST_CASE("search: a match says where it is in the original") {
  const auto found = match("热合曼", "阿不都·热合曼");
  REQUIRE(found.has_value());
  CHECK(found->begin == 4);
  CHECK(found->end == 7);
  const auto read = match("xm", "王 小明");
  REQUIRE(read.has_value());
  CHECK(read->begin == 2);
  CHECK(read->end == 4);
  CHECK(read->is_pinyin);
}

TEST_CASE("search: words are separated by blanks of any width, and nothing else is syntax") {
  CHECK(must(parse_search("王小明　3304", Sounds::kExact)).words.size() == 2);
  for (const char* typed :
       {"\"",  "'", "-",    "C#",  "*", "a*", "NEAR(a b)", "a AND b", "OR",       "name:x",
        "^王", "(", "a\"b", "{x}", "+", "\\", "%",         "_",       "\xff\xfe", "a--b;DROP"}) {
    CAPTURE(typed);
    const SearchQuery query = must(parse_search(typed, Sounds::kExact));
    for (const SearchPass& pass : search_passes(query)) {
      CHECK_FALSE(pass.expression.empty());
      CHECK(std::count(pass.expression.begin(), pass.expression.end(), '"') % 2 == 0);
    }
  }
  CHECK(code_of(parse_search("", Sounds::kExact)) == ErrorCode::kBadInput);
  CHECK(code_of(parse_search(" 　·", Sounds::kExact)) == ErrorCode::kBadInput);
  CHECK(code_of(parse_search(std::string(limits::kSearchTextBytes + 1, 'x'), Sounds::kExact)) ==
        ErrorCode::kBadInput);
  CHECK(code_of(parse_search("a b c d e f g h i", Sounds::kExact)) == ErrorCode::kBadInput);
}

TEST_CASE("search: long letters take bounded work") {
  const std::string letters(limits::kPinyinLetters, 'a');
  CHECK(pinyin_cuts(letters, Sounds::kAlike, limits::kPinyinCuts).size() <= limits::kPinyinCuts);
  std::string text;
  for (int i = 0; i < 300; ++i) text += "阿";
  CHECK(finds(letters, text));
  CHECK_FALSE(finds(letters + "x", text, Sounds::kAlike));
  CHECK_FALSE(search_passes(must(parse_search("zhonghuarenmingongheguozhongyang", Sounds::kAlike)))
                  .empty());
}

TEST_CASE("search terms: characters and readings lie apart") {
  const std::set<std::string> terms = terms_of("王重");
  for (const char* term : {"u王", "u王重", "u重", "s王", "e重", "pwang", "pzhong", "pchong", "iwz",
                           "iwc", "bw", "=wz", "=wc"}) {
    CHECK_MESSAGE(terms.contains(term), term);
  }
  CHECK(terms.size() == 13);
  CHECK(terms_of("").empty());
  CHECK(terms_of("ab1") == std::set<std::string>{"sa", "sab", "sab1", "eab1"});
}
