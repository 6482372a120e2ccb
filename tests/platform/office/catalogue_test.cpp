// What forms, datasets and grants say of each other is checked when either side changes.
#include "platform/office/catalogue.hpp"

#include "platform/realm/find_dataset.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

struct Catalogue {
  LiveRealm live;

  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  }
  Status add_form(std::string_view text) {
    return platform::add_form(live.realm(), must(FormDefinition::parse(text, "form")),
                              live.clock.wall());
  }
  Status add_dataset(std::string_view text) {
    return platform::add_dataset(live.realm(), must(DatasetDefinition::parse(text, "dataset")),
                                 live.clock.wall());
  }
  bool has_form(std::string_view id) {
    for (const platform::FormEntry& form : must(live.realm().registry().forms())) {
      if (form.id == id) return true;
    }
    return false;
  }
};

// Prefills from the realm's dataset "people", whose key is `id`.
const std::string kCheckForm = R"json({
  "id": "check", "version": 1, "title": "Check", "purpose": "p", "basis": "b", "unit": "u",
  "contact": "c", "retention_days": 30, "prefill": {"dataset": "people", "key_field": "person"},
  "fields": [{"name": "person", "type": "text", "column": "id"},
             {"name": "phone", "type": "text", "column": "phone"}]})json";

}  // namespace

TEST_CASE("catalogue: a form that prefills from a dataset of the catalogue is added") {
  Catalogue catalogue;
  must(catalogue.add_form(kCheckForm));
  CHECK(catalogue.has_form("check"));
  must(catalogue.add_form(Catalogue::replaced(
      Catalogue::replaced(kCheckForm, "\"version\": 1", "\"version\": 2"),
      "\"key_field\": \"person\"", "\"key_field\": \"person\", \"purpose\": \"care\"")));
}

TEST_CASE("catalogue: a prefill that cannot work is refused, and its place in the form is named") {
  struct Wrong {
    const char* from;
    const char* to;
    const char* field;
  };
  const Wrong wrong[] = {
      {"\"dataset\": \"people\"", "\"dataset\": \"poeple\"", "prefill.dataset"},
      {"\"column\": \"phone\"", "\"column\": \"phnoe\"", "fields[1].column"},
      {"\"column\": \"phone\"", "\"column\": \"Phone\"", "fields[1].column"},
      {"\"key_field\": \"person\"", "\"key_field\": \"phone\"", "prefill.key_field"},
      {"\"key_field\": \"person\"", "\"key_field\": \"person\", \"purpose\": \"sales\"",
       "prefill.purpose"},
  };
  Catalogue catalogue;
  for (const Wrong& one : wrong) {
    CAPTURE(one.to);
    const Status added = catalogue.add_form(Catalogue::replaced(kCheckForm, one.from, one.to));
    REQUIRE(added.has_error());
    CHECK(added.error().code == ErrorCode::kBadInput);
    CHECK(added.error().field == one.field);
  }
  CHECK_FALSE(catalogue.has_form("check"));
}

TEST_CASE("catalogue: a dataset keeps the columns that a form prefills from") {
  Catalogue catalogue;
  must(catalogue.add_form(kCheckForm));
  const std::string people =
      must(platform::find_dataset(catalogue.live.realm().registry(), "people")).source;
  const Status changed = catalogue.add_dataset(
      Catalogue::replaced(people, "\"name\":\"phone\"", "\"name\":\"mobile\""));
  REQUIRE(changed.has_error());
  CHECK(changed.error().message.find("check") != std::string::npos);
  must(catalogue.add_dataset(people));
}

TEST_CASE("catalogue: a dataset keeps the uses that its grants name") {
  Catalogue catalogue;
  catalogue.live.add_office("a");  // its grant's purpose is care
  const std::string people =
      must(platform::find_dataset(catalogue.live.realm().registry(), "people")).source;
  const Status changed =
      catalogue.add_dataset(Catalogue::replaced(people, "\"care\"", "\"audit\""));
  REQUIRE(changed.has_error());
  CHECK(changed.error().field == "sharing.uses");
  CHECK(changed.error().message.find("office a") != std::string::npos);
}
