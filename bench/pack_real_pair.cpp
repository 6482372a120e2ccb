// Bytes and seconds of packs between two real states of one table: two CSV files with the same
// columns and a key in the first. Usage: pack_real_pair OLD.csv NEW.csv [DIGITS], where DIGITS is
// how many leading digits of the key make a partition (default 4; 0 is one stream). With EXPLAIN in
// the environment each pack is taken apart too.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>
#include <unordered_map>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "sync/pack/explain.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {
namespace {

using Row = std::vector<std::string>;
using Table = std::map<std::string, Row>;  // by key
using Stream = std::map<Rid, const Row*>;  // rows of one partition by number

struct Timer {  // of the processor: other programs do not count
  std::clock_t start = std::clock();
  double seconds() const { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }
};

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (result.has_error()) die(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

RowBlock block_of(const Stream& rows, std::size_t columns) {
  RowBlock block;
  block.columns.resize(columns);
  for (const auto& [rid, row] : rows) {
    block.rids.push_back(rid);
    for (std::size_t c = 0; c < columns; ++c) block.columns[c].push_text((*row)[c]);
  }
  return block;
}

// The old rows numbered in key order; the new ones keep their numbers, free numbers go to new rows.
struct Pair {
  Stream before, after;
};

Pair number_rows(const std::vector<const Row*>& before, const std::vector<const Row*>& after) {
  Pair pair;
  std::unordered_map<std::string, Rid> numbers;
  std::set<Rid> free;
  for (const Row* row : before) {
    const Rid rid = pair.before.size();
    numbers.emplace((*row)[0], rid);
    pair.before.emplace(rid, row);
    free.insert(rid);
  }
  for (const Row* row : after) {
    if (const auto known = numbers.find((*row)[0]); known != numbers.end()) {
      free.erase(known->second);
      pair.after.emplace(known->second, row);
    }
  }
  Rid next = pair.before.size();
  for (const Row* row : after) {
    if (numbers.contains((*row)[0])) continue;
    const Rid rid = free.empty() ? next++ : *free.begin();
    if (!free.empty()) free.erase(free.begin());
    pair.after.emplace(rid, row);
  }
  return pair;
}

SectionChanges changes_of(const SectionSchema& schema, const Stream& before, const Stream& after) {
  const std::size_t columns = schema.columns.size();
  Stream old_rows, new_rows, inserts;
  SectionChanges changes;
  changes.schema = schema;
  for (const auto& [rid, row] : before) {
    const auto now = after.find(rid);
    if (now == after.end()) changes.deletes.push_back(rid);
    if (now == after.end() || *now->second == *row) continue;
    old_rows.emplace(rid, row);
    new_rows.emplace(rid, now->second);
  }
  for (const auto& [rid, row] : after) {
    if (!before.contains(rid)) inserts.emplace(rid, row);
  }
  changes.updated_old = block_of(old_rows, columns);
  changes.updated_new = block_of(new_rows, columns);
  changes.inserts = block_of(inserts, columns);
  return changes;
}

// Reads old rows; digests everything, as an office would.
class DigestingSink final : public ChangeSink, public BaseRows {
 public:
  DigestingSink(const Stream& before, std::size_t columns, SymmetricKey key)
      : before_(before), columns_(columns), key_(std::move(key)) {}
  Result<RowBlock> find(std::span<const Rid> rids) override {
    Stream found;
    for (const Rid rid : rids) {
      if (const auto row = before_.find(rid); row != before_.end()) found.insert(*row);
    }
    return block_of(found, columns_);
  }
  Status remove(const RowBlock& rows) override {
    digest_.remove(key_, rows);
    return ok();
  }
  Status update(const RowBlock& old_rows, const RowBlock& new_rows) override {
    digest_.remove(key_, old_rows);
    digest_.add(key_, new_rows);
    return ok();
  }
  Status insert(const RowBlock& rows) override {
    digest_.add(key_, rows);
    return ok();
  }

 private:
  const Stream& before_;
  std::size_t columns_;
  SymmetricKey key_;
  SectionDigest digest_;
};

struct Totals {
  std::size_t streams = 0, bytes = 0, header_bytes = 0, raw_bytes = 0;
  double build = 0, read = 0;
  void print(const char* what) const {
    std::printf("%-10s %5zu packs %9zu bytes (headers %zu, raw %zu) build %.2f s read %.2f s\n",
                what, streams, bytes, header_bytes, raw_bytes, build, read);
  }
};

class Runner {
 public:
  explicit Runner(SectionSchema schema) : schema_(std::move(schema)) {
    keys_.push_back(SymmetricKey::random());
  }

  void run(const std::string& partition, const Stream& before, const Stream& after, Version from,
           Totals& totals) {
    const SectionChanges changes = changes_of(schema_, before, after);
    if (changes.deletes.empty() && changes.updated_new.rids.empty() &&
        changes.inserts.rids.empty()) {
      return;
    }
    const PackSpec spec{.stream = {"villages", partition}, .from = from, .to = from + 1};
    const Timer building;
    const BuiltPack pack = must(build_pack(spec, std::span(&changes, 1), keys_, publisher_));
    totals.build += building.seconds();
    totals.streams += 1;
    totals.bytes += pack.file.size();
    totals.header_bytes += pack.header.header_bytes;
    totals.raw_bytes += pack.header.sections[0].raw_bytes;
    if (std::getenv("EXPLAIN") != nullptr) explain(pack);
    const Timer reading;
    read(pack, before);
    totals.read += reading.seconds();
  }

 private:
  void explain(const BuiltPack& pack) {
    std::vector<std::optional<SectionKey>> keys(1);
    keys[0] = SectionKey{schema_, keys_[0].clone()};
    std::puts(pretty_json(must(explain_pack(pack.file, keys))).c_str());
  }

  void read(const BuiltPack& pack, const Stream& before) {
    const std::vector<PublicKey> publishers{publisher_.public_key};
    const PackHeader header = must(verify_pack_header(pack.file, pack.header.id, publishers));
    DigestingSink sink(before, schema_.columns.size(), digest_key(keys_[0]));
    RowLists lists;
    std::size_t at = header.header_bytes;
    const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
      const std::size_t count = std::min(at_most, pack.file.size() - at);
      at += count;
      return to_bytes(ByteView(pack.file).subspan(at - count, count));
    };
    must(read_pack_section(header, 0, schema_, keys_[0], source, sink, lists, sink));
  }

  SectionSchema schema_;
  std::vector<SymmetricKey> keys_;
  SigningKey publisher_ = SigningKey::generate();
};

}  // namespace
}  // namespace rootlet

int main(int argc, char** argv) {
  using namespace rootlet;
  if (argc < 3) die("usage: pack_real_pair OLD.csv NEW.csv [DIGITS]");
  initialise_crypto();
  const std::size_t digits = argc > 3 ? std::stoul(argv[3]) : 4;
  std::vector<std::string> names;
  const auto load = [&](const char* path) {
    Table table;
    CsvReader reader = must(CsvReader::open(path));
    while (must(reader.next())) {
      Row row;
      for (std::size_t i = 0; i < reader.size(); ++i) row.emplace_back(reader.field(i));
      if (names.empty() || row == names) {
        names = row;
      } else {
        std::string key = row[0];
        table.emplace(std::move(key), std::move(row));
      }
    }
    return table;
  };
  const Table before = load(argv[1]);
  const Table after = load(argv[2]);
  std::map<std::string, std::pair<std::vector<const Row*>, std::vector<const Row*>>> partitions;
  for (const auto& [key, row] : before) partitions[key.substr(0, digits)].first.push_back(&row);
  for (const auto& [key, row] : after) partitions[key.substr(0, digits)].second.push_back(&row);

  SectionSchema schema;
  for (const std::string& name : names) schema.columns.push_back({.name = name});
  Runner runner(schema);
  Totals snapshot, delta;
  for (const auto& [partition, rows] : partitions) {
    const Pair pair = number_rows(rows.first, rows.second);
    const std::string name = digits == 0 ? "all" : partition;
    runner.run(name, {}, pair.before, 0, snapshot);
    runner.run(name, pair.before, pair.after, 1, delta);
  }
  std::printf("%zu rows, then %zu; %zu partitions\n", before.size(), after.size(),
              partitions.size());
  snapshot.print("snapshot");
  delta.print("delta");
  return 0;
}
