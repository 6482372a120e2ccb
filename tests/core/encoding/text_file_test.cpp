// Text as people hand it over, by every program they use: read, converted or named in one sentence.
#include "core/encoding/text_file.hpp"

#include <fstream>

#include "core/encoding/file_kind.hpp"
#include "core/limits.hpp"
#include "core/unicode/utf8.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace std::string_literals;
using test::must;

namespace {

// `utf8` as UTF-16 with its mark.
std::string utf16(std::string_view utf8, bool big_endian, bool marked = true) {
  std::string out;
  const auto unit = [&](std::uint32_t value) {
    const char high = static_cast<char>(value >> 8), low = static_cast<char>(value & 0xFF);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  if (marked) unit(0xFEFF);
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.value < 0x10000) {
      unit(point.value);
    } else {
      unit(0xD7C0 + (point.value >> 10));
      unit(0xDC00 + (point.value & 0x3FF));
    }
    at += point.bytes;
  }
  return out;
}

Error refusal(const std::string& bytes) {
  const Result<PlainText> read = decode_plain_text(bytes, "given.txt");
  REQUIRE(read.has_error());
  CHECK(read.error().code == ErrorCode::kBadInput);
  CHECK(read.error().message.starts_with("given.txt: "));
  CHECK(is_utf8(read.error().message));
  CHECK_FALSE(read.error().hint.zh.empty());
  return read.error();
}

// "王小明,嘉兴" in GB 18030.
const std::string kGbText = "\xCD\xF5\xD0\xA1\xC3\xF7,\xBC\xCE\xD0\xCB\n";

struct Pieces {
  std::string text;
  std::size_t at = 0;
};

// A source that gives at most `step` bytes at a time.
TextSource in_steps(std::string text, std::size_t step) {
  auto rest = std::make_shared<Pieces>(Pieces{std::move(text)});
  return [rest, step](std::span<char> space) -> Result<std::size_t> {
    const std::size_t count = rest->text.copy(space.data(), std::min(step, space.size()), rest->at);
    rest->at += count;
    return count;
  };
}

Result<std::string> drained(const TextSource& source, std::size_t step) {
  std::string out, space(step, ' ');
  while (true) {
    ROOTLET_TRY(const std::size_t count, source(space));
    if (count == 0) return out;
    out.append(space, 0, count);
  }
}

}  // namespace

TEST_CASE("text file: a byte order mark and carriage returns are taken off") {
  CHECK(must(decode_plain_text("\xEF\xBB\xBFpoll = 5s\r\n王\r\n", "f")).text == "poll = 5s\n王\n");
  CHECK(must(decode_plain_text("a\rb\n", "f")).text == "a\nb\n");
  CHECK(must(decode_plain_text("", "f")).text.empty());
  CHECK(must(decode_plain_text("\xEF\xBB\xBF", "f")).text.empty());
}

TEST_CASE("text file: UTF-16 with its mark is converted, and this is reported") {
  for (const bool big_endian : {false, true}) {
    const PlainText read = must(decode_plain_text(utf16("名 = 王𠮷\r\n", big_endian), "f"));
    CHECK(read.text == "名 = 王𠮷\n");
    CHECK(read.notice.en.find("UTF-16") != std::string::npos);
    CHECK_FALSE(read.notice.zh.empty());
    CHECK(refusal(utf16("poll = 5s\r\n", big_endian, false)).message.find("UTF-16") !=
          std::string::npos);
  }
  CHECK(refusal(utf16("abcd", false).substr(0, 9)).message.find("line 1") != std::string::npos);
}

TEST_CASE("text file: what is not text is named in one sentence, without its bytes") {
  const auto names = [](const std::string& bytes, std::string_view word) {
    CAPTURE(word);
    CHECK(refusal(bytes).message.find(word) != std::string::npos);
  };
  names("PK\x03\x04" + std::string(26, '\0') + "[Content_Types].xml", "Excel workbook");
  names("PK\x03\x04" + std::string(26, '\0') + "xl/workbook.xml", "Excel workbook");
  names("PK\x03\x04" + std::string(26, '\0') + "data.csv", "archive");
  names("PK\x03\x04" + std::string(26, '\0') +
            "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "OpenDocument");
  names("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(500, '\0'), "old Excel");
  names("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", "PDF");
  names("\x1F\x8B\x08\0\0"s, "archive");
  names("SQLite format 3\0"s, "SQLite");
  names("  <!DOCTYPE html><html>", "HTML");
  names("\xEF\xBB\xBF<?xml version=\"1.0\"?>", "XML");
  names("\xFF\xFE\0\0a\0\0\0"s, "UTF-32");
  names(kGbText, "GB 18030");
}

TEST_CASE("text file: NUL and other control characters are named with line and column") {
  CHECK(refusal("a\nb王\0c"s)
            .message.find("line 2, column 3: holds a control character (a NUL "
                          "byte, U+0000)") != std::string::npos);
  CHECK(refusal("a\x1B[31m").message.find("line 1, column 2") != std::string::npos);
  CHECK(refusal("a\x7F").message.find("U+007F") != std::string::npos);
  CHECK(refusal("a\xC2\x9B").message.find("U+009B") != std::string::npos);
  CHECK(refusal("one\ntwo \xFF\xFF\n").message.find("line 2") != std::string::npos);
}

TEST_CASE("text file: a file beyond its limit, and one that is missing, are errors") {
  const test::TempDir folder;
  std::ofstream(folder / "big.txt") << std::string(100, 'a');
  CHECK(test::code_of(read_plain_text(folder / "big.txt", 99)) == ErrorCode::kBadInput);
  CHECK(must(read_plain_text(folder / "big.txt", 100)).text.size() == 100);
  CHECK(test::code_of(read_plain_text(folder / "none", 99)) == ErrorCode::kBadInput);
}

TEST_CASE("text stream: GB 18030 is recognised where the bytes are valid in nothing else") {
  std::string plain = "code,name\n";
  for (int i = 0; i < 9000; ++i) plain += "000,plain\n";  // the first name comes late
  int told = 0;
  const TextSource source = utf8_source(in_steps(plain + kGbText, 1 << 20), "t.csv",
                                        {.on_conversion = [&](TextEncoding encoding) {
                                          told += encoding == TextEncoding::kGb18030 ? 1 : 100;
                                        }});
  CHECK(must(drained(source, 4096)) == plain + "王小明,嘉兴\n");
  CHECK(told == 1);
  const Text notice = conversion_notice(TextEncoding::kGb18030, "t.csv");
  CHECK(notice.en.find("GB 18030") != std::string::npos);
  CHECK(notice.zh.find("GB 18030") != std::string::npos);
}

TEST_CASE("text stream: damaged UTF-8 is an error with its line and never read as GB 18030") {
  std::string text = "代码,名称\n";
  for (int i = 0; i < 300; ++i) text += "001,王小明\n";
  for (const std::size_t at : {std::size_t{1}, text.size() / 2, text.size() - 3}) {
    std::string damaged = text;
    damaged[at] = '\xFF';
    const auto read = drained(utf8_source(in_steps(damaged, 777), "t.csv"), 100);
    REQUIRE(read.has_error());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
    CHECK(read.error().field == "line " + std::to_string(line));
  }
}

TEST_CASE("text stream: a named encoding is strict and gives no notice") {
  bool told = false;
  const auto read = [&](const std::string& bytes, TextEncoding encoding) {
    return drained(
        utf8_source(in_steps(bytes, 3), "t.csv",
                    {.encoding = encoding, .on_conversion = [&](TextEncoding) { told = true; }}),
        5);
  };
  CHECK(must(read(kGbText, TextEncoding::kGb18030)) == "王小明,嘉兴\n");
  CHECK(must(read(utf16("王,1\n", false, false), TextEncoding::kUtf16Le)) == "王,1\n");
  CHECK(must(read(utf16("王,1\n", true, false), TextEncoding::kUtf16Be)) == "王,1\n");
  CHECK(must(read("王\n", TextEncoding::kUtf8)) == "王\n");
  CHECK(read(kGbText, TextEncoding::kUtf8).has_error());
  const auto bad = read("ok\n" + kGbText + "\xFF\n", TextEncoding::kGb18030);
  REQUIRE(bad.has_error());
  CHECK(bad.error().field == "line 3");
  CHECK_FALSE(told);
}

TEST_CASE("text stream: the text is the same however its bytes arrive") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  const std::uint32_t kinds[] = {'a', '\n', 0x3B1, 0x738B, 0x20BB7, 0x1F600, ','};
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (std::size_t i = random() % 300; i > 0; --i) append_utf8(text, kinds[random() % 7]);
    const std::size_t in = 1 + random() % 40, out = 1 + random() % 40;
    CHECK(must(drained(utf8_source(in_steps(text, in), "t"), out)) == text);
    if (text.empty()) continue;
    CHECK(must(drained(utf8_source(in_steps(utf16(text, round % 2 == 0), in), "t"), out)) == text);
  }
}

TEST_CASE("text stream: no bytes whatever give text that is not UTF-8") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 60; i > 0; --i) {
      bytes.push_back(static_cast<char>(random() % 4 == 0 ? random() : 'a' + random() % 26));
    }
    const auto read = drained(utf8_source(in_steps(bytes, 7), "t"), 9);
    CHECK(is_utf8(read.has_error() ? read.error().message : read.value()));
    const auto whole = decode_plain_text(bytes, "t");
    CHECK(is_utf8(whole.has_error() ? whole.error().message : whole.value().text));
  }
}
