// Errors in Chinese: templates, parts between ": ", and a catalogue that keeps to the code.
#include "config/output/message_text.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/output/message_catalogue.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

std::string chinese(std::string_view message) {
  return chinese_message(message).value_or("");
}

// `code` with the string literals that are split over lines put together.
std::string joined_literals(const std::string& code) {
  std::string out;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const std::size_t next = code[at] == '"' ? code.find_first_not_of(" \n", at + 1) : code.size();
    const bool goes_on = next < code.size() && code[next] == '"' && code.find('\n', at) < next;
    if (goes_on) {
      at = next;
    } else {
      out += code[at];
    }
  }
  return out;
}

std::string all_code() {
  namespace fs = std::filesystem;
  std::string all;
  for (const char* folder : {"agent", "config", "core", "storage", "sync"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(ROOTLET_SOURCE_DIR) / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() != ".cpp" || name == "message_catalogue.cpp") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      all += text.str();
    }
  }
  return joined_literals(all);
}

// Messages of libraries, and those that the code puts together from parts.
bool is_in_no_literal(std::string_view en) {
  const std::set<std::string_view> known = {
      "--{} must be a whole number of at least {}",
      "--{} must be a whole number from {} to {}",
      "no purpose was named: the grant for dataset {} allows: {}",
      "the required argument for option '{}' is missing",
      "option '{}' does not take any arguments",
      "{}: file is not a database",
      "{}: database disk image is malformed",
  };
  return known.contains(en);
}

}  // namespace

TEST_CASE("messages: whole ones, with what changes in them") {
  CHECK(chinese("this machine is not enrolled") == "本机尚未注册");
  CHECK(chinese("the lease of dataset villages ended at 2026-11-21T08:00:00Z") ==
        "数据集 villages 的租期已于 2026-11-21T08:00:00Z 结束");
  CHECK(chinese("purpose 'x': the grant for dataset d allows: none") ==
        "用途“x”不在数据集 d 的授权之内，允许的用途：无");
  CHECK(chinese("record 12ab is sealed, not returned") == "记录 12ab 的状态是已封装，不是已退回");
  CHECK(chinese("there is no column '名'; there are: code, name") ==
        "没有列“名”；可用的列：code, name");
}

TEST_CASE("messages: contexts before a message, lines, and what nobody knows") {
  CHECK(chinese("record 2: form visit: field members: range") ==
        "第 2 条记录：表单 visit 的 members 填写有误，没有保存");
  CHECK(chinese("--where 'a=eq.1': there is no column 'a'; there are: b") ==
        "条件“a=eq.1”：没有列“a”；可用的列：b");
  CHECK(chinese("reach localhost:9: Connection refused") == "连接 localhost:9：连接被拒绝");
  CHECK(chinese("xyz: this machine is not enrolled") == "xyz：本机尚未注册");
  CHECK(chinese(
            "the configuration cannot be used:\n  a.conf:3: poll: must be between 100ms and 1d") ==
        "配置无法使用：\n  a.conf:3：poll：应在 100ms 到 1d 之间");
  CHECK_FALSE(chinese_message("a sentence that nobody wrote").has_value());
  CHECK_FALSE(chinese_message("").has_value());
  CHECK(error_text(fail(ErrorCode::kStorage, "odd"), Language::kChinese) == "存储故障：odd");
  CHECK(error_text(fail(ErrorCode::kStorage, "odd"), Language::kEnglish) == "odd");
}

TEST_CASE(
    "messages: each template is still the text of the code, and has as many holes in Chinese") {
  const std::string code = all_code();
  REQUIRE(code.size() > 500'000);
  for (const MessageTemplate& each : message_templates()) {
    const std::string en(each.en);
    CAPTURE(en);
    std::string_view rest = each.en;
    std::size_t holes = 0;
    while (true) {
      const std::size_t end = rest.find("{}");
      std::string literal(rest.substr(0, end));
      // Blanks and colons at the ends may come from another literal.
      const std::string_view ends = " :;'\"()";
      literal.erase(0, std::min(literal.find_first_not_of(ends), literal.size()));
      literal.erase(literal.find_last_not_of(ends) + 1);
      const bool may_differ = literal.size() < 4 || is_in_no_literal(each.en);
      CHECK((may_differ || code.find(literal) != std::string::npos));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 2);
      ++holes;
    }
    for (std::size_t i = 0; i < each.zh.size(); ++i) {
      if (each.zh[i] != '{') continue;
      REQUIRE(i + 2 < each.zh.size());
      CHECK(static_cast<std::size_t>(each.zh[i + 1] - '0') <= holes);
    }
    CHECK_FALSE(each.zh.empty());
  }
}

TEST_CASE("messages: each kind of failure has words in both languages") {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kFork); ++code) {
    const Text kind = kind_text(static_cast<ErrorCode>(code));
    CHECK(kind.en != "error");
    CHECK(kind.zh != "错误");
  }
}
