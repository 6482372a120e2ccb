// What the operator sees of offices that two machines use.
#include "platform/cli/text/fork_text.hpp"
#include "tests/platform/intake/loopback.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

TEST_CASE(
    "forks: a copied machine shows upstream with office, chain and time, once for each chain") {
  const TempDir folder;
  World world{folder.path()};
  Intake intake = world.open_intake();
  DirectLink link{world, intake};
  {
    Outbox outbox = world.open_outbox("a.db");
    must(outbox.save(loose_visit_form(), a_record("shared", 3), world.now));
    exchange(world, outbox, intake, link);
  }
  CHECK(must(intake.forks()).empty());
  std::filesystem::copy_file(world.path("a.db"), world.path("b.db"));
  Outbox a = world.open_outbox("a.db"), b = world.open_outbox("b.db");
  must(a.save(loose_visit_form(), a_record("only a", 3), world.now));
  must(b.save(loose_visit_form(), a_record("only b", 3), world.now));
  exchange(world, a, intake, link);
  exchange(world, b, intake, link);
  const std::vector<ForkEntry> forks = must(intake.forks());
  REQUIRE(forks.size() == 1);
  CHECK(forks[0].sequence == 2);
  CHECK(forks[0].held != forks[0].other);
  CHECK(forks[0].times == 1);
  CHECK(forks[0].last_at == world.now);
  CHECK(forks[0].chain == must(a.chains())[0].chain);
  // It is on disk: another process of the operator sees it.
  Intake other = world.open_intake();
  CHECK(must(other.forks()).size() == 1);

  const json::array listed = json_forks(forks);
  CHECK(listed[0].get_object().at("office").get_string() == forks[0].office);
  CHECK(forks_of(forks, forks[0].office) == 1);
  CHECK(forks_of(forks, "another") == 0);
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const std::string text = forks_text(forks, language);
    CHECK(text.find(forks[0].office) != std::string::npos);
    CHECK(text.find(forks[0].chain) != std::string::npos);
  }
  CHECK(forks_text({}, Language::kEnglish).empty());
}

}  // namespace
}  // namespace rootlet::platform
