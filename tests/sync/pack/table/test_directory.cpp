// Rows of the directory round-trip; malformed rows are refused.
#include "sync/pack/table/directory.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {

TEST_CASE("directory: a row of each kind comes back as it was") {
  const std::vector<DirectoryRow> rows{
      {.kind = DirectoryKind::kDataset, .id = "villages", .hash = "", .body = "{}"},
      {.kind = DirectoryKind::kStream,
       .id = "villages/3304",
       .a = 7,
       .b = 1200,
       .size = 1,
       .time = 1'790'000'000,
       .hash = std::string(32, '\xFF'),
       .body = ""},
      {.kind = DirectoryKind::kGrant,
       .id = "office",
       .a = -1,
       .hash = std::string("\0", 1),
       .body = ""},
  };
  RowBlock block;
  for (std::size_t i = 0; i < rows.size(); ++i) push_directory_row(block, i, rows[i]);
  REQUIRE(block.columns.size() == directory_schema().columns.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(must(directory_row(block, i)) == rows[i]);
}

TEST_CASE("directory: rows of the wrong shape are refused") {
  CHECK(code_of(directory_row(RowBlock(), 0)) == ErrorCode::kUntrusted);
  RowBlock block;
  push_directory_row(block, 0, {.id = "x", .hash = "", .body = ""});
  CHECK(code_of(directory_row(block, 1)) == ErrorCode::kUntrusted);
  for (std::size_t column = 0; column < block.columns.size(); ++column) {
    RowBlock broken = block;
    broken.columns[column].clear();
    broken.columns[column].push_null();
    CHECK(code_of(directory_row(broken, 0)) == ErrorCode::kUntrusted);
  }
  block.columns[0].clear();
  block.columns[0].push_integer(99);
  CHECK(code_of(directory_row(block, 0)) == ErrorCode::kUntrusted);
}

TEST_CASE("directory: paths of packs and grants") {
  Hash256 id{};
  id[0] = 0xAB;
  CHECK(pack_path(id) == "packs/ab/ab" + std::string(62, '0') + ".pack");
  CHECK(grant_path("town-1") == "offices/town-1.grant");
}

}  // namespace rootlet::test
