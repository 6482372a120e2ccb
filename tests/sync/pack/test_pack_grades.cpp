// Packs with several sections: the same rows, separate keys.
#include "core/format/json.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/explain.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

// A random table, its columns divided into sections of ascending grade.
struct Graded {
  std::vector<SectionSchema> schemas;
  std::vector<Rows> before, after;

  Graded(std::mt19937_64& random, std::size_t sections, std::size_t count) {
    SectionSchema whole;
    for (std::size_t i = 0; i < sections; ++i) {
      SectionSchema schema = random_schema(random);
      schema.grade = static_cast<Grade>(i + 1);
      whole.columns.insert(whole.columns.end(), schema.columns.begin(), schema.columns.end());
      schemas.push_back(schema);
    }
    const Rows old_rows = random_rows(random, whole, count);
    const Rows new_rows = edited(random, whole, old_rows);
    std::size_t begin = 0;
    for (const SectionSchema& schema : schemas) {
      before.push_back(part(old_rows, begin, schema.columns.size()));
      after.push_back(part(new_rows, begin, schema.columns.size()));
      begin += schema.columns.size();
    }
  }

  static Rows part(const Rows& rows, std::size_t begin, std::size_t count) {
    Rows out;
    for (const auto& [rid, row] : rows) {
      const auto first = row.begin() + static_cast<std::ptrdiff_t>(begin);
      out[rid] = Row(first, first + static_cast<std::ptrdiff_t>(count));
    }
    return out;
  }

  BuiltPack build(const World& world) const {
    std::vector<SectionChanges> sections;
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      sections.push_back(changes_between(schemas[i], before[i], after[i], world.keys[i], i == 0));
    }
    return must(build_pack(world.spec, sections, std::span(world.keys.data(), schemas.size()),
                           world.publisher));
  }
};

}  // namespace

TEST_CASE("grades: each section comes back, rows aligned") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  world.spec.from = 1;
  world.spec.to = 2;
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const ScopedPackSizes sizes({.seal_chunk_bytes = 1 + random() % 300,
                                 .block_rows = 1 + random() % 40,
                                 .block_bytes = 1 + random() % 3000});
    const Graded graded(random, 2 + random() % 3, random() % 80);
    const BuiltPack pack = graded.build(world);
    RowLists lists;
    for (std::size_t i = 0; i < graded.schemas.size(); ++i) {
      MemoryTable table(graded.before[i], graded.schemas[i].columns.size());
      must(read_pack_section(pack.header, i, graded.schemas[i], world.keys[i],
                             source_of(pack.file, pack.header, i), table, lists, table));
      table.commit();
      CHECK(table.rows() == graded.after[i]);
      CHECK(digest_of(graded.after[i], graded.schemas[i].columns.size(), world.keys[i])
                .begins_with(pack.header.sections[i].after));
    }
  }
}

TEST_CASE("grades: one section's key opens no other") {
  std::mt19937_64 random(7);
  World world;
  world.spec.from = 1;
  world.spec.to = 2;
  const Graded graded(random, 2, 20);
  const BuiltPack pack = graded.build(world);
  RowLists lists;
  MemoryTable table(graded.before[1], graded.schemas[1].columns.size());
  CHECK(code_of(read_pack_section(pack.header, 1, graded.schemas[1], world.keys[0],
                                  source_of(pack.file, pack.header, 1), table, lists, table)) ==
        ErrorCode::kUntrusted);
}

TEST_CASE("grades: a second section with other rows than the first is refused") {
  std::mt19937_64 random(8);
  World world;
  world.spec.from = 1;
  world.spec.to = 2;
  const Graded graded(random, 2, 40);
  const BuiltPack pack = graded.build(world);
  for (const RowLists& wrong : {RowLists{}, RowLists{std::vector<Rid>(99, 0), {}}}) {
    RowLists lists = wrong;
    MemoryTable table(graded.before[1], graded.schemas[1].columns.size());
    CHECK(code_of(read_pack_section(pack.header, 1, graded.schemas[1], world.keys[1],
                                    source_of(pack.file, pack.header, 1), table, lists, table)) ==
          ErrorCode::kUntrusted);
  }
}

TEST_CASE("grades: a first section without columns still says which rows exist") {
  World world;
  const SectionSchema bare{.grade = 1, .columns = {}};
  const Rows rows{{0, {}}, {5, {}}};
  const SectionChanges changes = changes_between(bare, {}, rows, world.keys[0]);
  const BuiltPack pack = must(build_pack(world.spec, std::span(&changes, 1),
                                         std::span(world.keys.data(), 1), world.publisher));
  MemoryTable table({}, 0);
  must(read_into(world, pack, pack.file, bare, table));
  CHECK(table.rows() == rows);
}

TEST_CASE("explain: shows bytes and codes, and without keys the header only") {
  std::mt19937_64 random(9);
  World world;
  world.spec.from = 1;
  world.spec.to = 2;
  const Graded graded(random, 2, 200);
  const BuiltPack pack = graded.build(world);
  const json::value closed = must(explain_pack(pack.file, {}));
  CHECK(closed.at("stream").as_string() == "villages/3304");
  CHECK(closed.at("sections").as_array().size() == 2);
  CHECK(!closed.at("sections").as_array()[0].as_object().contains("content"));

  std::vector<std::optional<SectionKey>> keys(2);
  for (std::size_t i = 0; i < 2; ++i) {
    keys[i] = SectionKey{graded.schemas[i], world.keys[i].clone()};
  }
  const json::value open = must(explain_pack(pack.file, keys));
  for (const json::value& section : open.at("sections").as_array()) {
    const json::value& content = section.at("content");
    // Fingerprint, rows, columns, and in each block a length and the number of changed columns.
    std::uint64_t bytes = 8 + content.at("row_bytes").to_number<std::uint64_t>();
    for (const json::value& column : content.at("columns").as_array()) {
      bytes += column.at("bytes").to_number<std::uint64_t>();
    }
    const auto raw = section.at("raw_bytes").to_number<std::uint64_t>();
    CHECK(bytes <= raw);
    CHECK(raw - bytes <= 5 * content.at("blocks").to_number<std::uint64_t>());
  }
  keys[1]->content_key = world.keys[0].clone();
  CHECK(code_of(explain_pack(pack.file, keys)) == ErrorCode::kUntrusted);
}

TEST_CASE("pack: changes that contradict themselves are refused before anything is built") {
  World world;
  const SectionSchema schema{.grade = 1, .columns = {{.name = "t"}}};
  const auto build = [&](auto change) {
    const Rows rows{{0, {{.kind = CellView::Kind::kText, .text = "a"}}}};
    SectionChanges changes = changes_between(schema, {}, rows, world.keys[0]);
    change(changes);
    return build_pack(world.spec, std::span(&changes, 1), std::span(world.keys.data(), 1),
                      world.publisher);
  };
  CHECK(build([](SectionChanges&) {}).has_value());
  const auto number = [](SectionChanges& c) {
    c.inserts.columns[0].clear();
    c.inserts.columns[0].push_integer(1);
  };
  const auto too_long = [](SectionChanges& c) {
    c.inserts.columns[0].clear();
    c.inserts.columns[0].push_text(std::string(65'537, 'x'));
  };
  CHECK(code_of(build(number)) == ErrorCode::kBadInput);
  CHECK(code_of(build(too_long)) == ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.deletes = {3, 3}; })) == ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.inserts.rids = {1ULL << 31}; })) ==
        ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.inserts.columns.clear(); })) ==
        ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.updated_new.rids = {1}; })) ==
        ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.schema.grade = 2; })) == ErrorCode::kBadInput);
  CHECK(code_of(build([](SectionChanges& c) { c.before = c.after; })) == ErrorCode::kBadInput);
}

}  // namespace rootlet::test
