// The modelled coder round-trips any rows; bytes that no encoder wrote never exceed its bounds.
#include <malloc.h>

#include "core/limits.hpp"
#include "sync/pack/header.hpp"
#include "sync/pack/modelled/modelled_body.hpp"
#include "sync/pack/modelled/modelled_section.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

ArithmeticCoder::Source in_pieces(const Bytes& bytes, std::size_t piece) {
  return [&bytes, piece, at = std::size_t{0}]() mutable -> Result<Bytes> {
    const std::size_t end = std::min(bytes.size(), at + piece);
    Bytes out(bytes.begin() + static_cast<std::ptrdiff_t>(at),
              bytes.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
    return out;
  };
}

// Random deletes, updates and inserts; like publishers, new rows reuse freed numbers first.
struct Edit {
  SectionChanges changes;
  Rows after;
};

Edit random_edit(std::mt19937_64& random, const SectionSchema& schema, const Rows& before) {
  Edit edit{.changes = {.schema = schema}, .after = before};
  Rows old_rows, new_rows, inserts;
  for (const auto& [rid, row] : before) {
    const auto dice = random() % 10;
    if (dice == 0) {
      edit.changes.deletes.push_back(rid);
      edit.after.erase(rid);
    } else if (dice == 1) {
      Row changed = row;
      for (std::size_t i = 0; i < 1 + random() % 3; ++i) {
        const std::size_t c = random() % changed.size();
        changed[c] = random_cell(random, schema.columns[c]);
      }
      if (changed == row) continue;
      old_rows.emplace(rid, row);
      new_rows.emplace(rid, changed);
      edit.after[rid] = changed;
    }
  }
  Rid next = before.empty() ? 0 : before.rbegin()->first + 1;
  for (std::size_t i = 0; i < random() % 20; ++i) {
    Row row;
    for (const ColumnSpec& column : schema.columns) row.push_back(random_cell(random, column));
    const bool resembles = !before.empty() && random() % 2 == 0;
    if (resembles) {
      row =
          std::next(before.begin(), static_cast<std::ptrdiff_t>(random() % before.size()))->second;
      const std::size_t c = random() % row.size();
      row[c] = random_cell(random, schema.columns[c]);
    }
    const Rid rid = i < edit.changes.deletes.size() ? edit.changes.deletes[i] : next++;
    inserts.emplace(rid, row);
    edit.after[rid] = row;
  }
  edit.changes.updated_old = block_of(old_rows, schema.columns.size());
  edit.changes.updated_new = block_of(new_rows, schema.columns.size());
  edit.changes.inserts = block_of(inserts, schema.columns.size());
  return edit;
}

Status read(const ModelledBody& body, const Bytes& bytes, const SectionSchema& schema,
            MemoryTable& table, std::size_t piece = 7) {
  RowLists lists;
  ROOTLET_TRY(
      decode_modelled(in_pieces(bytes, piece), schema, true, body.raw_bytes, table, lists, table));
  table.commit();
  return ok();
}

// Bytes allocated now; 0 if a sanitizer replaces the heap.
std::size_t allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Has every possible row, with long texts, and measures how much memory its callers hold.
class LongRows final : public BaseRows, public ChangeSink {
 public:
  LongRows(std::size_t columns, std::size_t text_bytes)
      : columns_(columns), text_(text_bytes, 'x'), start_(allocated()) {}
  Result<RowBlock> find(std::span<const Rid> rids) override {
    RowBlock rows;
    rows.columns.resize(columns_);
    for (const Rid rid : rids) {
      rows.rids.push_back(rid);
      text_.replace(0, 8, std::to_string(10'000'000 + rid % 10'000'000));
      for (CellColumn& column : rows.columns) column.push_text(text_);
    }
    must(measure());
    return rows;
  }
  Status remove(RowBlock) override { return measure(); }
  Status update(RowBlock, RowBlock) override { return measure(); }
  Status insert(RowBlock) override { return measure(); }
  std::size_t most() const { return most_; }

 private:
  Status measure() {
    most_ = std::max(most_, allocated() - start_);
    return ok();
  }
  std::size_t columns_;
  std::string text_;
  std::size_t start_, most_ = 0;
};

}  // namespace

TEST_CASE("modelled: two kilobytes never take more than 64 MB") {
  constexpr std::size_t kPackBytes = 2'000;
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const SectionSchema schema{.grade = 1, .columns = {{.name = "a"}, {.name = "b"}, {.name = "c"}}};
  std::uint64_t raw = 0;  // the most that a header may declare
  while (is_within_compression_ratio(kPackBytes, raw + 4'096)) raw += 4'096;
  std::size_t most = 0;
  for (const std::size_t text_bytes : {1'000, 60'000}) {
    Preamble preamble = Preamble::plan(schema, {}, MemoryTable({}, 0), 0);
    preamble.table_log = Predictor::kMaxTableLog - Predictor::kMinTableLog;
    preamble.sample_log = 14;
    preamble.bound = limits::kMaxRid;
    ArithmeticCoder writer = ArithmeticCoder::writer();
    must(preamble.code(writer));
    ModelledSection section(schema, preamble, std::move(writer));
    for (Rid rid = 0; rid < raw / kModelledRowBytes / 2; ++rid) {
      (text_bytes < 10'000 ? section.plan().updates : section.plan().deletes).push_back(rid);
    }
    must(section.code_plan(true, ~0ULL));
    Bytes bytes = section.coder().coder().finish();
    REQUIRE(bytes.size() < kPackBytes);
    while (bytes.size() < kPackBytes) bytes.push_back(static_cast<std::uint8_t>(random()));
    LongRows rows(schema.columns.size(), text_bytes);
    RowLists lists;
    CHECK(decode_modelled(in_pieces(bytes, 500), schema, true, raw, rows, lists, rows).has_error());
    most = std::max(most, rows.most());
  }
  MESSAGE("most memory: " << most / 1'000 << " kB");
  CHECK(most < 64'000'000);
  CHECK((most > 20'000'000 || allocated() == 0));  // or the rows were never read
}

TEST_CASE("modelled: any table and any edit come back as they were") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    const SectionSchema schema = random_schema(random);
    const Rows before = random_rows(random, schema, random() % 120);
    const Edit edit = random_edit(random, schema, before);
    MemoryTable table(before, schema.columns.size());
    const ModelledBody body = must(encode_modelled(edit.changes, edit.changes, table, 2'048));
    must(read(body, body.bytes, schema, table, 1 + random() % 60));
    CHECK(table.rows() == edit.after);
  }
}

TEST_CASE(
    "modelled: a body cut short, added to or damaged is refused or makes other rows, no more") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  constexpr int kRounds = 60;
  int caught = 0;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    const SectionSchema schema = random_schema(random);
    const Rows before = random_rows(random, schema, 1 + random() % 60);
    const Edit edit = random_edit(random, schema, before);
    const auto fresh = [&] { return MemoryTable(before, schema.columns.size()); };
    MemoryTable table = fresh();
    const ModelledBody body = must(encode_modelled(edit.changes, edit.changes, table, 2'048));
    const auto is_caught = [&](const Bytes& bytes) {
      MemoryTable taken = fresh();
      const Status status = read(body, bytes, schema, taken);
      return status.has_error() || taken.rows() != edit.after;
    };
    Bytes longer = body.bytes;
    longer.insert(longer.end(), 8, 0x5A);
    CHECK(is_caught(longer));
    if (body.bytes.size() > 8) CHECK(is_caught({body.bytes.begin(), body.bytes.begin() + 4}));
    Bytes damaged = body.bytes;
    damaged[random() % damaged.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
    caught += is_caught(damaged) ? 1 : 0;
  }
  CHECK(caught >= kRounds - 5);  // the last byte may have several valid values
}

TEST_CASE("modelled: a reader makes no more than the header declares") {
  const SectionSchema schema{.grade = 1, .columns = {{"a", ColumnType::kText}}};
  Rows before, after;
  for (Rid rid = 0; rid < 100; ++rid) before[rid] = {{CellView::Kind::kText, 0, "abcdef"}};
  MemoryTable table(before, 1);
  SectionChanges changes{.schema = schema};
  for (auto* block : {&changes.updated_old, &changes.updated_new}) block->columns.resize(1);
  for (Rid rid = 100; rid < 400; ++rid) after[rid] = {{CellView::Kind::kText, 0, "abcdef"}};
  changes.inserts = block_of(after, 1);
  const ModelledBody body = must(encode_modelled(changes, changes, table, 2'048));
  CHECK(body.raw_bytes == 300 * (8 + 1 + 6));
  CHECK(body.bytes.size() < 40);
  for (const std::uint64_t declared : {std::uint64_t{0}, body.raw_bytes - 1, body.raw_bytes + 1}) {
    RowLists lists;
    MemoryTable taken(before, 1);
    CHECK(code_of(decode_modelled(in_pieces(body.bytes, 64), schema, true, declared, taken, lists,
                                  taken)) == ErrorCode::kUntrusted);
  }
}

TEST_CASE("modelled: random bytes cost their own length, predictable ones far less") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const SectionSchema schema{.grade = 1,
                             .columns = {{"n", ColumnType::kInteger}, {"b", ColumnType::kBytes}}};
  const auto bytes_of = [&](std::size_t base_rows, bool is_random) {
    const auto rows = [&](Rid begin, std::size_t count) {
      Rows made;
      for (Rid rid = begin; rid < begin + count; ++rid) {
        std::string bytes(rid % 10 == 0 ? 5 : 32, 'b');
        for (char& c : bytes) c = static_cast<char>(is_random ? random() : 'a' + random() % 2);
        made[rid] = {{CellView::Kind::kInteger, 7, ""}, {CellView::Kind::kText, 0, bytes}};
      }
      return made;
    };
    const Rows before = rows(0, base_rows), inserts = rows(base_rows, 200);
    SectionChanges changes{.schema = schema};
    for (auto* block : {&changes.updated_old, &changes.updated_new}) block->columns.resize(2);
    changes.inserts = block_of(inserts, 2);
    MemoryTable table(before, 2);
    const ModelledBody body = must(encode_modelled(changes, changes, table, 2'048));
    Rows after = before;
    after.insert(inserts.begin(), inserts.end());
    must(read(body, body.bytes, schema, table));
    CHECK(table.rows() == after);
    return body.bytes.size();
  };
  constexpr std::size_t kBytes = 180 * 32 + 20 * 5;
  for (const std::size_t base_rows : {0, 3, 300}) {
    CAPTURE(base_rows);
    CHECK(bytes_of(base_rows, true) < kBytes + 60);
  }
  CHECK(bytes_of(300, false) < kBytes / 5);  // a bit each, and some overhead
}

TEST_CASE("modelled: a body for another schema is refused at once") {
  const SectionSchema schema{.grade = 1, .columns = {{"a", ColumnType::kText}}};
  const SectionSchema other{.grade = 1, .columns = {{"b", ColumnType::kText}}};
  MemoryTable table({{0, {{CellView::Kind::kText, 0, "x"}}}}, 1);
  SectionChanges changes{.schema = schema, .deletes = {0}};
  for (auto* block : {&changes.updated_old, &changes.updated_new, &changes.inserts}) {
    block->columns.resize(1);
  }
  const ModelledBody body = must(encode_modelled(changes, changes, table, 2'048));
  RowLists lists;
  const Status status =
      decode_modelled(in_pieces(body.bytes, 64), other, true, body.raw_bytes, table, lists, table);
  CHECK(status.error().message.find("other columns") != std::string::npos);
}

TEST_CASE("modelled: a changed digit of a known row costs a few bytes") {
  const SectionSchema schema{.grade = 1,
                             .columns = {{"code", ColumnType::kText}, {"name", ColumnType::kText}}};
  Rows before;
  for (Rid rid = 0; rid < 500; ++rid) {
    before[rid] = {{CellView::Kind::kText, 0, std::to_string(330'482'000'000 + rid)},
                   {CellView::Kind::kText, 0, "village " + std::to_string(rid * 7 % 100)}};
  }
  MemoryTable table(before, 2);
  SectionChanges changes{.schema = schema};
  changes.inserts.columns.resize(2);
  Rows old_rows{{250, before[250]}}, new_rows = old_rows;
  new_rows[250][1].text = "village 99";
  changes.updated_old = block_of(old_rows, 2);
  changes.updated_new = block_of(new_rows, 2);
  const ModelledBody body = must(encode_modelled(changes, changes, table, 2'048));
  CHECK(body.bytes.size() < 20);
}

}  // namespace rootlet::test
