// Column-coded bodies round-trip, whatever rows new ones are said to resemble.
#include "core/file/file.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

BodySource whole(const Bytes& body) {
  return [&body, given = false](Bytes& buffer) mutable -> Result<bool> {
    if (given) return false;
    given = true;
    buffer.insert(buffer.end(), body.begin(), body.end());
    return true;
  };
}

Status read(const Bytes& body, const SectionSchema& schema, MemoryTable& table) {
  RowLists lists;
  ROOTLET_TRY(decode_body(whole(body), schema, true, table, lists, table));
  table.commit();
  return ok();
}

// Any row of `before`, or none, for each new row.
std::vector<Rid> random_references(std::mt19937_64& random, const Rows& before, std::size_t count) {
  std::vector<Rid> rids;
  for (const auto& [rid, row] : before) rids.push_back(rid);
  std::vector<Rid> references(count, ReferenceRows::kNoReference);
  for (Rid& reference : references) {
    if (!rids.empty() && random() % 4 != 0) reference = rids[random() % rids.size()];
  }
  return references;
}

// New rows that share cells with the rows they are said to resemble.
void resemble(std::mt19937_64& random, const Rows& before, const std::vector<Rid>& references,
              Rows& after) {
  std::size_t next = 0;
  for (auto& [rid, row] : after) {
    if (before.contains(rid)) continue;
    const Rid reference = references[next++];
    if (reference == ReferenceRows::kNoReference) continue;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (random() % 3 != 0) row[c] = before.at(reference)[c];
    }
  }
}

OwnedCell text(std::string value) {
  return {.kind = CellView::Kind::kText, .text = std::move(value)};
}

const SectionSchema kResidents{.grade = 1,
                               .columns = {{.name = "name"}, {.name = "home"}, {.name = "place"}}};

// Households of three, each with its own home.
Rows households(std::size_t count) {
  Rows rows;
  for (std::size_t i = 0; i < 3 * count; ++i) {
    const std::string home = std::to_string(100'000'000 + i / 3 * 7'919 % 899'999'999);
    rows[i] = {text(std::to_string(i * 104'729 % 1'000'003)), text(home),
               text("Street " + std::to_string(i / 3 * 31 % 977))};
  }
  return rows;
}

// The next day: members arrive, move and leave.
Rows a_day_later(const Rows& before, std::vector<Rid>& references) {
  Rows after = before;
  for (Rid rid = 0; rid < before.size(); rid += 7) {
    after[rid][1] = before.at((rid + 9) % before.size())[1];
    after[rid][2] = before.at((rid + 9) % before.size())[2];
  }
  for (Rid rid = 5; rid < before.size(); rid += 31) after.erase(rid);
  for (std::size_t i = 0; i < before.size() / 4; ++i) {
    const Rid reference = i * 4;
    Row row = before.at(reference);
    row[0] = text(std::to_string(1'000'000 + i * 7'907 % 1'000'003));
    if (i % 5 == 0) row[2] = text("Lane " + std::to_string(i));
    after[before.size() + i] = row;
    references.push_back(i % 9 == 0 ? ReferenceRows::kNoReference : reference);
  }
  return after;
}

const SectionSchema kNumbers{.grade = 1, .columns = {{.name = "number"}}};

// Numbers that count up to `counted` rows, then `drawn` numbers out of nine.
Rows counted_then_drawn(std::size_t counted, std::size_t drawn) {
  std::mt19937_64 random(5);
  Rows rows;
  for (std::size_t i = 0; i < counted; ++i) rows[i] = {text(std::to_string(100'000 + i * 3))};
  for (std::size_t i = 0; i < drawn; ++i) {
    rows[counted + i] = {text(std::to_string(100'003 + random() % 9 * 98'765))};
  }
  return rows;
}

const SectionSchema kPayments{.grade = 1,
                              .columns = {{.name = "number"},
                                          {.name = "account"},
                                          {.name = "name"},
                                          {.name = "amount"},
                                          {.name = "day"}}};

// Everybody on the list is paid each month, in the order of the list.
Rows payments(int months, std::size_t people, std::uint64_t seed = 8) {
  std::mt19937_64 random(seed);
  std::vector<Row> list;
  for (std::size_t i = 0; i < people; ++i) {
    const std::uint64_t account = 6'200'000'000'000'000 + random() % 100'000'000'000'000;
    list.push_back({{},
                    text(std::to_string(account)),
                    text("person " + std::to_string(random() % 1'000'000)),
                    text(std::to_string(100 + 5 * (random() % 20))),
                    {}});
  }
  Rows rows;
  for (int month = 0; month < months; ++month) {
    for (Row row : list) {
      row[0] = text(std::to_string(1'000'000 + rows.size()));
      if (random() % 50 == 0) row[3] = text("50");
      row[4] = text("2025-0" + std::to_string(1 + month) + "-15");
      rows[rows.size()] = std::move(row);
    }
  }
  return rows;
}

Bytes snapshot_of(const SectionSchema& schema, const Rows& rows) {
  const SectionChanges changes = changes_between(schema, {}, rows, SymmetricKey::random());
  return must(encode_body(changes, changes));
}

}  // namespace

TEST_CASE("vector: a body with references is read") {
  const Rows before = households(60);
  std::vector<Rid> references;
  const Rows after = a_day_later(before, references);
  std::string hex =
      must(read_text_file(fs::path(ROOTLET_VECTORS) / "body-with-references.hex", 64 * 1'024));
  std::erase(hex, '\n');
  MemoryTable table(before, kResidents.columns.size());
  must(read(must(from_hex(hex)), kResidents, table));
  CHECK(table.rows() == after);
  // This vector contains references, lists, marks and dictionaries. A writer may find another
  // coding.
  World world;
  const SectionChanges changes = changes_between(kResidents, before, after, world.keys[0]);
  MemoryTable base(before, kResidents.columns.size());
  CHECK(must(encode_body(changes, changes, {.rids = references, .base = &base})).size() < 320);
}

TEST_CASE("column body: any references, any edit, any block come back as they were") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const ScopedPackSizes sizes(
        {.block_rows = 1 + random() % 100, .block_bytes = 1 + random() % 9'000});
    const SectionSchema schema = random_schema(random);
    const Rows before = random_rows(random, schema, random() % 120);
    Rows after = edited(random, schema, before);
    const std::size_t count = after.size() + before.size();  // at least as many as new rows
    const ReferenceRows references{.rids = random_references(random, before, count),
                                   .base = nullptr};
    resemble(random, before, references.rids, after);
    const SectionChanges changes = changes_between(schema, before, after, world.keys[0]);
    MemoryTable table(before, schema.columns.size());
    ReferenceRows own = references;
    own.rids.resize(changes.inserts.rids.size());
    own.base = &table;
    const Bytes body = must(encode_body(changes, changes, own));
    must(read(body, schema, table));
    CHECK(table.rows() == after);
  }
}

TEST_CASE("column body: a second section has its own columns and its own references") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    const ScopedPackSizes sizes({.block_rows = 1 + random() % 60});
    const SectionSchema one = random_schema(random), two = random_schema(random);
    const Rows before = random_rows(random, one, random() % 90);
    const Rows after = edited(random, one, before);
    const Rows some = random_rows(random, two, before.size() + after.size() + 1);
    const auto row_of = [&](Rid rid) { return std::next(some.begin(), rid % some.size())->second; };
    Rows before_two, after_two;
    for (const auto& [rid, row] : before) before_two[rid] = row_of(rid);
    for (const auto& [rid, row] : after) {
      after_two[rid] =
          before.contains(rid) && random() % 3 != 0 ? before_two[rid] : row_of(random());
    }
    const SectionChanges first = changes_between(one, before, after, world.keys[0]);
    const SectionChanges second = changes_between(two, before_two, after_two, world.keys[1], false);
    MemoryTable table(before, one.columns.size()), other(before_two, two.columns.size());
    const Bytes body = must(encode_body(first, first));
    const ReferenceRows references{random_references(random, before, first.inserts.rids.size()),
                                   &other};
    const Bytes body_two = must(encode_body(second, first, references));
    RowLists lists;
    must(decode_body(whole(body), one, true, table, lists, table));
    must(decode_body(whole(body_two), two, false, other, lists, other));
    table.commit();
    other.commit();
    CHECK(table.rows() == after);
    CHECK(other.rows() == after_two);
  }
}

TEST_CASE("column body: a new member of a household costs little more than the name") {
  World world;
  const Rows before = households(400);
  Rows after = before;
  std::vector<Rid> references;
  for (std::size_t i = 0; i < 200; ++i) {
    const Rid reference = i * 6;
    Row row = before.at(reference);
    row[0] = text(std::to_string(1'000'000 + i * 7'907 % 1'000'003));
    after[before.size() + i] = row;
    references.push_back(reference);
  }
  const SectionChanges changes = changes_between(kResidents, before, after, world.keys[0]);
  MemoryTable table(before, kResidents.columns.size());
  const Bytes alone = must(encode_body(changes, changes));
  const Bytes against_references =
      must(encode_body(changes, changes, {.rids = references, .base = &table}));
  CHECK(against_references.size() * 3 < alone.size() * 2);
  must(read(against_references, kResidents, table));
  CHECK(table.rows() == after);
}

TEST_CASE("column body: a reference that is not held, or out of range, is refused") {
  World world;
  const Rows before = households(20);
  Rows after = before;
  std::vector<Rid> references;
  for (std::size_t i = 0; i < 20; ++i) {
    after[before.size() + i] = before.at(i * 3);
    references.push_back(i * 3);
  }
  const SectionChanges changes = changes_between(kResidents, before, after, world.keys[0]);
  MemoryTable table(before, kResidents.columns.size());
  const Bytes body = must(encode_body(changes, changes, {.rids = references, .base = &table}));
  Rows fewer = before;
  fewer.erase(references.back());
  MemoryTable other(fewer, kResidents.columns.size());
  const Status refused = read(body, kResidents, other);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ErrorCode::kUntrusted);
  CHECK(other.rows() == fewer);
}

TEST_CASE("column body: one long row may not be the reference of thousands") {
  World world;
  const std::string long_text(limits::kCellBytes, 'x');
  const Rows before{{0, {text("1"), text(long_text), text(long_text)}}};
  Rows after = before;
  for (Rid rid = 1; rid <= 400; ++rid) after[rid] = {text(std::to_string(rid)), {}, {}};
  const SectionChanges changes = changes_between(kResidents, before, after, world.keys[0]);
  MemoryTable table(before, kResidents.columns.size());
  const std::vector<Rid> references(400, 0);
  CHECK_FALSE(must(reference_rows(references, kResidents.columns.size(), table)).has_value());
  // A writer drops such references.
  const Bytes body = must(encode_body(changes, changes, {.rids = references, .base = &table}));
  must(read(body, kResidents, table));
  CHECK(table.rows() == after);
}

TEST_CASE("column body: a month of payments costs little once the month before is there") {
  const Rows one = payments(1, 3'000), two = payments(2, 3'000);
  const std::size_t first = snapshot_of(kPayments, one).size();
  const ScopedPackSizes small({.block_rows = 1'000});
  const Bytes both = snapshot_of(kPayments, two);
  CHECK(both.size() < first + first / 8);
  MemoryTable table({}, kPayments.columns.size());
  must(read(both, kPayments, table));
  CHECK(table.rows() == two);
}

TEST_CASE("column body: earlier rows come back whatever the blocks and what is kept of them") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const ScopedPackSizes sizes({.block_rows = 40 + random() % 400,
                                 .block_bytes = 20'000 + random() % 60'000,
                                 .kept_bytes = random() % 200'000});
    Rows rows = payments(1 + static_cast<int>(random() % 4), 150 + random() % 250);
    for (auto& [rid, row] : rows) {
      if (random() % 9 == 0)
        row[random() % row.size()] = random() % 2 == 0 ? OwnedCell() : text("x");
    }
    const Bytes body = snapshot_of(kPayments, rows);
    MemoryTable table({}, kPayments.columns.size());
    must(read(body, kPayments, table));
    CHECK(table.rows() == rows);
  }
}

TEST_CASE("column body: a reader that keeps fewer rows refuses what refers to the others") {
  const Rows rows = payments(2, 3'000);
  Bytes body;
  {
    const ScopedPackSizes small({.block_rows = 1'000});
    body = snapshot_of(kPayments, rows);
  }
  const ScopedPackSizes forgetful({.kept_bytes = 100'000});
  MemoryTable table({}, kPayments.columns.size());
  const Status refused = read(body, kPayments, table);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ErrorCode::kUntrusted);
  CHECK(refused.error().message.find("no longer kept") != std::string::npos);
}

TEST_CASE("column body: a partition that starts from another's plans is nearly as small") {
  SectionPlans learned;
  const SectionChanges teacher =
      changes_between(kPayments, {}, payments(1, 4'000), SymmetricKey::random());
  must(encode_body(teacher, teacher, {}, {.learned = &learned}));
  const Rows rows = payments(1, 1'500, 99);
  const SectionChanges changes = changes_between(kPayments, {}, rows, SymmetricKey::random());
  const Bytes alone = must(encode_body(changes, changes));
  const Bytes from_plans = must(encode_body(changes, changes, {}, {.start = &learned}));
  CHECK(from_plans.size() * 100 < alone.size() * 103);
  MemoryTable table({}, kPayments.columns.size());
  must(read(from_plans, kPayments, table));
  CHECK(table.rows() == rows);
}

TEST_CASE("column body: blocks that are encoded together come back in order") {
  const ScopedPackSizes small({.block_rows = 100});
  const Rows rows = households(1'000);  // thirty blocks
  const Bytes body = snapshot_of(kResidents, rows);
  CHECK(snapshot_of(kResidents, rows) == body);  // whichever thread was first
  MemoryTable table({}, kResidents.columns.size());
  must(read(body, kResidents, table));
  CHECK(table.rows() == rows);
}

TEST_CASE("column body: a column that changes its nature midway gets other codes from there on") {
  const ScopedPackSizes small({.block_rows = 500});
  const Rows both = counted_then_drawn(6'250, 6'000);
  const Bytes body = snapshot_of(kNumbers, both);
  MemoryTable table({}, 1);
  must(read(body, kNumbers, table));
  CHECK(table.rows() == both);
  const std::size_t counted = snapshot_of(kNumbers, counted_then_drawn(6'250, 0)).size();
  const std::size_t drawn = snapshot_of(kNumbers, counted_then_drawn(0, 6'000)).size();
  CHECK(counted < 1'000);
  CHECK(body.size() < (counted + drawn) * 11 / 10);
}

}  // namespace rootlet::test
