// CSV: the reader accepts what RFC 4180 allows, rejects the rest with its line, and reads back what
// the writer writes.
#include "core/format/csv.hpp"

#include <fstream>

#include "core/limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Result<Rows> read_all(CsvReader reader) {
  Rows rows;
  while (true) {
    ROOTLET_TRY(const bool more, reader.next());
    if (!more) return rows;
    std::vector<std::string> row;
    for (std::size_t i = 0; i < reader.size(); ++i) row.emplace_back(reader.field(i));
    rows.push_back(std::move(row));
  }
}

Rows rows_of(std::string text) {
  return must(read_all(CsvReader::over(std::move(text), "test.csv")));
}

Error error_of(std::string text) {
  const Result<Rows> rows = read_all(CsvReader::over(std::move(text), "test.csv"));
  REQUIRE(rows.has_error());
  return rows.error();
}

// Gives the text in pieces of `step` bytes, so that every boundary meets every state.
CsvReader in_pieces(std::string text, std::size_t step) {
  auto at = std::make_shared<std::size_t>(0);
  return CsvReader(
      [text = std::move(text), at, step](std::span<char> space) -> Result<std::size_t> {
        const std::size_t count = text.copy(space.data(), std::min(step, space.size()), *at);
        *at += count;
        return count;
      },
      "pieces.csv");
}

}  // namespace

TEST_CASE("csv: fields, quotes, line ends and a byte order mark") {
  CHECK(rows_of("").empty());
  CHECK(rows_of("\xEF\xBB\xBF").empty());
  CHECK(rows_of("a,b\n1,2\n") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("\xEF\xBB\xBF\"a\",b\r\n1,\r\n") == Rows{{"a", "b"}, {"1", ""}});
  CHECK(rows_of("a,b") == Rows{{"a", "b"}});
  CHECK(rows_of("a,") == Rows{{"a", ""}});
  CHECK(rows_of(",\n") == Rows{{"", ""}});
  CHECK(rows_of("\"x,\"\"y\"\"\nz\",2\n") == Rows{{"x,\"y\"\nz", "2"}});
  CHECK(rows_of("，a\n") == Rows{{"，a"}});  // begins with the first byte of a byte order mark
}

TEST_CASE("csv: a blank line is no row, a quoted empty field is one") {
  CHECK(rows_of("a\n\n\r\nb\n\n") == Rows{{"a"}, {"b"}});
  CHECK(rows_of("a\n\"\"\nb\n") == Rows{{"a"}, {""}, {"b"}});
  CHECK(rows_of("a\n\"\"") == Rows{{"a"}, {""}});
}

TEST_CASE("csv: lines are counted over quoted line ends") {
  CsvReader reader = CsvReader::over("h\n\"one\r\ntwo\nthree\"\n\nlast\n", "test.csv");
  REQUIRE(must(reader.next()));
  CHECK(reader.line() == 1);
  REQUIRE(must(reader.next()));
  CHECK(reader.line() == 2);
  CHECK(reader.field(0) == "one\r\ntwo\nthree");
  REQUIRE(must(reader.next()));
  CHECK(reader.line() == 6);
  CHECK_FALSE(must(reader.next()));
  CHECK_FALSE(must(reader.next()));
}

TEST_CASE("csv: malformed rows are rejected with their line") {
  CHECK(error_of("a\nb\"c\n").field == "line 2");
  CHECK(error_of("a\n\"b\"c\n").field == "line 2");
  CHECK(error_of("a\n\"b\n\n").field == "line 2");
  CHECK(error_of("a\rb\n").field == "line 1");
  CHECK(error_of("x\n\n\n\"a\" ,b").field == "line 4");
  CHECK(error_of(std::string(limits::kCsvFields, ',') + "\n").code == ErrorCode::kBadInput);
  CHECK(error_of("h\n\"" + std::string(limits::kCsvRowBytes + 1, 'x')).field == "line 2");
  CsvReader reader = CsvReader::over("a\"\nb\n", "test.csv");
  CHECK(code_of(reader.next()) == ErrorCode::kBadInput);
  CHECK_FALSE(must(reader.next()));
}

TEST_CASE("csv: a NUL byte is named as such, with its line and field") {
  const Error error = error_of(std::string("code,name\n001,a\0b\n", 18));
  CHECK(error.message.find("line 2: field 2 holds a NUL byte (U+0000)") != std::string::npos);
  CHECK(error_of(std::string("co\0de,name\n", 12)).field == "line 1");
  CHECK(error_of("code,name\n001,a\n" + std::string(500, '\0')).field == "line 3");
}

TEST_CASE("csv: another delimiter is read when it is given, and named when it is not") {
  std::string text = "code\tname\n1\t\"a\tb\"\n2\tx,y\n";
  CsvReader reader(
      [text](std::span<char> space) mutable -> Result<std::size_t> {
        const std::size_t count = text.copy(space.data(), space.size());
        text.erase(0, count);
        return count;
      },
      "t.tsv", '\t');
  CHECK(must(read_all(std::move(reader))) == Rows{{"code", "name"}, {"1", "a\tb"}, {"2", "x,y"}});
  const auto named = [](std::string header, std::string_view words) {
    CsvReader one = CsvReader::over(std::move(header), "t.csv");
    const Result<bool> row = one.next();
    const Status checked = row.has_error() ? Status(row.error()) : one.check_delimiter();
    REQUIRE(checked.has_error());
    CHECK(checked.error().message.find(words) != std::string::npos);
    CHECK_FALSE(checked.error().hint.zh.empty());
  };
  named("code\tname\n", "separated by tabs, not commas");
  named("code;name\n", "separated by semicolons, not commas");
  named("\"code\";\"name\"\n", "separated by semicolons, not commas");
  named("code|name\n", "vertical bars");
  named("代码，姓名\n", "full-width commas (U+FF0C)");
  CsvReader fine = CsvReader::over("code\n1\n", "t.csv");
  CHECK(must(fine.next()));
  must(fine.check_delimiter());
}

TEST_CASE("csv: the reader knows whether the last row had a line end") {
  const auto is_open = [](std::string text) {
    CsvReader reader = CsvReader::over(std::move(text), "t.csv");
    while (must(reader.next())) {
    }
    return reader.is_last_row_open();
  };
  CHECK_FALSE(is_open("a\nb\n"));
  CHECK(is_open("a\nb"));
  CHECK(is_open("a\n\"b\""));
  CHECK_FALSE(is_open("a\nb\n\n"));
}

TEST_CASE("csv: pieces of any size give the same rows") {
  const std::string text =
      "\xEF\xBB\xBFk,\"n\"\"\"\r\n\"a,\r\n\"\"b\",\"\"\r\n\n中,\"国\"\nlast,\"x\"";
  const Rows whole = rows_of(text);
  REQUIRE(whole.size() == 4);
  for (std::size_t step = 1; step <= text.size(); ++step) {
    CAPTURE(step);
    CHECK(must(read_all(in_pieces(text, step))) == whole);
  }
}

TEST_CASE("csv: a field is quoted exactly when it must be") {
  const auto written = [](std::string_view field) {
    std::string out;
    append_csv_field(out, field);
    return out;
  };
  for (const char* plain : {"", "110101001001", "a-b_c.d;e:f/g", "x=y!", "03"}) {
    CHECK(written(plain) == plain);
  }
  CHECK(written("a b") == "\"a b\"");
  CHECK(written("a\tb") == "\"a\tb\"");
  CHECK(written("a\nb") == "\"a\nb\"");
  CHECK(written("\x7F") == "\"\x7F\"");
  CHECK(written("it's") == "\"it's\"");
  CHECK(written("a,b") == "\"a,b\"");
  CHECK(written("a\"b") == "\"a\"\"b\"");
  CHECK(written("银闸") == "\"银闸\"");
}

TEST_CASE("csv: written rows read back, with any bytes") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const std::string_view letters[] = {"a", ",", "\"", "\n", "\r", "'", " ", "中", "0", ""};
  Rows rows;
  std::string text;
  for (int row = 0; row < 500; ++row) {
    std::vector<std::string> fields(1 + random() % 4);
    for (std::string& field : fields) {
      for (std::size_t n = random() % 6; n > 0; --n) field += letters[random() % 10];
    }
    const std::vector<std::string_view> views(fields.begin(), fields.end());
    append_csv_row(text, views);
    rows.push_back(std::move(fields));
  }
  CHECK(rows_of(text) == rows);
  CHECK(must(read_all(in_pieces(text, 1 + random() % 50))) == rows);
}

TEST_CASE("csv: a file is read in bounded pieces, a missing one is a storage error") {
  const TempDir folder;
  std::string text = "id,name\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + ",\"村\"\n";
  std::ofstream(folder / "big.csv", std::ios::binary) << text;
  CsvReader reader = must(CsvReader::open(folder / "big.csv"));
  std::size_t rows = 0;
  while (must(reader.next())) ++rows;
  CHECK(rows == 100'001);
  CHECK(code_of(CsvReader::open(folder / "none.csv")) == ErrorCode::kBadInput);
}
