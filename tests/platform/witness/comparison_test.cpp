// What is a fork, and who stays behind.
#include "platform/witness/comparison.hpp"

#include "core/crypto.hpp"
#include "platform/witness/exchange.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace rootlet::platform;

namespace {

const UnixTime kNow{std::chrono::seconds(1'790'000'000)};
constexpr std::chrono::hours kHour{1};

Hash256 hash(std::string_view text) {
  return sha256(as_bytes(text));
}

}  // namespace

TEST_CASE("comparison: versions that all saw alike, or one alone saw, are no fork") {
  const Viewer viewers[] = {
      {.name = "a", .claims = {{1, hash("1"), kNow}, {2, hash("2"), kNow}}, .looked = kNow},
      {.name = "b", .claims = {{2, hash("2"), kNow}, {3, hash("3"), kNow}}, .looked = kNow}};
  const Comparison found = compare_views(viewers);
  CHECK(found.shared == 1);
  CHECK(found.forks.empty());
  CHECK(found.behind.empty());
}

TEST_CASE("comparison: one version that is two things is a fork, also within one viewer") {
  const Viewer viewers[] = {{.name = "a", .claims = {{1, hash("1"), kNow}, {1, hash("x"), kNow}}},
                            {.name = "b", .claims = {{1, hash("x"), kNow}}}};
  const Comparison found = compare_views(viewers);
  REQUIRE(found.forks.size() == 2);
  CHECK(found.forks[0].first == 0);
  CHECK(found.forks[0].second == 0);
  CHECK(found.forks[1].second == 1);
}

TEST_CASE("comparison: a version under a number that the other never sees comes out after a day") {
  std::vector<Viewer> viewers{{.name = "a", .claims = {{7, hash("7"), kNow}}, .looked = kNow},
                              {.name = "b", .claims = {{1'000'007, hash("lie"), kNow}}}};
  viewers[0].looked = kNow + 23 * kHour;
  CHECK(compare_views(viewers).behind.empty());  // a mirror may lag
  viewers[0].looked = kNow + 25 * kHour;
  const Comparison found = compare_views(viewers);
  REQUIRE(found.behind.size() == 1);
  CHECK(found.behind[0].viewer == 0);
  CHECK(found.behind[0].version == 1'000'007);
  viewers[0].claims.push_back({1'000'008, hash("8"), kNow});  // it only missed that one
  CHECK(compare_views(viewers).behind.empty());
}

TEST_CASE("comparison: who does not say when it looked is not behind") {
  const Viewer viewers[] = {{.name = "file", .claims = {{7, hash("7"), std::nullopt}}},
                            {.name = "b", .claims = {{9, hash("9"), kNow}}, .looked = kNow}};
  CHECK(compare_views(viewers).behind.empty());
}

TEST_CASE("comparison: what an office says is read with its bounds") {
  const std::string text =
      R"({"office": {"id": "xinfeng", "name": "n"}, "contact": "2026-09-21T00:00:00Z",
    "more": 1, "trust": {"fresh": true, "directory": {"version": 5, "hash": ")" +
      to_hex(hash("5")) + "\"}}}";
  const Viewer viewer = must(parse_office_view(text, "status.json"));
  CHECK(viewer.name == "xinfeng");
  REQUIRE(viewer.claims.size() == 1);
  CHECK(viewer.claims[0].version == 5);
  CHECK(viewer.claims[0].directory == hash("5"));
  for (
      const char* wrong :
      {"", "[]", "{}", R"({"office": null, "trust": {}})",
       R"({"office": {"id": "x"}, "contact": "2026-09-21T00:00:00Z", "trust": {"directory": null}})",
       R"({"office": {"id": "x"}, "contact": "2026-09-21T00:00:00Z",
            "trust": {"directory": {"version": 0, "hash": ""}}})"}) {
    CAPTURE(wrong);
    CHECK(code_of(parse_office_view(wrong, "status.json")) == ErrorCode::kBadInput);
  }
}
