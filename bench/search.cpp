// Measures searches over the files of an office, with several readers at once.
// clang-format off
//   search look READERS SECONDS (DEFINITION STORE)…
//   search texts CSV          prints searches made from rows of a table, as KIND<tab>TEXT; its first
//                             column is the key
// clang-format on
// look: each reader searches all files in turn for one character, two characters, initials, full
// pinyin and digits inside a key, made from rows of the first file that has such; each search is a
// read transaction and reads the 50 best rows. Prints the latencies in milliseconds by kind.
#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "bench/tool.hpp"
#include "core/file/file.hpp"
#include "core/format/csv.hpp"
#include "core/limits.hpp"
#include "core/search/han.hpp"
#include "core/search/search_text.hpp"
#include "core/unicode/utf8.hpp"
#include "sync/downlink/search/row_search.hpp"

namespace rootlet::bench {
namespace {

constexpr std::size_t kShownRows = 50;
constexpr std::size_t kSamples = 2'000;  // rows from which searches are made

struct SearchedFile {
  std::string path;
  DatasetDefinition definition;
};

ReadRight everything() {
  return {.max_grade = 4, .divisions = {"all"}};
}

using Searches = std::map<std::string, std::vector<std::string>>;  // by kind

void add_name(std::string_view name, std::mt19937_64& random, Searches& searches) {
  const SearchText text = search_text(name, 100);
  std::string letters, syllables;
  std::size_t run = 0;
  while (run < text.size() && run < 3 && is_han(text[run].value)) ++run;
  if (run < 2) return;
  const std::size_t at = random() % text.size();
  std::string one, two;
  append_utf8(one, text[at].value);
  append_utf8(two, text[0].value);
  append_utf8(two, text[1].value);
  for (std::size_t i = 0; i < run; ++i) {
    const auto readings = readings_of(text[i].value);
    if (readings.empty()) return;
    letters += spelling_of(readings.front()).front();
    syllables += spelling_of(readings.front());
  }
  searches["one character"].push_back(one);
  searches["two characters"].push_back(two);
  searches["initials"].push_back(letters);
  searches["full pinyin"].push_back(syllables);
}

void add_digits(std::string_view code, std::mt19937_64& random, Searches& searches) {
  if (code.size() < 10) return;
  searches["digits in a code"].emplace_back(code.substr(2 + random() % (code.size() - 8), 6));
}

// From the searched columns of random rows.
void sample(const SearchedFile& file, std::mt19937_64& random, Searches& searches) {
  DatasetReader reader = must(DatasetReader::open(file.path, SymmetricKey()));
  const VisibleRows rows = must(reader.visible_rows(file.definition, everything()));
  const std::vector<HeldStream> streams = must(reader.streams());
  Statement by_id =
      must(reader.database().prepare("SELECT * FROM " + rows.sql + " WHERE \"~row\"=?1"));
  for (std::size_t i = 0; i < kSamples; ++i) {
    const HeldStream& stream = streams[random() % streams.size()];
    const auto rid = static_cast<Rid>(random() % (stream.rows + 1));
    if (!must(by_id.bind_all(row_id(stream.slot, rid)).step())) continue;
    for (std::size_t c = 0; c < file.definition.columns.size(); ++c) {
      const DatasetColumn& column = file.definition.columns[c];
      const std::string text(by_id.text(static_cast<int>(c) + 1));
      if (column.key) add_digits(text, random, searches);
      if (column.spec.name == "name") add_name(text, random, searches);
    }
  }
}

struct Latencies {
  std::map<std::string, std::vector<double>> by_kind;
  std::uint64_t rows = 0, incomplete = 0;
};

void look(const std::vector<SearchedFile>& files, const Searches& searches, double seconds,
          std::uint64_t seed, Latencies& out) {
  std::vector<DatasetReader> readers;
  for (const SearchedFile& file : files) {
    readers.push_back(must(DatasetReader::open(file.path, SymmetricKey())));
  }
  std::mt19937_64 random(seed);
  const Timer whole;
  while (whole.seconds() < seconds) {
    for (const auto& [kind, texts] : searches) {
      const std::string& typed = texts[random() % texts.size()];
      const Timer timer;
      for (std::size_t i = 0; i < files.size(); ++i) {
        must(readers[i].database().execute("BEGIN"));
        {
          RowSearch search = must(RowSearch::open(readers[i], files[i].definition, everything()));
          const SearchQuery query = must(parse_search(typed, Sounds::kExact));
          const SearchHits hits = must(search.find(query, kShownRows, {}));
          for (const SearchHit& hit : hits.rows) {
            must(search.read(hit));
            out.rows += search.spans(query).empty() ? 0 : 1;
          }
          out.incomplete += hits.is_complete ? 0 : 1;
        }
        must(readers[i].database().execute("COMMIT"));
      }
      out.by_kind[kind].push_back(timer.seconds() * 1e3);
    }
  }
}

json::object figures(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  return {{"searches", times.size()},
          {"p50", at(0.5)},
          {"p95", at(0.95)},
          {"p99", at(0.99)},
          {"longest", at(1)}};
}

void measure(int readers, double seconds, const std::vector<SearchedFile>& files) {
  std::mt19937_64 random(1);
  Searches searches;
  for (const SearchedFile& file : files) sample(file, random, searches);
  std::vector<Latencies> found(static_cast<std::size_t>(readers));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&, i] { look(files, searches, seconds, i + 1, found[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, std::vector<double>> all;
  json::object out;
  std::uint64_t rows = 0, incomplete = 0;
  for (const Latencies& one : found) {
    rows += one.rows;
    incomplete += one.incomplete;
    for (const auto& [kind, times] : one.by_kind) {
      all[kind].insert(all[kind].end(), times.begin(), times.end());
    }
  }
  json::object kinds;
  for (auto& [kind, times] : all) kinds[kind] = figures(std::move(times));
  print(json::object{{"ms", std::move(kinds)}, {"rows", rows}, {"incomplete", incomplete}});
}

// Of some rows, drawn while all of them are read.
void print_texts(const char* path) {
  CsvReader rows = must(CsvReader::open(path));
  std::mt19937_64 random(2);
  Searches searches;
  if (!must(rows.next())) die("an empty table");
  std::size_t name = 0;
  while (name < rows.size() && rows.field(name) != "name") ++name;
  if (name == rows.size()) die("no column name");
  constexpr std::uint64_t kOneIn = 300;
  while (must(rows.next())) {
    if (random() % kOneIn != 0) continue;
    add_digits(rows.field(0), random, searches);
    add_name(rows.field(name), random, searches);
  }
  for (const auto& [kind, texts] : searches) {
    for (const std::string& text : texts) std::printf("%s\t%s\n", kind.c_str(), text.c_str());
  }
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  if (argc == 3 && std::string(argv[1]) == "texts") {
    print_texts(argv[2]);
    return 0;
  }
  if (argc < 6 || std::string(argv[1]) != "look" || argc % 2 != 0) {
    die("usage: search look READERS SECONDS (DEFINITION STORE)... | search texts CSV");
  }
  rootlet::initialise_crypto();
  std::vector<SearchedFile> files;
  for (int i = 4; i + 1 < argc; i += 2) {
    const std::string text =
        must(rootlet::read_text_file(argv[i], rootlet::limits::kDefinitionBytes));
    files.push_back({argv[i + 1], must(rootlet::DatasetDefinition::parse(text, argv[i]))});
  }
  measure(std::stoi(argv[2]), std::stod(argv[3]), files);
  return 0;
}
