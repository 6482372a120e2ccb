// Packs written once and kept (docs/FORMATS.md, "Worked example"). Whatever changes in the code,
// offices must be able to read what was published before.
#include "core/file/file.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

SymmetricKey key_from(std::uint8_t first) {
  SymmetricKey key;
  for (std::size_t i = 0; i < 32; ++i) {
    key.expose_mutable()[i] = static_cast<std::uint8_t>(first + i);
  }
  return key;
}

// The public key of the vectors' publisher, whose seed is 32 times 0x42.
PublicKey publisher() {
  SymmetricKey seed;
  for (std::uint8_t& byte : seed.expose_mutable()) byte = 0x42;
  return SigningKey::from_seed(seed).public_key;
}

Bytes vector_file(const std::string& name) {
  std::string hex = must(read_text_file(fs::path(ROOTLET_VECTORS) / name, 64 * 1024));
  std::erase(hex, '\n');
  return must(from_hex(hex));
}

PackHeader verified(const Bytes& file, std::string_view id) {
  const std::vector<PublicKey> publishers{publisher()};
  PackHeader header = must(verify_pack_header(file, publishers));
  CHECK(to_hex(header.id) == id);
  return header;
}

OwnedCell text(std::string value) {
  return {.kind = CellView::Kind::kText, .text = std::move(value)};
}
OwnedCell number(std::int64_t value) {
  return {.kind = CellView::Kind::kInteger, .integer = value};
}

// The change of the worked example, read from vector `name`.
void check_one_change(const std::string& name, std::size_t size, std::string_view id) {
  const Bytes file = vector_file(name);
  CHECK(file.size() == size);
  const PackHeader header = verified(file, id);
  CHECK(header.stream.text() == "villages/3304");
  CHECK(header.from == 6);
  CHECK(header.to == 7);
  const SectionSchema schema{
      .grade = 1,
      .columns = {
          {.name = "code"}, {.name = "name"}, {.name = "people", .type = ColumnType::kInteger}}};
  Rows rows{{0, {text("330402001001"), text("东栅社区居委会"), number(1200)}},
            {1, {text("330402001002"), text("王家村"), number(860)}},
            {2, {text("330402001003"), text("李家村"), {}}}};
  CHECK(digest_of(rows, 3, key_from(0)).begins_with(header.sections[0].before));
  MemoryTable table(rows, 3);
  RowLists lists;
  must(read_pack_section(header, 0, schema, key_from(0), source_of(file, header, 0), table, lists,
                         table));
  table.commit();
  rows[1][1] = text("王家社区");
  CHECK(table.rows() == rows);
  CHECK(digest_of(rows, 3, key_from(0)).begins_with(header.sections[0].after));
}

}  // namespace

TEST_CASE("vector: the worked example of the format page is read") {
  check_one_change("pack-one-change.hex", 202,
                   "c6b1a55b40d5e24356df313f09042743e8776d7c2766a6f6d94a09293e33e48b");
}

TEST_CASE("vector: the same change, modelled, is read: no prediction has changed") {
  check_one_change("pack-modelled.hex", 183,
                   "dc26d26e74593983a6411e25a8b8cb02719d22549457e453ead8f1bca33a3802");
}

TEST_CASE("vector: a snapshot with two grades is read") {
  const Bytes file = vector_file("pack-snapshot.hex");
  const PackHeader header =
      verified(file, "ce01b7adc486870b6782a28302f601090d6e8ac5635f143d7b2ed53cbdb1f92c");
  const SectionSchema first{.grade = 1,
                            .columns = {{.name = "code"},
                                        {.name = "name"},
                                        {.name = "people", .type = ColumnType::kInteger},
                                        {.name = "phone~"}}};
  const SectionSchema third{.grade = 3, .columns = {{.name = "phone"}}};
  Rows first_rows, third_rows;
  for (int i = 0; i < 40; ++i) {
    const Rid rid = static_cast<Rid>(i + i / 10);
    first_rows[rid] = {
        text(std::to_string(330402001001 + i)), text("第" + std::to_string(i) + "村"),
        i % 7 == 3 ? OwnedCell{} : number(i * 10), text("138****" + std::to_string(1000 + i))};
    third_rows[rid] = {text(std::to_string(13800001000 + i))};
  }
  RowLists lists;
  MemoryTable first_table({}, 4);
  must(read_pack_section(header, 0, first, key_from(0), source_of(file, header, 0), first_table,
                         lists, first_table));
  first_table.commit();
  CHECK(first_table.rows() == first_rows);
  CHECK(digest_of(first_rows, 4, key_from(0)).begins_with(header.sections[0].after));
  MemoryTable third_table({}, 1);
  must(read_pack_section(header, 1, third, key_from(32), source_of(file, header, 1), third_table,
                         lists, third_table));
  third_table.commit();
  CHECK(third_table.rows() == third_rows);
  CHECK(digest_of(third_rows, 1, key_from(32)).begins_with(header.sections[1].after));
}

}  // namespace rootlet::test
