// Rows that the owner removed or corrected are gone from an office's disk too, not only from its
// answers.
#include "tests/realm/world/realm.hpp"
#include "tests/storage/pages.hpp"

using namespace rootlet;
using namespace rootlet::test;

TEST_CASE("erasure: removed and corrected rows are in no decrypted page of the dataset's file") {
  LiveRealm realm(3);
  LiveOffice& office = realm.add_office("o1");
  People people = change_people({}, realm.random, 200);
  for (int i = 0; i < 60; ++i) {
    people["SECRET-id-" + std::to_string(i)] = {"1101", "4", ""};
    people["kept-" + std::to_string(i)] = {"1177777777", "4", ""};
  }
  realm.publish(people);
  REQUIRE_FALSE(office.cycle().error);
  const auto pages = [&](std::string_view needle) {
    DatasetStore store = office.open_dataset();
    return pages_with(store.database(), needle);
  };
  CHECK(pages("SECRET-id-") > 0);
  CHECK(pages("1177777777") > 0);
  for (int i = 0; i < 60; ++i) {
    people.erase("SECRET-id-" + std::to_string(i));
    people["kept-" + std::to_string(i)] = {"1102", "4", ""};
  }
  realm.publish(people);
  REQUIRE_FALSE(office.cycle().error);
  std::error_code missing;
  const auto log =
      std::filesystem::file_size(office.home().dataset("people").string() + "-wal", missing);
  CHECK((missing || log == 0));
  CHECK(pages("SECRET-") == 0);
  CHECK(pages("1177777777") == 0);
  CHECK(pages("kept-") > 0);
}
