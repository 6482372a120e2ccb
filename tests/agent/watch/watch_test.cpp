// What a watch keeps and shows.
#include "agent/watch/watch.hpp"

#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

const char* const kPeople = R"({"id": "people", "title": {"zh": "人", "en": "People"},
  "provider": {"code": "1", "name": {"zh": "民政", "en": "Civil affairs"}},
  "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional", "uses": ["verification"]},
  "grade": "general", "assessment": "1",
  "columns": [{"name": "phone", "type": "text", "key": true, "grade": 2, "mask": "phone"},
              {"name": "number", "type": "integer", "key": true},
              {"name": "name", "type": "text"}]})";

Watch watch_of(std::vector<std::string> filters) {
  return {.id = "1",
          .name = "one",
          .dataset = "people",
          .purpose = "verification",
          .filters = std::move(filters),
          .uid = 7};
}

Grant full_grant() {
  Grant grant;
  grant.dataset = "people";
  grant.divisions = {"all"};
  grant.max_grade = 2;
  grant.purposes = {"verification"};
  return grant;
}

}  // namespace

TEST_CASE("watch: a key that rows show masked is masked in a hit too") {
  const DatasetDefinition people = must(DatasetDefinition::parse(kPeople, "people"));
  CHECK(shown_key(people, {"13812345678", 4}) == json::array{"138****5678", 4});
  CHECK(shown_key(people, {nullptr, 4}) == json::array{nullptr, 4});
}

TEST_CASE("watch: values become literals, and a masked column takes whole values only") {
  const DatasetDefinition people = must(DatasetDefinition::parse(kPeople, "people"));
  const RowWatch watch =
      must(compile_watch(watch_of({"name=eq.it's? \"so\"", "number=gte.3"}), people, full_grant()));
  CHECK(watch.condition("new") == R"((new."name" = 'it''s? "so"') AND (new."number" >= 3))");
  CHECK(code_of(compile_watch(watch_of({"phone=like.138*"}), people, full_grant())) ==
        ErrorCode::kBadInput);
  CHECK(code_of(compile_watch(watch_of({"nosuch=eq.1"}), people, full_grant())) ==
        ErrorCode::kBadInput);
}

TEST_CASE("watch: each user has watches of their own, one of a name") {
  OfficeWorld world;
  Office office = world.open();
  must(add_watch(office.keys(), watch_of({"number=eq.3"})));
  CHECK(code_of(add_watch(office.keys(), watch_of({}))) == ErrorCode::kUsage);
  Watch other = watch_of({});
  other.uid = 8;
  must(add_watch(office.keys(), other));
  CHECK(must(find_watch(office.keys(), {.uid = 7, .user = {}}, "one")).filters.size() == 1);
  must(remove_watch(office.keys(), watch_of({})));
  CHECK(code_of(find_watch(office.keys(), {.uid = 7, .user = {}}, "one")) == ErrorCode::kBadInput);
  CHECK(must(load_watches(office.keys())).size() == 1);
}

TEST_CASE("watch: the people of paired browsers have watches of their own, too") {
  OfficeWorld world;
  Office office = world.open();
  Watch watch = watch_of({"number=eq.3"});
  watch.uid = -1;
  watch.person = "王/1";
  must(add_watch(office.keys(), watch));
  watch.person = "li";
  watch.filters.clear();
  must(add_watch(office.keys(), watch));
  CHECK(must(load_watches(office.keys())).size() == 2);
  CHECK(must(find_watch(office.keys(), {.user = "王/1"}, "one")).filters.size() == 1);
  CHECK(must(find_watch(office.keys(), {.user = "li"}, "one")).filters.empty());
  CHECK(code_of(find_watch(office.keys(), {.user = "chen"}, "one")) == ErrorCode::kBadInput);
  CHECK(code_of(find_watch(office.keys(), {.uid = 7, .user = "li"}, "one")) ==
        ErrorCode::kBadInput);
}
