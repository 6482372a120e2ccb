// Columns of cells, and digests against values written once and kept.
#include "sync/pack/table/digest.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

OwnedCell text(std::string value) {
  return {.kind = CellView::Kind::kText, .text = std::move(value)};
}
OwnedCell number(std::int64_t value) {
  return {.kind = CellView::Kind::kInteger, .integer = value};
}

SymmetricKey fixed_key() {
  SymmetricKey key;
  for (std::size_t i = 0; i < 32; ++i) key.expose_mutable()[i] = static_cast<std::uint8_t>(i);
  return key;
}

std::string digest_hex(const Rows& rows, std::size_t columns) {
  return to_hex(digest_of(rows, columns, fixed_key()).value());
}

}  // namespace

TEST_CASE("table: a column gives back nulls, numbers and texts") {
  CellColumn column;
  column.push_null();
  column.push_integer(-5);
  column.push_text("王小明");
  column.push_text("");
  column.push(column.at(2));
  REQUIRE(column.size() == 5);
  CHECK(column.at(0).kind == CellView::Kind::kNull);
  CHECK(column.at(1).integer == -5);
  CHECK(column.at(2).text == "王小明");
  CHECK(column.at(3).kind == CellView::Kind::kText);
  CHECK(column.at(3).text.empty());
  CHECK(column.at(4) == column.at(2));
  CHECK(column.text_bytes() == 18);
  column.clear();
  CHECK(column.size() == 0);
}

TEST_CASE("digest: rows may be added in any order and taken away again") {
  const Rows rows{{1, {text("a"), number(1)}}, {7, {text("b"), {}}}, {9, {{}, number(-1)}}};
  const SymmetricKey key = digest_key(fixed_key());
  SectionDigest digest;
  for (const Rid rid : {9, 1, 7}) {
    const Rows one{{static_cast<Rid>(rid), rows.at(static_cast<Rid>(rid))}};
    digest.add(key, block_of(one, 2));
  }
  CHECK(to_hex(digest.value()) == digest_hex(rows, 2));
  digest.remove(key, block_of(rows, 2));
  CHECK(digest == SectionDigest());

  const std::array<CellView, 2> cells{rows.at(1)[0].view(), rows.at(1)[1].view()};
  digest.add_row(key, 1, cells);
  CHECK(to_hex(digest.value()) == digest_hex({{1, rows.at(1)}}, 2));
}

TEST_CASE("digest: different rows differ, wherever the difference lies") {
  std::set<std::string> seen;
  const std::vector<Rows> tables{
      {},
      {{0, {{}, {}}}},
      {{1, {{}, {}}}},
      {{0, {text(""), {}}}},
      {{0, {{}, text("")}}},
      {{0, {text("ab"), text("")}}},
      {{0, {text("a"), text("b")}}},
      {{0, {text(""), text("ab")}}},
      {{0, {text("1"), {}}}},
      {{0, {number(1), {}}}},
      {{0, {number(0x31), {}}}},
      {{0, {text("a"), {}}}, {1, {text("b"), {}}}},
      {{0, {text("b"), {}}}, {1, {text("a"), {}}}},
  };
  for (const Rows& rows : tables) seen.insert(digest_hex(rows, 2));
  CHECK(seen.size() == tables.size());
}

TEST_CASE("digest: a new nullable last column changes nothing") {
  const Rows narrow{{0, {text("a")}}, {1, {number(3)}}};
  const Rows wide{{0, {text("a"), {}}}, {1, {number(3), {}}}};
  CHECK(digest_hex(narrow, 1) == digest_hex(wide, 2));
}

TEST_CASE("digest: depends on the content key and is the documented one") {
  const Rows rows{{5, {text("王"), {}, number(-2)}}};
  CHECK(digest_hex(rows, 3) == "9311c79a760051c66976fd74d50533997b270bf15f209926669845706e054537");
  CHECK(digest_of(rows, 3, SymmetricKey()).value() != digest_of(rows, 3, fixed_key()).value());
}

}  // namespace rootlet::test
