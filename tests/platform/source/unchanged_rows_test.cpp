// Tests of unchanged_rows.hpp, row_scanner.hpp and row_filter.hpp: unchanged rows plus the rows
// that are read equal the rows of a file that is read whole.
#include "platform/source/unchanged_rows.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include "core/limits.hpp"
#include "platform/source/csv_source.hpp"
#include "platform/source/read_source.hpp"
#include "platform/source/row_filter.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr std::string_view kDefinition = R"({
  "id": "people", "title": "People",
  "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional"}, "grade": "general",
  "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "integer", "key": true}, {"name": "code", "type": "text"},
              {"name": "note", "type": "text"}]})";
constexpr std::int64_t kStream = 7;

struct Line {
  std::string id, code, note;
};
using Random = std::mt19937_64;

Line some_line(Random& random, int id) {
  constexpr std::string_view kNotes[] = {"",           "a",    "a,b", "says \"no\"",
                                         "two\nlines", "中文", "\r\n"};
  return {std::to_string(id), std::to_string(11 + random() % 3) + "01",
          std::string(kNotes[random() % std::size(kNotes)])};
}

// A field may always be quoted, and sometimes must.
std::string field(const std::string& text, bool quoted) {
  if (!quoted && text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string row(const Line& line, Random& random) {
  const bool quoted = random() % 16 == 0;
  return field(line.id, quoted) + "," + field(line.code, quoted) + "," + field(line.note, quoted) +
         (random() % 16 == 0 ? "\r\n" : "\n") + (random() % 24 == 0 ? "\n" : "");
}

std::string file_of(const std::vector<Line>& lines, Random& random) {
  std::string csv = "id,code,note\n";
  for (const Line& line : lines) csv += row(line, random);
  if (random() % 4 == 0) csv.resize(csv.find_last_not_of("\r\n") + 1);
  return csv;
}

std::vector<Line> changed(std::vector<Line> lines, Random& random, int& next_id) {
  std::erase_if(lines, [&](const Line&) { return random() % 16 == 0; });
  for (Line& line : lines) {
    if (random() % 8 == 0) line = some_line(random, std::stoi(line.id));
  }
  for (std::size_t n = random() % 6; n > 0; --n) lines.push_back(some_line(random, ++next_id));
  if (random() % 4 == 0) std::shuffle(lines.begin(), lines.end(), random);
  return lines;
}

class Files {
 public:
  Result<SourceTable> read(const std::string& csv, UnchangedRows& unchanged) {
    const std::filesystem::path path = folder_ / "people.csv";
    std::ofstream(path, std::ios::binary) << csv;
    return read_source(*must(open_csv_source(path)), {secret_, definition_, unchanged});
  }
  Result<SourceTable> read(const std::string& csv) {
    UnchangedRows nothing;
    return read(csv, nothing);
  }

 private:
  TempDir folder_;
  SymmetricKey secret_ = SymmetricKey::random();
  DatasetDefinition definition_ = must(DatasetDefinition::parse(kDefinition, "people.json"));
};

UnchangedRows unchanged_of(std::span<const SourceRow> rows) {
  UnchangedRows unchanged;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&rows[i].fingerprint);
    unchanged.add(kStream, i, {bytes, sizeof rows[i].fingerprint});
  }
  return unchanged;
}

using Row =
    std::tuple<std::string, std::string, std::string>;  // key, image, fingerprint of the row

Row row_of(const SourceRow& row) {
  return {std::string(row.key()), std::string(row.image()),
          std::string(row.fingerprint.text.begin(), row.fingerprint.text.end())};
}

std::map<std::uint32_t, Row> by_line(std::span<const SourceRow> rows) {
  std::map<std::uint32_t, Row> lines;
  for (const SourceRow& row : rows) lines.emplace(row.line, row_of(row));
  return lines;
}

// The rows that a reader finds in `text` without those of `unchanged`.
std::vector<std::pair<std::uint64_t, std::vector<std::string>>> records_through(
    const std::string& text, UnchangedRows& unchanged, std::string& error) {
  std::size_t at = 0;
  RowScanner scanner(
      [&](std::span<char> space) -> Result<std::size_t> {
        const std::size_t bytes =
            text.copy(space.data(), std::min<std::size_t>(7, space.size()), at);
        at += bytes;
        return bytes;
      },
      SymmetricKey(), "");
  RowFilter filter(scanner, unchanged, [](std::uint64_t) {});
  CsvReader reader([&](std::span<char> space) { return filter.read(space); }, "soup");
  std::vector<std::pair<std::uint64_t, std::vector<std::string>>> rows;
  while (true) {
    const Result<bool> more = reader.next();
    if (more.has_error()) error = more.error().message;
    if (more.has_error() || !more.value()) break;
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < reader.size(); ++i) fields.emplace_back(reader.field(i));
    rows.emplace_back(reader.line(), std::move(fields));
  }
  // The next reader of the file knows the rows that were read completely.
  std::size_t marked = 0;
  const std::vector<RowFilter::Fingerprinted> left_in = filter.take_left_in();
  std::vector<SourceRow> seen;
  for (const auto& [line, fields] : rows) {
    while (marked < left_in.size() && left_in[marked].line < line) ++marked;
    if (marked == left_in.size()) break;
    if (left_in[marked].line != line) continue;
    seen.push_back({});
    seen.back().fingerprint.text = left_in[marked].fingerprint;
  }
  unchanged = unchanged_of(seen);
  return rows;
}

}  // namespace

TEST_CASE("unchanged rows: together with the rest they are the whole file, line by line") {
  std::uint64_t seed = 0;
  Random random = seeded(seed);
  CAPTURE(seed);
  Files files;
  std::size_t taken = 0, read = 0;
  for (int round = 0; round < 150; ++round) {
    CAPTURE(round);
    int next_id = 0;
    std::vector<Line> lines;
    for (std::size_t n = random() % 60; n > 0; --n) lines.push_back(some_line(random, ++next_id));
    Random layout(random());
    const Random same_layout = layout;
    SourceTable before = must(files.read(file_of(lines, layout)));
    const std::vector<Row> held = [&] {
      std::vector<Row> rows;
      for (const SourceRow& row : before.rows()) rows.push_back(row_of(row));
      return rows;
    }();
    UnchangedRows unchanged = unchanged_of(before.rows());
    layout = random() % 2 == 0 ? same_layout : Random(random());
    const std::string csv = file_of(changed(lines, random, next_id), layout);
    SourceTable all = must(files.read(csv));
    SourceTable some = must(files.read(csv, unchanged));
    std::map<std::uint32_t, Row> found = by_line(some.rows());
    read += found.size();
    const std::span<const std::uint32_t> stands = unchanged.lines(kStream);
    for (std::size_t row = 0; row < stands.size(); ++row) {
      if (stands[row] == 0) continue;
      ++taken;
      CHECK(found.emplace(stands[row], held[row]).second);
    }
    CHECK(found == by_line(all.rows()));
  }
  CHECK(taken > 1'000);
  CHECK(read > 1'000);
}

TEST_CASE("unchanged rows: a mistake is reported as when the whole file is read") {
  std::uint64_t seed = 0;
  Random random = seeded(seed);
  CAPTURE(seed);
  Files files;
  std::size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    int next_id = 0;
    std::vector<Line> lines;
    for (int n = 0; n < 20; ++n) lines.push_back(some_line(random, ++next_id));
    const Random layout(random());
    Random first = layout, second = layout;
    SourceTable before = must(files.read(file_of(lines, first)));
    UnchangedRows unchanged = unchanged_of(before.rows());
    const Line twice{lines[random() % 20].id, "1501", "moved"};
    std::string csv = file_of(lines, second);
    const std::size_t line_end = csv.find('\n', random() % csv.size());
    const std::string mistakes[] = {row(lines[random() % 20], random),
                                    row(twice, random),
                                    "x,1101,\n",
                                    "1,1101\n",
                                    "21,11,\"",
                                    "\"",
                                    "\r",
                                    "21,1\"1,\n"};
    csv.insert(line_end == csv.npos ? csv.size() : line_end + 1,
               mistakes[random() % std::size(mistakes)]);
    const Result<SourceTable> all = files.read(csv), some = files.read(csv, unchanged);
    REQUIRE(all.has_error() == some.has_error());
    if (!all.has_error()) continue;  // the mistake is inside a quoted field
    CHECK(all.error().message == some.error().message);
    CHECK(all.error().field == some.error().field);
    ++refused;
  }
  CHECK(refused > 200);
}

TEST_CASE("unchanged rows: for any bytes, they do not change the line numbers of the rest") {
  std::uint64_t seed = 0;
  Random random = seeded(seed);
  CAPTURE(seed);
  constexpr std::string_view kBytes = "\"\"\n\n\n\r,,abc";
  std::size_t skipped = 0;
  for (int round = 0; round < 2'000; ++round) {
    CAPTURE(round);
    std::string text = "h\n";
    for (std::size_t n = random() % 60; n > 0; --n) text += kBytes[random() % kBytes.size()];
    CAPTURE(text);
    CsvReader plain = CsvReader::over(text, "soup");
    std::vector<std::uint64_t> lines;
    std::string plain_error, first_error, second_error;
    while (true) {
      const Result<bool> more = plain.next();
      if (more.has_error()) plain_error = more.error().message;
      if (more.has_error() || !more.value()) break;
      lines.push_back(plain.line());
    }
    UnchangedRows unchanged;
    const auto first = records_through(text, unchanged, first_error);
    REQUIRE(first.size() == lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) CHECK(first[i].first == lines[i]);
    CHECK(first_error == plain_error);
    const auto second = records_through(text, unchanged, second_error);
    CHECK(second_error == plain_error);
    CHECK(second.size() <= first.size());
    for (const auto& row : second) {
      CHECK(std::find(first.begin(), first.end(), row) != first.end());
    }
    skipped += first.size() - second.size();
  }
  CHECK(skipped > 1'000);
}

TEST_CASE("unchanged rows: a long row can be one, a row that is too long is named by its line") {
  Files files;
  const std::string head = "id,code,note\n1,1101,\n";
  const std::string long_one = "2,1101,\"" + std::string(limits::kCellBytes - 2, 'n') + "\"\n";
  const std::string last = "3,1101,\n";
  SourceTable before = must(files.read(head + long_one + last));
  UnchangedRows unchanged = unchanged_of(before.rows());
  CHECK(must(files.read(head + long_one + "4,1101,\n" + last, unchanged)).size() == 1);
  const std::string too_long = "2,1101,\"" + std::string(3 * limits::kCsvRowBytes, 'n') + "\"\n";
  unchanged = unchanged_of(before.rows());
  const Result<SourceTable> refused = files.read(head + too_long + last, unchanged);
  REQUIRE(refused.has_error());
  CHECK(refused.error().field == "line 3");
  CHECK(refused.error().message.find("is a quote missing?") != std::string::npos);
}

TEST_CASE("unchanged rows: under another header or definition there are none") {
  const SymmetricKey secret = SymmetricKey::random();
  const RowFingerprinter fingerprinter(secret, "definition", "a,b");
  CHECK(fingerprinter.of_row_text("1,2") ==
        RowFingerprinter(secret, "definition", "a,b").of_row_text("1,2"));
  CHECK(fingerprinter.of_key("1") == RowFingerprinter(secret, "definition", "a,b").of_key("1"));
  for (const RowFingerprinter& other :
       {RowFingerprinter(secret, "definition", "b,a"), RowFingerprinter(secret, "other", "a,b"),
        RowFingerprinter(SymmetricKey::random(), "definition", "a,b")}) {
    CHECK(other.of_row_text("1,2") != fingerprinter.of_row_text("1,2"));
    CHECK(other.of_key("1") != fingerprinter.of_key("1"));
  }
}
