// What the memory of the agent shows of an office's keys once it has closed its files: nothing. The
// heap's memory is wiped when it is freed (core/process), SQLite's too (storage).
#include "core/process/harden.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/support/memory_scan.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

TEST_CASE("memory: seed, file keys and the text of the grant are gone when the office is closed" *
          doctest::skip(!kHeapIsWiped)) {
  OfficeWorld world;
  std::vector<std::vector<std::uint8_t>> secrets;
  std::string in_grant;
  {
    Office office = world.open();
    GrantFile grants = must(parse_grant_file(encode_grant_file(office.grants())));
    grants.version += 1;
    ContentKey content;
    content.stream = {"roster", "3304"};
    content.key = SymmetricKey::random();
    secrets.push_back(turned_over(content.key.expose()));
    in_grant = to_base64(content.key.expose());
    secrets.push_back(turned_over(as_bytes(in_grant)));
    sodium_memzero(in_grant.data(), in_grant.size());
    grants.keys.push_back(std::move(content));
    must(office.save_grants(grants));
  }
  {
    Office office = world.open();
    secrets.push_back(turned_over(office.identity().signing.seed().expose()));
    secrets.push_back(turned_over(must(office.keys().file_key("directory")).expose()));
    secrets.push_back(
        turned_over(must(office.keys().file_key(dataset_key_name("roster"))).expose()));
    KeepingSink sink;
    must(world.call("query",
                    {{"dataset", "roster"},
                     {"purpose", "verification"},
                     {"limit", 0},
                     {"columns", json::array()},
                     {"where", json::array()}},
                    sink));
    CHECK(copies_in_memory(secrets[0]) > 0);  // the search does find what is there
  }
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    CAPTURE(i);
    CHECK(copies_in_memory(secrets[i]) == 0);
  }
}
