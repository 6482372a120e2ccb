// Rows of the directory round-trip; malformed rows are refused.
#include "sync/pack/table/directory.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {

TEST_CASE("directory: a row of each kind comes back as it was") {
  const std::vector<DirectoryRow> rows{
      {.kind = DirectoryKind::kDefinition, .id = "villages", .hash = "", .body = "{}"},
      {.kind = DirectoryKind::kStream,
       .id = "villages/3304",
       .a = 7,
       .b = 1200,
       .size = 1,
       .time = 1'790'000'000,
       .file = 1'790'000'000,
       .offset = 4'000,
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

TEST_CASE("directory: the way to a division, and the group in whose files its packs lie") {
  using Way = std::vector<std::string>;
  CHECK(path_of("all") == Way{"all"});
  CHECK(path_of("330402007") == Way{"all", "33", "3304", "330402", "330402007"});
  CHECK(path_of("330402007001").size() == 6);
  CHECK(parent_of("330402007") == "330402");
  CHECK(parent_of("33") == "all");
  CHECK(parent_of("all").empty());
  CHECK(packs_path("330402007", 12) == "packs/3304/12.packs");
  CHECK(path_of_pack({"villages", "33"}, 5) == "packs/33/5.packs");
  CHECK(path_of_pack(node_stream("330402"), 5) == "directory/3304/5.packs");
  CHECK(news_path("330402007") == "news/3304.news");
  CHECK(grant_path("ab", 7) == "offices/ab.7.grant");
}

TEST_CASE("directory: each stream has a key of its own, but for those that are read together") {
  const SymmetricKey secret = SymmetricKey::random();
  const auto key = [&](const StreamName& stream) { return derive_directory_key(secret, stream); };
  CHECK(key(node_stream("33")) != key(node_stream("3304")));
  CHECK(key(node_stream("33")) == key(offices_stream("33")));
  CHECK(key(catalogue_stream()) == key(definition_stream("roster")));
  CHECK(key(heads_stream("a", "33")) != key(heads_stream("b", "33")));
  CHECK(slice_name(key(heads_stream("a", "33"))).size() == 8);
  CHECK(grant_token(PublicKey{}).size() == 32);
  // Stream names are public; a dataset's own name need not be.
  CHECK(heads_stream("roster", "33").text().find("roster") == std::string::npos);
  CHECK(StreamName::parse(heads_stream(std::string(64, 'a'), "33").text()).has_value());
}

TEST_CASE("directory: a listing says of a dataset what those may know who may not have it") {
  const std::string line = must(listing_of(
      R"({"id":"x","title":"T","provider":{"code":"1","name":"N"},"columns":[{"name":"secret"}],
          "sharing":{"attribute":"conditional","scope":"s"},"update":"daily"})"));
  CHECK(line.find("secret") == std::string::npos);
  CHECK(line.find("conditional") != std::string::npos);
}

}  // namespace rootlet::test
