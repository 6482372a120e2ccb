// Every role gets a new key, and every office follows by itself: one that was there before, one
// that comes later, one that was in the middle of the history.
#include "platform/keys/key_rotation.hpp"

#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/platform/keys/holders.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

std::string key_of(LiveRealm& realm, const std::string& role) {
  for (const platform::RoleKey& key : must(platform::role_keys(realm.realm()))) {
    if (key.role == role) return key.key_id;
  }
  FAIL("no role " << role);
  return "";
}

platform::KeyRotation rotate(LiveRealm& realm, const std::string& role) {
  if (!platform::is_named_by_root(role)) {
    return must(platform::rotate_delegated_keys(realm.realm(), {role}, platform::OldKeys::kForget,
                                                realm.clock.wall()));
  }
  sign_and_publish(realm, must(platform::prepare_online_keys(realm.realm(), {role})));
  return {};
}

void must_sync(LiveOffice& office) {
  const agent::CycleResult result = office.cycle();
  if (result.error) FAIL(office.id() << ": " << result.error->message);
}

bool holds_all(LiveOffice& office) {
  return office.holds_exactly({"11", "12", "13", "14"});
}

}  // namespace

TEST_CASE("key rotate: offices of before and of after hold everything, for each role") {
  for (const std::string role :
       {"timestamp", "snapshot", "targets", "directory", "grants", "publisher-11a"}) {
    CAPTURE(role);
    LiveRealm realm(5);
    std::mt19937_64 random(5);
    People people = change_people({}, random, 80);
    realm.publish(people);
    LiveOffice& current = realm.add_office("current");
    LiveOffice& behind = realm.add_office("behind", {"all"}, 3);
    must_sync(current);
    must_sync(behind);
    for (int i = 0; i < 5; ++i) {
      people = change_people(people, random, 10);
      realm.publish(people);
      must_sync(current);
    }
    const std::string before = key_of(realm, role);
    rotate(realm, role);
    CHECK(key_of(realm, role) != before);
    CHECK(realm.verify().problems.empty());

    current.link.forget();
    must_sync(current);
    CHECK(current.link.times_asked_below("packs/") == 0);  // it has the data
    must_sync(behind);
    LiveOffice& late = realm.add_office("late");
    must_sync(late);
    people = change_people(people, random, 10);
    realm.publish(people);
    for (LiveOffice* office : {&current, &behind, &late}) {
      must_sync(*office);
      CHECK(holds_all(*office));
      CHECK(office->mismatch() == "");
    }
    CHECK(late.rows() == rows_of(people, true));
    CHECK(realm.verify().problems.empty());
  }
}

TEST_CASE("key rotate: a publisher's packs are signed again, byte for byte the same inside") {
  LiveRealm realm(6);
  std::mt19937_64 random(6);
  People people = change_people({}, random, 60);
  realm.publish(people);
  people = change_people(people, random, 10);
  realm.publish(people);
  platform::Registry& registry = realm.realm().registry();
  std::vector<platform::PackEntry> before = must(registry.packs("people"));
  std::erase_if(before, [](const platform::PackEntry& pack) { return pack.retired.has_value(); });
  const platform::KeyRotation done = rotate(realm, "publisher-11a");
  CHECK(done.packs == before.size());
  CHECK(done.damaged == 0);
  std::size_t live = 0;
  for (const platform::PackEntry& pack : must(registry.packs("people"))) {
    if (pack.retired.has_value()) continue;
    ++live;
    const auto old = std::ranges::find_if(before, [&](const platform::PackEntry& one) {
      return one.stream == pack.stream && one.from == pack.from && one.to == pack.to;
    });
    REQUIRE(old != before.end());
    CHECK(old->file_bytes == pack.file_bytes);
    CHECK(old->file != pack.file);
    CHECK(old->id != pack.id);
  }
  CHECK(live == before.size());
}

TEST_CASE("key rotate: a pack that is damaged on disk gets no new signature, and is made again") {
  LiveRealm realm(7);
  std::mt19937_64 random(7);
  People people = change_people({}, random, 60);
  realm.publish(people);
  const auto file = realm.repository() / realm.pack_file_of("11", 0, 1);
  {
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(-1, std::ios::end);
    damaged.put('!');
  }
  CHECK(rotate(realm, "publisher-11a").damaged == 1);
  people = change_people(people, random, 5);
  realm.publish(people);
  LiveOffice& office = realm.add_office("office");
  must_sync(office);
  CHECK(office.rows() == rows_of(people, true));
  CHECK(realm.verify().problems.empty());
}

TEST_CASE("key rotate: an unknown role is refused with those there are") {
  LiveRealm realm;
  const Status checked = platform::check_roles(realm.realm().registry(), {"nobody"});
  CHECK(code_of(checked) == ErrorCode::kUsage);
  CHECK(checked.error().message.find("publisher-11a") != std::string::npos);
}

TEST_CASE("key rotate: when the signatures are missing, the realm goes on under the old key") {
  LiveRealm realm;
  const std::string before = key_of(realm, "timestamp");
  const platform::RootChange change =
      must(platform::prepare_online_keys(realm.realm(), {"timestamp"}));
  CHECK(code_of(platform::change_root(realm.realm(), change, {}, realm.clock.wall())) ==
        ErrorCode::kUsage);
  CHECK(key_of(realm, "timestamp") == before);
  realm.clock.pass(std::chrono::days(2));
  realm.renew();
  CHECK(realm.verify().problems.empty());
}

TEST_CASE("key rotate: keys for records, with a batch and an answer on their way") {
  LiveRealm realm(5);
  std::mt19937_64 random(5);
  realm.publish(change_people({}, random, 20));
  LiveOffice& office = realm.add_office("office");
  must_sync(office);
  const auto submit = [&] { return office.submit("visit", {{"name", "王小明"}, {"people", 3}}); };
  const std::string answered = submit();
  REQUIRE_FALSE(office.cycle().error);
  REQUIRE(realm.validate().accepted == 1);  // its mail is not read yet, under the old key
  const std::string sealed = submit();
  {
    agent::Office open = office.open();
    Outbox outbox = must(open.open_outbox());  // sealed to the old key, and not sent
    REQUIRE(must(outbox.seal_next_batch(open.uplink_identity(), realm.clock.wall())) == 1);
  }
  for (const char* key : {"ingest", "judgement", "receipt"}) {
    must(platform::rotate_delegated_keys(realm.realm(), {key}, platform::OldKeys::kKeepForService,
                                         realm.clock.wall()));
  }
  realm.close();  // what runs opens its keys anew
  const std::string fresh = submit();
  for (int pass = 0; pass < 4; ++pass) {
    static_cast<void>(office.cycle());  // the first receipt may come before the new keys are known
    realm.validate();
  }
  REQUIRE_FALSE(office.cycle().error);
  for (const RecordSummary& record : office.records()) {
    CHECK_MESSAGE(record.state == RecordState::kAccepted, record.id);
  }
  CHECK(office.records().size() == 3);
  CHECK(realm.records_of("office").size() == 3);
  CHECK(office.open().identity().service_keys == must(platform::service_keys(realm.realm())));
}
