// What a clerk meets at a Chinese terminal: headings, states, errors.
#include "tests/agent/cli/terminal.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr const char* kChinese = "zh_CN.UTF-8";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The first line on standard error, without the program's name.
std::string message_of(const Answer& answer) {
  const std::string line = answer.err.substr(0, answer.err.find('\n'));
  return line.starts_with("rootlet: ") ? line.substr(9) : line;
}

bool has_chinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0xE4 && static_cast<unsigned char>(c) <= 0xE9;
  });
}

// Does text outside of quotes and ids still read as English? The glue of our sentences would show.
// The operators of a condition are the same in every language.
bool has_english_words(std::string text) {
  const std::string operators = "eq, neq, gt, gte, lt, lte, like, ilike, in, is, not";
  const std::size_t at = text.find(operators);
  if (at != std::string::npos) text.erase(at, operators.size());
  for (const char* word :
       {" the ", " is ", " has ", " not ", " no ", "there ", " must ", " are "}) {
    if (contains(" " + text + " ", word)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("Chinese: every mistake that a clerk can make on the command line has its words") {
  Terminal terminal;
  const std::string file = (terminal.world.folder / "record.json").string();
  must(write_file_atomically(file, as_bytes(R"({"members": 99})")));
  const std::string broken = (terminal.world.folder / "broken.json").string();
  must(write_file_atomically(broken, as_bytes("{\"members\": ")));
  const std::vector<std::string> q{"query", "roster", "--purpose", "verification"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = q;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::vector<std::vector<std::string>> wrong = {
      {"qeury"},
      {"query"},
      {"query", "roster"},
      {"query", "roster", "more", "--purpose", "verification"},
      {"query", "rotser", "--purpose", "verification"},
      {"query", "roster", "--purpose", "verfication"},
      {"search", "x", "--purpose", "nothing"},
      {"search", "", "--purpose", "verification"},
      with({"--colums", "id"}),
      with({"--limit", "many"}),
      with({"--limit", "1", "--limit", "2"}),
      with({"--format", "xml"}),
      with({"--where", "id"}),
      with({"--where", "idd=eq.1"}),
      with({"--where", "id=is1"}),
      with({"--where", "id=liek.1"}),
      with({"--where", "id=in.1"}),
      with({"--where", "members=like.1"}),
      with({"--where", "members=eq."}),
      with({"--order", "idd"}),
      with({"--columns", "idd"}),
      with({"--columns", "secret"}),
      {"show", "roster", "nosuch", "--purpose", "verification"},
      {"show", "roster", "a,b", "--purpose", "verification"},
      {"submit", "vist", file},
      {"submit", "visit", file},
      {"submit", "visit", broken},
      {"submit", "visit", file + ".absent"},
      {"outbox", "show", "ffffffff"},
      {"outbox", "show", "xyz"},
      {"outbox", "list", "--state", "retruned"},
      {"outbox", "restart"},
      {"outbox", "restart", "--accept-loss"},
      {"verify", "nosuch"},
  };
  for (const auto& words : wrong) {
    const Answer answer = terminal.run(words, kChinese);
    CAPTURE(words.back());
    CAPTURE(answer.err);
    CHECK(answer.exit_code != 0);
    CHECK(has_chinese(message_of(answer)));
    CHECK_FALSE(has_english_words(message_of(answer)));
    CHECK_FALSE(message_of(answer).starts_with("输入有误"));  // what the catalogue does not know
    CHECK_FALSE(message_of(answer).starts_with("用法或配置有误"));
    CHECK_FALSE(message_of(answer).starts_with("未获授权"));
  }
}

TEST_CASE("Chinese: a typo is answered by a suggestion") {
  Terminal terminal;
  CHECK(contains(terminal.run({"qeury"}, kChinese).err, "您要输入的是 query 吗？"));
  CHECK(contains(terminal.run({"query", "rotser", "--purpose", "verification"}, kChinese).err,
                 "您要输入的是 roster 吗？"));
  CHECK(contains(terminal.query({"--oder", "id"}, kChinese).err, "您要输入的是 --order 吗？"));
  CHECK(contains(terminal.query({"--format", "cvs"}, kChinese).err, "您要输入的是 csv 吗？"));
}

TEST_CASE("Chinese: titles as headings, and columns by their titles") {
  Terminal terminal;
  const Answer table = terminal.query({"--columns", "姓名,id", "--limit", "2"}, kChinese);
  CHECK(table.out.starts_with("姓名"));
  CHECK(contains(terminal.query({"--columns", "姓名", "--limit", "1"}).out, "Name"));
  CHECK(terminal.query({"--where", "姓名=eq.王小明", "--order", "姓名.desc"}, kChinese).exit_code ==
        0);
  // A file keeps the names of the columns, whatever the language.
  CHECK(
      terminal.query({"--columns", "name", "--format", "csv"}, kChinese).out.starts_with("name\n"));
}

TEST_CASE("Chinese: states of records and datasets") {
  Terminal terminal;
  const std::string file = (terminal.world.folder / "record.json").string();
  must(write_file_atomically(file, as_bytes(R"({"name": "王小明", "members": 2})")));
  CHECK(contains(terminal.run({"submit", "visit", file}, kChinese).out, "已保存  王小明"));
  const Answer list = terminal.run({"outbox", "list"}, kChinese);
  CHECK(contains(list.out, "走访"));
  CHECK(contains(list.out, "已保存"));
  const Answer status = terminal.run({"status"}, kChinese);
  CHECK(contains(status.out, "已注册"));
  CHECK(contains(status.out, "1 已保存"));
  CHECK(contains(terminal.run({"datasets"}, kChinese).out, "每日"));
  const Answer ledger = terminal.query({"--limit", "1"}, kChinese);
  CHECK(contains(terminal.run({"ledger"}, kChinese).out, "查询"));
}
