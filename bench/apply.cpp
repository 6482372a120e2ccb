// Measures an office that applies packs, with the same library calls as the agent.
// clang-format off
//   apply up STORE PACKS [OPTION]…  applies the cheapest path of packs to the head, stream by
//                                   stream. Options:
//     watch            a second thread reads rows by key in parallel, and reports how long it waited
//     snapshots        replaces the streams as a whole, by their newest snapshots
//     watching=FILTER  holds the changes against a watch of this filter, as `rootlet watch add`
//                      would; may be repeated
//   apply raw STORE PACKS           the same path as prepared upserts of rows in memory, on the
//                                   same tables, indexes and encryption; does not update digests
//                                   and versions, so the store is unusable afterwards
// PACKS is the output of "publish packs".
// clang-format on
#include "sync/downlink/apply/apply.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "agent/watch/watch.hpp"
#include "bench/tool.hpp"
#include "core/file/file.hpp"
#include "sync/downlink/apply/held_base.hpp"
#include "sync/downlink/store/dataset_reader.hpp"
#include "sync/pack/plan.hpp"

namespace rootlet::bench {
namespace {

constexpr std::size_t kPacksFileBytes = 256 * limits::kMiB;

struct Pack {
  fs::path file;
  Hash256 id;
  Version from = 0, to = 0;
  std::uint64_t bytes = 0;
  std::map<Grade, SymmetricKey> keys;
};

struct UpOptions {
  bool is_watched = false, only_snapshots = false;
  std::vector<std::string> filters;
};

struct Published {
  DatasetDefinition definition;
  PublicKey publisher;
  std::map<std::string, std::vector<Pack>> packs;  // by partition
};

Pack pack_in(const json::object& entry) {
  Pack pack{.file = std::string(entry.at("file").as_string()),
            .id = must(hash_from_hex(entry.at("id").as_string())),
            .from = entry.at("from").to_number<Version>(),
            .to = entry.at("to").to_number<Version>(),
            .bytes = entry.at("bytes").to_number<std::uint64_t>(),
            .keys = {}};
  for (const auto& [grade, key] : entry.at("keys").as_object()) {
    pack.keys.emplace(static_cast<Grade>(std::stoi(std::string(grade))),
                      must(SymmetricKey::from(must(from_hex(key.as_string())))));
  }
  return pack;
}

Published load(const char* path) {
  const json::value value = must(parse_json(must(read_text_file(path, kPacksFileBytes)), path));
  Published published{
      .definition = must(DatasetDefinition::parse(value.at("definition").as_string(), path)),
      .publisher = must(hash_from_hex(value.at("publisher").as_string())),
      .packs = {}};
  for (const json::value& entry : value.at("packs").as_array()) {
    published.packs[std::string(entry.at("partition").as_string())].push_back(
        pack_in(entry.as_object()));
  }
  return published;
}

DatasetStore open_store(const char* path, const DatasetDefinition& definition) {
  return must(DatasetStore::open(path, SymmetricKey(), dataset_layout(definition, 4)));
}

StagedPack staged(const std::string& partition, const Pack& pack, const PublicKey& publisher) {
  Bytes start(std::min(pack.bytes, std::uint64_t{limits::kPackHeaderBytes}));
  std::ifstream file(pack.file, std::ios::binary);
  file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
  if (!file) die("cannot read " + pack.file.string());
  const PublicKey publishers[] = {publisher};
  return {.header = must(verify_pack_header(start, publishers)),
          .file = pack.file,
          .name = pack.id,
          .partition = partition};
}

ApplyContext context_of(const Pack& pack) {
  ApplyContext context;
  for (const auto& [grade, key] : pack.keys) context.content_keys.push_back(key.clone());
  context.as_of = context.received = system_clock().wall();
  return context;
}

// The packs that bring a stream from its held version to its head.
std::vector<const Pack*> path_of(DatasetStore& store, const std::string& partition,
                                 const std::vector<Pack>& packs, bool only_snapshots = false) {
  const std::optional<HeldStream> held = must(store.stream(partition));
  std::vector<PackEdge> edges;
  Version head = 0;
  for (const Pack& pack : packs) {
    edges.push_back({pack.from, pack.to, pack.bytes});
    head = std::max(head, pack.to);
  }
  std::vector<const Pack*> path;
  const Version from = held.has_value() && !only_snapshots ? held->version : 0;
  const PackPlan plan = must(plan_packs(edges, from, head));
  for (const std::size_t edge : plan.edges) path.push_back(&packs[edge]);
  return path;
}

// Reads rows by key on its own connection until stopped.
class Watcher {
 public:
  Watcher(const char* path, const DatasetDefinition& definition)
      : thread_([this, path, &definition] { watch(path, definition); }) {}
  json::object stop() {
    stop_ = true;
    thread_.join();
    std::sort(waits_.begin(), waits_.end());
    const auto at = [&](double part) {
      return waits_.empty()
                 ? 0.0
                 : waits_[static_cast<std::size_t>(part * static_cast<double>(waits_.size() - 1))];
    };
    return {{"queries", waits_.size()},
            {"median_ms", at(0.5) * 1e3},
            {"p99_ms", at(0.99) * 1e3},
            {"longest_ms", at(1) * 1e3}};
  }

 private:
  void watch(const char* path, const DatasetDefinition& definition) {
    DatasetReader reader = must(DatasetReader::open(path, SymmetricKey()));
    const std::string key =
        quote_identifier(definition.columns[definition.key_columns().front()].spec.name);
    std::mt19937_64 random(1);
    while (!stop_) {
      const Timer timer;
      const VisibleRows rows =
          must(reader.visible_rows(definition, {.max_grade = 4, .divisions = {"all"}}));
      Statement select =
          must(reader.database().prepare("SELECT * FROM " + rows.sql + " WHERE " + key + "=?1"));
      select.bind_all(keys_.empty() ? "" : keys_[random() % keys_.size()]);
      while (must(select.step())) continue;
      waits_.push_back(timer.seconds());
      if (keys_.empty()) take_keys(reader, rows, key);
    }
  }

  void take_keys(DatasetReader& reader, const VisibleRows& rows, const std::string& key) {
    Statement select =
        must(reader.database().prepare("SELECT " + key + " FROM " + rows.sql + " LIMIT 5000"));
    while (must(select.step())) keys_.emplace_back(select.text(0));
  }

  std::atomic<bool> stop_ = false;
  std::vector<std::string> keys_;
  std::vector<double> waits_;
  std::thread thread_;
};

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Processor time of this thread, which writes, and of all threads.
struct Cpu {
  double writer = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), all = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
};

json::object cpu_since(const Cpu& start) {
  const Cpu now;
  return {{"writer", now.writer - start.writer}, {"all", now.all - start.all}};
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::vector<RowWatch> watches_of(const std::vector<std::string>& filters,
                                 const DatasetDefinition& definition) {
  std::vector<RowWatch> watches;
  Grant grant;
  grant.dataset = definition.id;
  grant.divisions = {"all"};
  grant.max_grade = 4;
  for (const std::string& filter : filters) {
    agent::Watch watch;
    watch.id = std::to_string(watches.size());
    watch.filters = {filter};
    watches.push_back(must(agent::compile_watch(watch, definition, grant)));
  }
  return watches;
}

void go_up(const char* store_path, const char* packs_path, const UpOptions& options) {
  const Published published = load(packs_path);
  DatasetStore store = open_store(store_path, published.definition);
  std::optional<Watcher> watcher;
  if (options.is_watched) watcher.emplace(store_path, published.definition);
  KeptTables tables(store, watches_of(options.filters, published.definition));
  std::uint64_t requests = 0, bytes = 0, rows = 0;
  double seconds = 0;
  const Cpu start;
  for (const auto& [partition, packs] : published.packs) {
    for (const Pack* pack : path_of(store, partition, packs, options.only_snapshots)) {
      const StagedPack pack_staged = staged(partition, *pack, published.publisher);
      const ApplyContext context = context_of(*pack);
      const Timer timer;
      const AppliedPack applied = must(apply_pack(tables, pack_staged, context));
      seconds += timer.seconds();
      ++requests;
      bytes += pack->bytes;
      rows += applied.inserted + applied.updated + applied.removed;
    }
  }
  const json::object cpu = cpu_since(start);
  std::int64_t hits = 0;
  for (const WatchCount& one : must(count_hits(store.database()))) {
    hits += one.found + one.changed + one.vanished;
  }
  const Timer cleaning;
  must(store.clean({}));
  json::object found{{"requests", requests},
                     {"bytes", bytes},
                     {"rows", rows},
                     {"seconds", seconds},
                     {"clean_seconds", cleaning.seconds()},
                     {"free_bytes", 4096 * must(store.database().integer("PRAGMA freelist_count"))},
                     {"cpu_seconds", cpu},
                     {"hits", hits},
                     {"peak_kib", peak_kib()}};
  if (watcher.has_value()) found["reader"] = watcher->stop();
  print(found);
}

// The changes of a pack, in memory.
class Collector final : public ChangeSink {
 public:
  Status remove(RowBlock old_rows) override {
    deletes.insert(deletes.end(), old_rows.rids.begin(), old_rows.rids.end());
    return ok();
  }
  Status update(RowBlock, RowBlock new_rows) override {
    upserts.push_back(std::move(new_rows));
    return ok();
  }
  Status insert(RowBlock rows) override {
    upserts.push_back(std::move(rows));
    return ok();
  }
  std::vector<Rid> deletes;
  std::vector<RowBlock> upserts;
};

void collect(DatasetStore& store, const StagedPack& pack, const SymmetricKey& key, Slot slot,
             Collector& sink) {
  const SectionSchema& schema = store.layout().sections.front();
  HeldBase base = must(HeldBase::open(store.database(), store.table(), schema, slot));
  const Bytes file = must(read_file(pack.file, limits::kSectionBytes));
  std::size_t at = pack.header.header_bytes;
  const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
    const std::size_t count = std::min(at_most, file.size() - at);
    at += count;
    return to_bytes(ByteView(file).subspan(at - count, count));
  };
  RowLists lists;
  must(read_pack_section(pack.header, 0, schema, key, source, base, lists, sink));
}

// Inserts a row, or writes all its columns except the key, which no update changes here.
std::string upsert_sql(const DatasetStore& store) {
  const SectionSchema& schema = store.layout().sections.front();
  std::string names, values, sets;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const std::string name = quote_identifier(schema.columns[i].name);
    const auto& key = store.layout().key;
    names += "," + name;
    values += ",?" + std::to_string(i + 2);
    if (std::find(key.begin(), key.end(), schema.columns[i].name) != key.end()) continue;
    sets += (sets.empty() ? "" : ",") + name + "=excluded." + name;
  }
  return "INSERT INTO " + quote_identifier(store.table()) + "(row_id" + names + ") VALUES(?1" +
         values + ") ON CONFLICT(row_id) DO UPDATE SET " + sets;
}

struct RawTime {
  double seconds = 0, cpu_seconds = 0;
};

void write_raw(DatasetStore& store, const Collector& changes, Slot slot, bool in_steps,
               RawTime& time) {
  const std::vector<ColumnSpec>& columns = store.layout().sections.front().columns;
  const Timer timer;
  const Cpu start;
  std::optional<Transaction> transaction(must(Transaction::begin(store.database())));
  Statement remove = must(store.database().prepare(
      "DELETE FROM " + quote_identifier(store.table()) + " WHERE row_id=?1"));
  for (const Rid rid : changes.deletes) must(remove.bind_all(row_id(slot, rid)).run());
  Statement upsert = must(store.database().prepare(upsert_sql(store)));
  std::size_t count = 0;
  for (const RowBlock& block : changes.upserts) {
    for (std::size_t row = 0; row < block.rids.size(); ++row) {
      upsert.bind(1, row_id(slot, block.rids[row]));
      for (std::size_t c = 0; c < columns.size(); ++c) {
        must(bind_cell(upsert, static_cast<int>(c) + 2, columns[c], block.columns[c].at(row)));
      }
      must(upsert.run());
      if (!in_steps || ++count % store.step_rows() != 0) continue;
      must(transaction->commit());
      transaction.reset();
      transaction.emplace(must(Transaction::begin(store.database())));
    }
  }
  must(transaction->commit());
  time.seconds += timer.seconds();
  time.cpu_seconds += Cpu().writer - start.writer;
}

void go_raw(const char* store_path, const char* packs_path) {
  const Published published = load(packs_path);
  // Collect the changes on another connection; otherwise pages that an office must read and decrypt
  // would already be in this connection's cache.
  DatasetStore reading = open_store(store_path, published.definition);
  DatasetStore store = open_store(store_path, published.definition);
  if (store.layout().sections.size() != 1) die("raw: one grade only");
  std::uint64_t rows = 0;
  RawTime time;
  for (const auto& [partition, packs] : published.packs) {
    const std::optional<HeldStream> held = must(store.stream(partition));
    for (const Pack* pack : path_of(store, partition, packs)) {
      if (pack->from > 0 && pack->from != held->version) die("raw: one pack a stream only");
      const Slot slot = pack->from == 0 ? must(store.new_slot()) : held->slot;
      Collector changes;
      collect(reading, staged(partition, *pack, published.publisher), pack->keys.begin()->second,
              slot, changes);
      write_raw(store, changes, slot, pack->from == 0, time);
      rows += changes.deletes.size();
      for (const RowBlock& block : changes.upserts) rows += block.rids.size();
    }
  }
  print(json::object{
      {"rows", rows}, {"seconds", time.seconds}, {"cpu_seconds", {{"writer", time.cpu_seconds}}}});
}

void take_option(const std::string& word, UpOptions& options) {
  constexpr std::string_view kWatching = "watching=";
  if (word == "watch") {
    options.is_watched = true;
  } else if (word == "snapshots") {
    options.only_snapshots = true;
  } else if (word.starts_with(kWatching)) {
    options.filters.push_back(word.substr(kWatching.size()));
  } else {
    die("there is no option " + word);
  }
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  const std::string command = argc >= 4 ? argv[1] : "";
  rootlet::initialise_crypto();
  if (command == "up") {
    UpOptions options;
    for (int i = 4; i < argc; ++i) take_option(argv[i], options);
    go_up(argv[2], argv[3], options);
  } else if (command == "raw") {
    go_raw(argv[2], argv[3]);
  } else {
    die("usage: apply up|raw STORE PACKS [OPTION]...");
  }
  return 0;
}
