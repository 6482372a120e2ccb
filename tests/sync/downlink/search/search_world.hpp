// A dataset file with rows that a test names, filled through the store's own tables, and what
// people find in it.
#pragma once

#include "core/file/file.hpp"
#include "sync/downlink/search/row_search.hpp"
#include "sync/downlink/store/dataset_store.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using Lines = std::vector<std::vector<std::string>>;  // cells by column; "" is null

class SearchWorld {
 public:
  // `columns` is the JSON list of the definition.
  explicit SearchWorld(const std::string& columns)
      : definition(define(columns)),
        store_(must(DatasetStore::open(file(), key_, dataset_layout(definition, 4), options()))) {}

  static StoreOptions options() { return {.step_rows = 1'000, .copy_rows = 5'000}; }
  static DatasetDefinition define(const std::string& columns) {
    return must(DatasetDefinition::parse(
        R"({"id":"people","title":"People","provider":{"code":"11330000MB0001","name":"Civil affairs"},
           "format":"table","update":"daily","sharing":{"attribute":"unconditional","mode":"batch",
           "uses":["look-up"]},"grade":"general","assessment":"2026-001","division":{"digits":0},
           "columns":)" +
            columns + "}",
        "people"));
  }

  std::filesystem::path file() const { return folder_ / "people.db"; }
  DatasetStore& store() { return store_; }
  void reopen(const std::string& columns) {
    definition = define(columns);
    store_ = must(DatasetStore::open(file(), key_, dataset_layout(definition, 4), options()));
  }

  // A snapshot of a stream, indexed before it becomes visible.
  Slot load(const std::string& partition, const Lines& lines) {
    const Slot slot = must(store_.new_slot());
    Transaction transaction = must(Transaction::begin(store_.database()));
    insert(slot, 0, lines);
    auto indexer = must(SlotIndexer::open(store_.database(), store_.generation(), slot));
    while (indexer && must(indexer->step(1'000)) > 0) continue;
    must(store_.put_stream({.partition = partition, .slot = slot, .version = 1}));
    must(transaction.commit());
    return slot;
  }
  // As a delta does.
  void add(Slot slot, Rid first, const Lines& lines) {
    Transaction transaction = must(Transaction::begin(store_.database()));
    insert(slot, first, lines);
    must(transaction.commit());
  }
  void remove(Slot slot, Rid rid) {
    RowTable rows = table(slot, 0);
    Transaction transaction = must(Transaction::begin(store_.database()));
    must(rows.erase(RowBlock{.rids = {rid}, .columns = {}}));
    must(transaction.commit());
  }
  void change(Slot slot, Rid rid, const std::vector<std::string>& line) {
    Transaction transaction = must(Transaction::begin(store_.database()));
    for (std::size_t i = 0; i < sections().size(); ++i) {
      const RowBlock block = block_of(sections()[i], rid, {line});
      RowTable rows = table(slot, i);
      must(rows.change(RowBlock(block), block));
    }
    must(transaction.commit());
  }

  // The first column of what is found, in order.
  std::vector<std::string> found(const std::string& typed, std::size_t most = 50,
                                 Sounds sounds = Sounds::kExact, ReadRight right = everything()) {
    DatasetReader reader = must(DatasetReader::open(file(), key_));
    must(reader.database().execute("BEGIN"));
    RowSearch search = must(RowSearch::open(reader, definition, right));
    const SearchQuery query = must(parse_search(typed, sounds));
    last = must(search.find(query, most, {}));
    std::vector<std::string> out;
    spans.clear();
    for (const SearchHit& hit : last.rows) {
      out.emplace_back(must(search.read(hit))->text(0));
      spans.push_back(search.spans(query));
    }
    return out;
  }
  static ReadRight everything() { return {.max_grade = 4, .divisions = {"all"}}; }

  std::int64_t indexed_rows() {
    return must(store_.database().integer("SELECT count(*) FROM \"" +
                                          search_table(store_.generation()) + "_docsize\""));
  }

  DatasetDefinition definition;
  SearchHits last;
  std::vector<std::vector<SearchSpan>> spans;

 private:
  const std::vector<SectionSchema>& sections() const { return store_.layout().sections; }

  RowTable table(Slot slot, std::size_t section) {
    return must(RowTable::open(store_.database(), store_.table(), sections()[section],
                               store_.layout().key, slot));
  }

  void insert(Slot slot, Rid first, const Lines& lines) {
    for (std::size_t i = 0; i < sections().size(); ++i) {
      const RowBlock block = block_of(sections()[i], first, lines);
      RowTable rows = table(slot, i);
      must(i == 0 ? rows.insert(block, 0, lines.size()) : rows.fill(block, 0, lines.size()));
    }
  }

  RowBlock block_of(const SectionSchema& section, Rid first, const Lines& lines) const {
    RowBlock block;
    block.columns.resize(section.columns.size());
    for (std::size_t row = 0; row < lines.size(); ++row) {
      block.rids.push_back(first + static_cast<Rid>(row));
      for (std::size_t c = 0; c < section.columns.size(); ++c) {
        const std::string text = cell_of(section.columns[c].name, lines[row]);
        block.columns[c].push(text.empty() ? CellView{}
                                           : CellView{.kind = CellView::Kind::kText, .text = text});
      }
    }
    return block;
  }

  std::string cell_of(const std::string& stored, const std::vector<std::string>& line) const {
    const bool masked = stored.ends_with('~');
    for (std::size_t i = 0; i < definition.columns.size(); ++i) {
      const DatasetColumn& column = definition.columns[i];
      if (column.spec.name != stored.substr(0, stored.size() - (masked ? 1 : 0))) continue;
      const std::string& text = i < line.size() ? line[i] : std::string();
      return masked && !text.empty() ? mask_text(column.mask, text) : text;
    }
    return {};
  }

  TempDir folder_;
  SymmetricKey key_ = SymmetricKey::random();
  DatasetStore store_;
};

}  // namespace rootlet::test
