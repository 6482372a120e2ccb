// Files as operators really have them, given to the real rootlet-platform: each is read, or named
// in one sentence, and nothing of its bytes reaches the terminal.
#include <fcntl.h>
#include <signal.h>

#include "core/unicode/visible_text.hpp"
#include "platform/realm/root_keys.hpp"
#include "tests/platform/cli/program.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace std::string_literals;

namespace {

constexpr std::string_view kDefinition = R"({
  "id": "people",
  "title": {"zh": "人员", "en": "People"},
  "provider": {"code": "11100000MB0123", "name": {"zh": "部门", "en": "Unit"}},
  "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["look"]},
  "grade": "general", "assessment": "2026-1",
  "columns": [
    {"name": "code", "type": "text", "key": true, "title": {"zh": "代码", "en": "Code"}},
    {"name": "name", "type": "text", "title": {"zh": "姓名", "en": "Full name"}}
  ]
})";

// "代码,姓名\n001,王小明\n" in GB 18030.
const std::string kGbCsv = "\xB4\xFA\xC2\xEB,\xD0\xD5\xC3\xFB\n001,\xCD\xF5\xD0\xA1\xC3\xF7\n";

struct Person {
  TempDir folder;
  std::string realm = (folder / "realm").string();

  std::string file(const std::string& name, std::string_view bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return (folder / name).string();
  }
  Said run(std::vector<std::string> arguments, const std::string& input = "/dev/null") {
    arguments.insert(arguments.begin(), {"--realm", realm});
    return Program(folder.path(), std::move(arguments), input).wait();
  }
  void init() {
    const std::string words = file("pass", "a passphrase for the tests\n");
    REQUIRE(Program(folder.path(), {"init", realm, "--name", "T", "--passphrase-file", words})
                .wait()
                .exit_code == 0);
    REQUIRE(run({"dataset", "add", file("ds.json", "\xEF\xBB\xBF" + std::string(kDefinition))})
                .exit_code == 0);
  }
  Said publish(std::string_view bytes, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"publish", "people", "--from", "csv:" + file("t.csv", bytes),
                                      "--dry-run"};
    words.insert(words.end(), more.begin(), more.end());
    return run(std::move(words));
  }
};

bool is_clean(std::string text) {
  std::erase(text, '\n');
  return visible_text(text) == text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "given text: a passphrase file with a mark and CRLF seals the keys with the words alone") {
  Person person;
  const std::string words = person.file("pass",
                                        "\xEF\xBB\xBF"
                                        "correct horse battery 1\r\n"
                                        "correct horse battery 2\r\ncorrect horse battery 3\r\n");
  const Said made = Program(person.folder.path(),
                            {"init", person.realm, "--name", "T", "--passphrase-file", words})
                        .wait();
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  const std::filesystem::path keys = std::filesystem::path(person.realm) / "keys";
  must(platform::load_root_key(keys / "root-1.json", "correct horse battery 1"));
  must(platform::load_root_key(keys / "root-3.json", "correct horse battery 3"));
  for (const std::string& bad :
       {"a passphrase with\x01 one control\n"s, "\xB4\xFA\xC2\xEB long enough\n"s,
        "a passphrase with\0 a NUL\n"s}) {
    const Said refused =
        Program(person.folder.path(), {"init", person.realm + "2", "--name", "T",
                                       "--passphrase-file", person.file("bad", bad)})
            .wait();
    CHECK(refused.exit_code == 8);
    CHECK(is_clean(refused.err));
  }
}

TEST_CASE("given text: a definition's mistake is named by line, column and key path") {
  Person person;
  person.init();
  std::string text(kDefinition);
  text.replace(text.find("\"type\": \"text\", \"title\": {\"zh\": \"姓名\""), 14,
               "\"type\": \"txt\" ");
  const Said refused = person.run({"dataset", "add", person.file("bad.json", text)});
  CHECK(refused.exit_code == 8);
  CHECK(contains(refused.err, "bad.json: line 10, column 30: columns[1].type"));
  const Said broken = person.run({"dataset", "add", person.file("b.json", "{\n\"id\": x}")});
  CHECK(broken.exit_code == 8);
  CHECK(contains(broken.err, "b.json: line 2, column "));
  for (const std::string& bytes :
       {"PK\x03\x04 xl/workbook.xml"s, "%PDF-1.4"s, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s,
        "{\"id\": \"\0\"}"s, kGbCsv}) {
    const Said named = person.run({"form", "add", person.file("f.json", bytes), "--json"});
    CHECK(named.exit_code == 8);
    CHECK(is_clean(named.err));
    CHECK(named.json().at("error").at("code") == "bad_input");
  }
}

TEST_CASE(
    "given text: CSV in GB 18030, in UTF-16, with titles, with tabs and from standard input") {
  Person person;
  person.init();
  const Said gb = person.publish(kGbCsv);
  INFO(gb.err);
  CHECK(gb.exit_code == 0);
  CHECK(contains(gb.err, "GB 18030"));
  CHECK(person.publish(kGbCsv, {"--encoding", "gb18030"}).err.empty());
  CHECK(person
            .publish("\xFF\xFE"
                     "c\0o\0d\0e\0,\0N\0A\0M\0E\0\n\0001\0,\0a\0\n\0"s)
            .exit_code == 0);
  CHECK(person.publish("\xEF\xBB\xBF\"代码\",Full name\r\n001,王\r\n").exit_code == 0);
  CHECK(person.publish("code\tname\n1\ta\n", {"--delimiter", "tab"}).exit_code == 0);
  CHECK(person.publish("code,name\n1,a\n", {"--delimiter", "dash"}).exit_code == 2);
  CHECK(person.publish("code,name\n1,a\n", {"--encoding", "big5"}).exit_code == 2);
  const Said piped = person.run({"publish", "people", "--from", "csv:-", "--dry-run", "--json"},
                                person.file("in.csv", "code,name\n1,a\n2,b\n"));
  INFO(piped.err);
  REQUIRE(piped.exit_code == 0);
  CHECK(piped.json().at("rows") == 2);
}

TEST_CASE("given text: a CSV file that cannot be read is named in words, and in JSON") {
  Person person;
  person.init();
  const std::pair<std::string, std::string_view> files[] = {
      {"", "the file is empty (0 bytes)"},
      {"\xEF\xBB\xBF", "byte order mark"},
      {"\n\n", "only blank lines"},
      {"PK\x03\x04 xl/workbook.xml", "Excel workbook"},
      {"code\tname\n1\ta\n", "separated by tabs"},
      {"\"code\";\"name\"\n", "separated by semicolons"},
      {"code,name\n1,a\0b\n"s, "line 2: field 2 holds a NUL byte (U+0000)"},
      {"co\0de,name\n"s, "line 1: field 1 holds a NUL byte"},
      {"code,name\n1,a\n" + std::string(40, '\0'), "line 3"},
      {"code,\x1B[31mname\x1B]0;pwn\x07\n1,a\n", "column \\u{1b}[31mname\\u{1b}]0;pwn\\u{7}"},
      {"code,n\xD0\xB0me\n1,a\n", "U+0430 at character 2"},
      {"code,name,name\n1,a,b\n", "named twice"},
      {"code,name\n1,a\n2", "line 3: has 1 field, the header has 2"},
      {"code,name\n1,王\xFF\n", "line 2: holds bytes that are not UTF-8"},
  };
  for (const auto& [bytes, words] : files) {
    CAPTURE(words);
    const Said refused = person.publish(bytes, {"--json"});
    CHECK(refused.exit_code == 8);
    CHECK(contains(refused.err, words));
    CHECK(is_clean(refused.err));
    CHECK(is_clean(refused.out));
    CHECK(refused.json().at("error").at("exit_code") == 8);
  }
}

TEST_CASE("given text: an argument that is not UTF-8 is refused, and shown to nobody") {
  Person person;
  const Said refused = person.run({"dataset", "show", "x\xB4\xE5", "--json"});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "argument 5 (after show) is not UTF-8"));
  CHECK(is_clean(refused.err));
  CHECK(refused.json().at("error").at("code") == "usage");
}
