// Packs round-trip: any table, any change, any block boundary.
#include "sync/pack/coding/sizes.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

BuiltPack build(const World& world, const SectionChanges& changes, BaseTable* base) {
  const auto bases =
      base != nullptr ? std::span<BaseTable* const>(&base, 1) : std::span<BaseTable* const>();
  return must(build_pack(world.spec, std::span(&changes, 1), std::span(world.keys.data(), 1),
                         world.publisher, bases));
}

// Builds the change, reads it into a table at `before`, and compares rows and digest.
void check_round_trip(World& world, const SectionSchema& schema, const Rows& before,
                      const Rows& after) {
  world.spec.from = before.empty() ? 0 : 6;
  world.spec.to = 7;
  const SectionChanges changes = changes_between(schema, before, after, world.keys[0]);
  MemoryTable table(before, schema.columns.size());
  const BuiltPack pack = build(world, changes, before.empty() ? nullptr : &table);
  CHECK(pack.header.file_bytes() == pack.file.size());
  must(read_into(world, pack, pack.file, schema, table));
  CHECK(table.rows() == after);
  CHECK(digest_of(table.rows(), schema.columns.size(), world.keys[0])
            .begins_with(pack.header.sections[0].after));
}

}  // namespace

TEST_CASE("pack: any table and any edit come back as they were") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  for (int round = 0; round < 150; ++round) {
    CAPTURE(round);
    const SectionSchema schema = random_schema(random);
    const Rows first = random_rows(random, schema, random() % 200);
    check_round_trip(world, schema, {}, first);
    const Rows second = edited(random, schema, first);
    check_round_trip(world, schema, first, second);
  }
}

TEST_CASE("pack: blocks and sealed chunks may end anywhere") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  for (int round = 0; round < 150; ++round) {
    CAPTURE(round);
    const ScopedPackSizes sizes({.seal_chunk_bytes = 1 + random() % 90,
                                 .block_rows = 1 + random() % 12,
                                 .block_bytes = 1 + random() % 900});
    const SectionSchema schema = random_schema(random);
    const Rows first = random_rows(random, schema, random() % 60);
    check_round_trip(world, schema, {}, first);
    check_round_trip(world, schema, first, edited(random, schema, first));
  }
}

}  // namespace rootlet::test
