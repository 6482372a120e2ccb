// An office whose machine is replaced: what the old machine still can do, what the new one gets,
// and that no record is lost or doubled.
#include "agent/office/enroll.hpp"
#include "platform/office/membership.hpp"
#include "sync/pack/table/directory.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

json::object visit(const std::string& name) {
  return {{"name", name}, {"people", 3}};
}

std::string reinvite(LiveRealm& realm, const std::string& office) {
  return realm.reinvite(office);
}

void must_cycle(LiveRealm& realm, LiveOffice& office) {
  for (int pass = 0; pass < 2; ++pass) {
    const agent::CycleResult result = office.cycle();
    if (result.error) FAIL(result.error->message);
    realm.validate();
  }
}

// By an answer that a person carries.
Result<agent::EnrolOutcome> join(LiveRealm& realm, LiveOffice& office,
                                 const std::string& invitation) {
  const auto enrol = [&](std::string_view text, agent::EnrolMode mode) {
    return agent::enroll(office.home(), office.context.settings, text, mode, realm.clock);
  };
  ROOTLET_TRY(const agent::EnrolOutcome asked, enrol(invitation, agent::EnrolMode::kOffline));
  ROOTLET_TRY(const std::string answer,
              platform::enrol_office(realm.realm(), asked.request, realm.clock.wall()));
  return enrol(answer, agent::EnrolMode::kOnline);
}

struct Scene {
  LiveRealm realm{11};
  std::mt19937_64 random{11};
  People people = change_people({}, random, 60);
  LiveOffice* old = nullptr;

  Scene() {
    realm.publish(people);
    old = &realm.add_office("xinfeng");
    must_cycle(realm, *old);
  }
  platform::OfficeEntry entry() {
    return must(platform::find_office(realm.realm().registry(), "xinfeng"));
  }
};

}  // namespace

TEST_CASE("reinvite: the old machine gets and gives nothing from then on, and hears why") {
  Scene scene;
  scene.old->submit(kVisit, visit("unsent"));
  const PublicKey key = *scene.entry().signing_key;
  const fs::path grant =
      scene.realm.repository() / grant_path(grant_token(key), scene.entry().grant_version);
  CHECK(fs::exists(grant));
  reinvite(scene.realm, "xinfeng");

  CHECK(scene.entry().state == platform::OfficeState::kReinvited);
  CHECK_FALSE(scene.entry().signing_key.has_value());
  CHECK_FALSE(fs::exists(grant));
  const auto former = must(scene.realm.realm().registry().former_keys("xinfeng"));
  REQUIRE(former.size() == 1);
  CHECK(former[0].signing_key == key);

  const agent::CycleResult result = scene.old->cycle();
  REQUIRE(result.error);
  CHECK(result.error->code == ErrorCode::kNotPermitted);
  CHECK(result.error->message.find("this machine was replaced") != std::string::npos);
  CHECK(scene.realm.records_of("xinfeng").empty());
  CHECK(scene.realm.verify().problems.empty());
  // Nothing renews its lease.
  const UnixTime contact = scene.old->open().contact();
  scene.realm.clock.pass(std::chrono::hours(1));
  scene.realm.publish(change_people(scene.people, scene.random, 5));
  static_cast<void>(scene.old->cycle());
  CHECK(scene.old->open().contact() == contact);
}

TEST_CASE("reinvite: the grant is sealed to the new machine's key and has a higher version") {
  Scene scene;
  const std::uint64_t before = scene.entry().grant_version;
  TempDir folder(fast_folder());
  LiveOffice fresh(scene.realm, "xinfeng", folder / "home", reinvite(scene.realm, "xinfeng"));
  must_cycle(scene.realm, fresh);
  CHECK(scene.entry().state == platform::OfficeState::kEnrolled);
  CHECK(scene.entry().grant_version > before);
  CHECK(fresh.rows() == rows_of(scene.people, true));
  // The old machine does not even find it.
  CHECK(scene.old->sync().error->code == ErrorCode::kNotPermitted);
}

TEST_CASE("reinvite: a record that both machines send is stored once") {
  Scene scene;
  const std::string id = scene.old->submit(kVisit, visit("once"));
  must_cycle(scene.realm, *scene.old);
  CHECK(scene.realm.records_of("xinfeng").size() == 1);
  TempDir folder(fast_folder());
  LiveOffice fresh(scene.realm, "xinfeng", folder / "home", reinvite(scene.realm, "xinfeng"));
  must_cycle(scene.realm, fresh);
  agent::Office office = fresh.open();
  Outbox outbox = must(office.open_outbox());
  RecordDetail detail;
  {
    agent::Office of_old = scene.old->open();
    Outbox old_outbox = must(of_old.open_outbox());
    detail = must(old_outbox.show(id));
  }
  const FormDefinition form = must(FormDefinition::parse(
      must(scene.realm.realm().registry().form(std::string(kVisit), 1))->definition, "form"));
  CHECK(must(outbox.save(form, detail.record, scene.realm.clock.wall())) == id);
  must_cycle(scene.realm, fresh);
  const auto records = scene.realm.records_of("xinfeng");
  REQUIRE(records.size() == 1);
  CHECK(fresh.records().at(0).state == RecordState::kAccepted);
}

TEST_CASE("reinvite: a machine that is still whole takes the new keys and keeps its records") {
  Scene scene;
  const std::string received = scene.old->submit(kClaim, visit("waits for a person"));
  must_cycle(scene.realm, *scene.old);
  const std::string saved = scene.old->submit(kVisit, visit("unsent"));
  const std::string chain = must(must(scene.old->open().open_outbox()).show(received)).chain;
  const std::string invitation = reinvite(scene.realm, "xinfeng");
  must(join(scene.realm, *scene.old, invitation));
  must_cycle(scene.realm, *scene.old);
  scene.realm.decide_claims();
  must_cycle(scene.realm, *scene.old);
  CHECK(scene.realm.records_of("xinfeng").size() == 2);
  for (const RecordSummary& record : scene.old->records()) {
    const bool judged =
        record.state == RecordState::kAccepted || record.state == RecordState::kReturned;
    CHECK(judged);
  }
  agent::Office office = scene.old->open();
  CHECK(must(must(office.open_outbox()).show(saved)).chain != chain);
  CHECK(scene.old->rows() == rows_of(scene.people, true));
}

TEST_CASE("reinvite: an old invitation, a replayed answer and the old keys do not come back") {
  Scene scene;
  const std::string first = reinvite(scene.realm, "xinfeng");
  const std::string second = reinvite(scene.realm, "xinfeng");  // voids the first
  CHECK(code_of(join(scene.realm, *scene.old, first)) == ErrorCode::kNotPermitted);
  must(join(scene.realm, *scene.old, second));
  must_cycle(scene.realm, *scene.old);

  // An answer to the request of another machine of the same office.
  TempDir folder(fast_folder());
  const std::string third = reinvite(scene.realm, "xinfeng");
  const auto enrol = [&](const std::string& home, std::string_view text, agent::EnrolMode mode) {
    const agent::Home place(folder / home);
    must(place.prepare());
    return agent::enroll(place, scene.old->context.settings, text, mode, scene.realm.clock);
  };
  const agent::EnrolOutcome a = must(enrol("a", third, agent::EnrolMode::kOffline));
  must(enrol("b", third, agent::EnrolMode::kOffline));
  const std::string answer =
      must(platform::enrol_office(scene.realm.realm(), a.request, scene.realm.clock.wall()));
  CHECK(code_of(enrol("b", answer, agent::EnrolMode::kOnline)) == ErrorCode::kUntrusted);
  CHECK(enrol("a", answer, agent::EnrolMode::kOnline).has_value());
}

TEST_CASE("reinvite: a suspended office stays suspended, and an unknown one is named") {
  Scene scene;
  scene.realm.suspend("xinfeng");
  CHECK(code_of(platform::reinvite_office(scene.realm.realm(), {.id = "xinfeng"},
                                          scene.realm.clock.wall())) == ErrorCode::kNotPermitted);
  CHECK(code_of(platform::reinvite_office(scene.realm.realm(), {.id = "nobody"},
                                          scene.realm.clock.wall())) == ErrorCode::kUsage);
}
