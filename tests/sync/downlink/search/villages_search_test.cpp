// Two hundred searches made from the public villages, against reading every row. With ROOTLET_LONG
// over all 620,000 villages, else over every sixtieth.
#include <cstdlib>
#include <set>

#include "core/format/csv.hpp"
#include "core/search/han.hpp"
#include "core/unicode/fold.hpp"
#include "core/unicode/utf8.hpp"
#include "tests/sync/downlink/search/search_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr const char* kColumns = R"([{"name":"code","type":"text","key":true,"search":true},
  {"name":"name","type":"text","search":true}])";

Lines villages(std::size_t step) {
  CsvReader csv = must(CsvReader::open(VILLAGES));
  Lines lines;
  for (std::size_t i = 0; must(csv.next()); ++i) {
    if (i % step == 1) lines.push_back({std::string(csv.field(0)), std::string(csv.field(1))});
  }
  return lines;
}

// The plain scan's form of a text, made without the search's own code: folded, with simplified
// characters, without dots and blanks.
std::string plain(std::string_view text) {
  const std::string all = folded(text);
  std::string out;
  for (std::size_t at = 0; at < all.size();) {
    const CodePoint point = code_point_at(all, at);
    at += point.bytes;
    if (point.value == 0xB7 || point.value == ' ') continue;
    append_utf8(out, simplified_form(point.value));
  }
  return out;
}

std::u32string characters(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    at += point.bytes;
    out.push_back(point.value);
  }
  return out;
}

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

// A part of a random name that is all Chinese characters; empty if there is none.
std::u32string part_of(std::mt19937_64& random, const Lines& lines, std::size_t length) {
  for (int tries = 0; tries < 1000; ++tries) {
    const std::u32string name = characters(plain(lines[random() % lines.size()][1]));
    if (name.size() < length) continue;
    const std::u32string part = name.substr(random() % (name.size() - length + 1), length);
    if (std::all_of(part.begin(), part.end(), [](char32_t c) { return is_han(c); })) return part;
  }
  return {};
}

// Each character by its whole syllable or its first letter.
std::string pinyin_of(std::mt19937_64& random, std::u32string_view part, bool only_initials) {
  std::string out;
  for (const char32_t c : part) {
    const auto readings = readings_of(c);
    if (readings.empty()) return {};
    const std::string_view one = spelling_of(readings.front());
    out += only_initials || random() % 2 == 0 ? one.substr(0, 1) : one;
  }
  return out;
}

class Scan {
 public:
  explicit Scan(const Lines& lines) {
    for (const auto& line : lines) {
      rows_.push_back({line[0], plain(line[1]), search_text(line[1], 1000)});
    }
  }
  std::set<std::string> containing(const std::string& typed) const {
    std::set<std::string> out;
    for (const Row& row : rows_) {
      const bool is_there =
          row.code.find(typed) != std::string::npos || row.name.find(typed) != std::string::npos;
      if (is_there) out.insert(row.code);
    }
    return out;
  }
  std::set<std::string> read_as(const std::string& letters) const {
    const SearchQuery query = must(parse_search(letters, Sounds::kExact));
    std::set<std::string> out;
    for (const Row& row : rows_) {
      if (match_word(query.words.front(), row.text, Sounds::kExact)) out.insert(row.code);
    }
    return out;
  }

 private:
  struct Row {
    std::string code, name;
    SearchText text;
  };
  std::vector<Row> rows_;
};

}  // namespace

TEST_CASE("villages: two hundred searches find what a plain scan finds, no more and no less") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const Lines lines = villages(std::getenv("ROOTLET_LONG") != nullptr ? 1 : 60);
  REQUIRE(lines.size() > 10'000);
  SearchWorld world(kColumns);
  world.load("all", lines);
  must(world.store().clean({}));
  const Scan scan(lines);
  int cut_short = 0;  // searches that met the limit of rows read in vain, and said so
  for (int i = 0; i < 200; ++i) {
    const int kind = i % 5;
    std::string typed;
    if (kind <= 1) {
      typed = utf8(part_of(random, lines, 1 + random() % (kind == 0 ? 2 : 5)));
    } else if (kind == 2) {
      const std::string& code = lines[random() % lines.size()][0];
      const std::size_t length = 4 + random() % 6;
      typed = code.substr(random() % (code.size() - length + 1), length);
    } else {
      typed = pinyin_of(random, part_of(random, lines, 2 + random() % 3), kind == 3);
    }
    if (typed.empty()) continue;
    CAPTURE(typed);
    const std::set<std::string> wanted = kind <= 2 ? scan.containing(typed) : scan.read_as(typed);
    const std::vector<std::string> found = world.found(typed, 0);
    CHECK(found.size() == wanted.size());
    CHECK(std::set<std::string>(found.begin(), found.end()) == wanted);
    const std::vector<std::string> first = world.found(typed, 50);
    cut_short += world.last.is_complete ? 0 : 1;
    if (world.last.is_complete) CHECK(first.size() == std::min<std::size_t>(50, wanted.size()));
    for (const std::string& one : first) CHECK(wanted.contains(one));
  }
  CHECK(cut_short <= 2);
}
