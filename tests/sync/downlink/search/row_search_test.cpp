// Sixty searches with the rows that must come first, and what must never be found.
#include "tests/sync/downlink/search/search_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr const char* kColumns = R"([{"name":"code","type":"text","key":true,"search":true},
  {"name":"name","type":"text","search":true},{"name":"address","type":"text","search":true},
  {"name":"phone","type":"text","search":true,"grade":2,"mask":"phone"},
  {"name":"remark","type":"text"}])";

const Lines kPeople = {
    {"330402196001010011", "王小明", "南湖街道文昌路12号", "13812341234", "五保户"},
    {"330402196001010012", "王小敏", "新嘉街道中山路5号", "13912345678"},
    {"330402196001010013", "汪小明", "新嘉街道中山路15号", "13700001111"},
    {"330402196001010014", "王明", "余新镇王小明村", "13800000001"},
    {"330402196001010015", "单小明", "七星街道", "13600000002"},
    {"330402196001010016", "仇英", "大桥镇"},
    {"330402196001010017", "解缙", "大桥镇"},
    {"330402196001010018", "重阳", "凤桥镇重庆路"},
    {"330402196001010019", "阿不都·热合曼", "城东街道"},
    {"330402196001010020", "刘德华", "解放街道"},
    {"330402196001010021", "劉德華", "香港"},
    {"330402196001010022", "\xf0\xa0\xae\xb7野家", "建设街道"},
    {"330402196001010023", "O'Brien", "John Smith Road"},
    {"330402196001010024", "经典", "景德镇"},
    {"330402196001010025", "张三", "长水街道C#班"},
    {"330402196001010026", "欧阳修", "塘汇街道"},
    {"330402196001010027", "尉迟恭", "塘汇街道"},
    {"330402196001010028", "吕布", "嘉北街道"},
    {"330402196001010029", "曾国藩", "油车港镇"},
    {"91330482MA2B9XK31D", "南湖科技有限公司", "科技城", "05738212345"},
    {"330402196001010031", "区寄", "东栅街道"},
    {"330402196001010032", "李 白", "高照街道"},
    {"330402196001010033", "诸葛亮", "洪合镇"},
    {"330402196001010034", "Café Ａ", "王店镇"},
    {"330402196001010035", "任我行", "王江泾镇"},
    {"330402196001010036", "查良镛", "新塍镇"},
    {"330402196001010037", "罗南", "王江泾镇"},
    {"330402196001010038", "西安", "陕西"},
    {"330402196001010039", "先锋", "陕西"},
    {"330402196001010040", "新村", "新村"},
    {"330402196001010041", "新村路", "新村新村"},
    {"330402196001010042", "河新村", "河"},
};

std::string code(int last_two) {
  return "3304021960010100" + std::to_string(last_two);
}

struct Wanted {
  const char* typed;
  std::vector<int> first;  // the last digits of the codes that come first, in this order
  int rows = -1;           // in all; -1: not checked
};

const std::vector<Wanted> kSearches = {
    {"王小明", {11, 14}, 2},
    {"wangxiaoming", {11, 13, 14}},
    {"wxm", {11, 12, 13, 14}},
    {"wangxm", {11, 12, 13, 14}},
    {"wxming", {11, 13, 14}},
    {"WangXiaoMing", {11, 13, 14}},
    {"ｗｘｍ", {11, 12, 13}},
    {"王", {11, 12, 14, 34, 35, 37}, 6},
    {"王明", {14}, 1},
    {"小明", {11, 13, 15, 14}, 4},
    {"xiaoming", {11, 13, 15, 14}, 4},
    {"xm", {11, 12, 13, 15, 14}},
    {"汪", {13}, 1},
    {"单", {15}, 1},
    {"shanxiaoming", {15}, 1},
    {"sxm", {15}, 1},
    {"danxiaoming", {15}, 1},
    {"qiuying", {16}, 1},
    {"qy", {16}},
    {"xiejin", {17}, 1},
    {"zhongyang", {18}, 1},
    {"chongyang", {18}, 1},
    {"chongqing", {18}, 1},
    {"阿不都·热合曼", {19}, 1},
    {"阿不都热合曼", {19}, 1},
    {"阿不都•热合曼", {19}, 1},
    {"阿不都・热合曼", {19}, 1},
    {"热合曼", {19}, 1},
    {"rehm", {19}, 1},
    {"abdrhm", {19}, 1},
    {"刘德华", {20, 21}, 2},
    {"劉德華", {20, 21}, 2},
    {"liudehua", {20, 21}, 2},
    {"ldh", {20, 21}, 2},
    {"\xf0\xa0\xae\xb7", {22}, 1},
    {"\xf0\xa0\xae\xb7野", {22}, 1},
    {"野家", {22}, 1},
    {"O'Brien", {23}, 1},
    {"smith", {23}, 1},
    {"joh smi", {23}, 1},
    {"经典", {24}, 1},
    {"jingdian", {24}, 1},
    {"C#", {25}, 1},
    {"ouyangxiu", {26}, 1},
    {"oyx", {26}, 1},
    {"yuchigong", {27}, 1},
    {"lvbu", {28}, 1},
    {"lübu", {28}, 1},
    {"zengguofan", {29}, 1},
    {"zgf", {29}, 1},
    {"ou", {26, 31}, 2},
    {"李白", {32}, 1},
    {"libai", {32}, 1},
    {"zhugl", {33}, 1},
    {"café", {34}, 1},
    {"cafe\xcc\x81", {34}, 1},
    {"renwox", {35}, 1},
    {"zhaliangyong", {36}, 1},
    {"xian", {38, 39, 21}},
    {"新村", {40, 41, 42}, 3},
    {"xincun", {40, 41, 42}, 3},
    {"中山路15", {13}, 1},
    {"１５号", {13}, 1},
    {"5号", {12}, 1},
    {"330402196001010013", {13}, 1},
    {"0010100", {}, 31},
    {"1010027", {27}, 1},
    {"13812341234", {11}, 1},
    {"王 南湖", {11}, 1},
    {"wxm 中山路", {12, 13}, 2},
    {"王　3304", {11, 12, 14}},
};

}  // namespace

TEST_CASE("row search: the rows that must come first do, for every search of the list") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  CHECK(kSearches.size() >= 60);
  for (const Wanted& wanted : kSearches) {
    const std::vector<std::string> found = world.found(wanted.typed);
    std::string all;
    for (const std::string& one : found) all += one + " ";
    CAPTURE(wanted.typed);
    CAPTURE(all);
    if (wanted.rows >= 0) CHECK(found.size() == static_cast<std::size_t>(wanted.rows));
    REQUIRE(found.size() >= wanted.first.size());
    for (std::size_t i = 0; i < wanted.first.size(); ++i) CHECK(found[i] == code(wanted.first[i]));
    CHECK(world.last.is_complete);
  }
}

TEST_CASE("row search: codes of letters and digits are found by any four of them") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  for (const char* typed : {"91330482MA2B9XK31D", "ma2b", "2B9X", "k31d", "913", "0482ma"}) {
    CHECK_MESSAGE(world.found(typed).front() == "91330482MA2B9XK31D", typed);
  }
  CHECK(world.found("zzzz").empty());
}

TEST_CASE("row search: what is not there, is no text or is a homophone is not found") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  for (const char* typed : {"景点", "望", "五保户", "*", "NEAR(王 小)", "王*", "-", "name:王", "\"",
                            "王 AND 小", "x OR y", "%", "_", "0011x", "ming小"}) {
    CHECK_MESSAGE(world.found(typed).empty(), typed);
  }
}

TEST_CASE("row search: who sees a mask finds by the mask and not by what it hides") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  CHECK(world.found("13812341234").size() == 1);
  CHECK(world.found("81234").empty());  // shown by its mask until somebody reveals it
  const ReadRight masked{.max_grade = 1, .divisions = {"all"}};
  CHECK(world.found("13812341234", 50, Sounds::kExact, masked).empty());
  CHECK(world.found("81234", 50, Sounds::kExact, masked).empty());
  CHECK(world.found("138****1234", 50, Sounds::kExact, masked).size() == 1);
  CHECK(world.found("1234", 50, Sounds::kExact, masked).front() == code(11));
  const ReadRight only_masks{.max_grade = 4, .masked_only = true, .divisions = {"all"}};
  CHECK(world.found("81234", 50, Sounds::kExact, only_masks).empty());
}

TEST_CASE("row search: spans say where the words matched") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  REQUIRE(world.found("热合曼 城东").size() == 1);
  REQUIRE(world.spans.front().size() == 2);
  CHECK(world.spans.front()[0].column == 1);
  CHECK(world.spans.front()[0].begin == 4);
  CHECK(world.spans.front()[0].end == 7);
  CHECK(world.spans.front()[1].column == 2);
  CHECK(world.spans.front()[1].end == 2);
}

TEST_CASE("row search: sounds that are alike, on wish") {
  SearchWorld world(kColumns);
  world.load("all", kPeople);
  CHECK(world.found("zangsan").empty());
  CHECK(world.found("zangsan", 50, Sounds::kAlike).front() == code(25));
  CHECK(world.found("nuolan").empty());
  CHECK(world.found("nuolan", 50, Sounds::kAlike).front() == code(37));
  CHECK(world.found("luolan", 50, Sounds::kAlike).front() == code(37));
}

TEST_CASE("row search: a limit leaves the best rows and says that there are more") {
  SearchWorld world(kColumns);
  Lines many;
  for (int i = 0; i < 500; ++i)
    many.push_back({"K" + std::to_string(1000 + i), "张新村" + std::to_string(i), ""});
  many.push_back({"K2000", "新村", ""});
  world.load("all", many);
  CHECK(world.found("新村", 3).front() == "K2000");
  CHECK(world.last.more);
  CHECK(world.last.rows.size() == 3);
  CHECK(world.found("xc", 3).front() == "K2000");
  CHECK(world.found("新村", 0).size() == 501);
  CHECK_FALSE(world.last.more);
}

TEST_CASE("row search: deltas, snapshots and dropped streams change what is found at once") {
  SearchWorld world(kColumns);
  const Slot slot = world.load("all", kPeople);
  CHECK(world.indexed_rows() == static_cast<std::int64_t>(kPeople.size()));
  world.add(slot, 100, {{"X1", "赵新人", "新塍镇"}});
  CHECK(world.found("赵新人").size() == 1);
  world.change(slot, 100, {"X1", "钱新人", "新塍镇", "", "a remark"});
  CHECK(world.found("赵新人").empty());
  CHECK(world.found("qianxr").size() == 1);
  const std::int64_t before = world.store().database().total_changes();
  world.change(slot, 100, {"X1", "钱新人", "新塍镇", "", "another remark"});
  CHECK(world.store().database().total_changes() - before <= 2);  // the index was not touched
  world.remove(slot, 100);
  CHECK(world.found("钱新人").empty());
  CHECK(world.indexed_rows() == static_cast<std::int64_t>(kPeople.size()));

  world.load("all", {{"Y1", "王小明", "新塍镇"}});
  CHECK(world.found("王小明") == std::vector<std::string>{"Y1"});
  must(world.store().clean({}));
  CHECK(world.indexed_rows() == 1);
  must(world.store().drop_stream("all"));
  CHECK(world.found("王小明").empty());
  must(world.store().clean({}));
  CHECK(world.indexed_rows() == 0);
}

TEST_CASE(
    "row search: rows on their way in a snapshot are not found, and triggers leave them alone") {
  SearchWorld world(kColumns);
  world.load("3304", {{"A", "王小明"}});
  const Slot hidden = must(world.store().new_slot());
  world.add(hidden, 0, {{"B", "王小明"}});
  CHECK(world.indexed_rows() == 1);
  world.load("3305", {{"C", "王小明"}});
  CHECK(world.found("王小明") == std::vector<std::string>{"A", "C"});
  CHECK(world.found("王小明", 50, Sounds::kExact, {.max_grade = 4, .divisions = {"3305"}}) ==
        std::vector<std::string>{"C"});
}

TEST_CASE("row search: other searched columns keep the rows and get an index in steps") {
  std::string columns = kColumns;
  SearchWorld world(columns);
  world.load("all", kPeople);
  CHECK(world.found("五保户").empty());
  const std::string remark = "\"remark\",\"type\":\"text\"";
  columns.replace(columns.find(remark), remark.size(), remark + ",\"search\":true");
  world.reopen(columns);
  CHECK(world.found("五保户").size() == 1);  // by reading the rows
  CHECK(world.found("wxm").front() == code(11));
  CHECK(world.indexed_rows() == 0);
  CHECK_FALSE(must(world.store().clean([] { return true; })));
  must(world.store().clean({}));
  CHECK(world.indexed_rows() == static_cast<std::int64_t>(kPeople.size()));
  CHECK(world.found("五保户").size() == 1);
  CHECK(must(world.store().streams()).size() == 1);
}
