// The order of a recovery's steps, and what it leaves a thief.
#include "platform/keys/recovery.hpp"

#include "platform/keys/key_rotation.hpp"
#include "platform/keys/sign_again.hpp"
#include "tests/platform/keys/holders.hpp"

using namespace rootlet;
using namespace rootlet::test;
using platform::RecoveryState;
using platform::RecoveryStep;

namespace {

RecoveryState state_of(LiveRealm& realm) {
  const auto theft = must(platform::noted_theft(realm.realm().registry()));
  return must(platform::recovery_state(realm.realm(), *theft));
}

void begin(LiveRealm& realm, const std::vector<std::string>& stolen,
           const std::vector<std::string>& root_keys = {}) {
  must(platform::note_theft(realm.realm(),
                            must(platform::theft_of(realm.realm(), stolen, root_keys))));
}

}  // namespace

TEST_CASE("recover: the root comes first, then roles, then content") {
  CHECK(RecoveryState{.root_roles = {"timestamp"}, .roles = {"grants"}, .datasets = {"d"}}.next() ==
        RecoveryStep::kRoot);
  CHECK(RecoveryState{.root_keys = {"k"}}.next() == RecoveryStep::kRoot);
  CHECK(RecoveryState{.roles = {"grants"}, .datasets = {"d"}}.next() == RecoveryStep::kRoles);
  CHECK(RecoveryState{.datasets = {"d"}}.next() == RecoveryStep::kContent);
  CHECK(RecoveryState{}.next() == RecoveryStep::kDone);
}

TEST_CASE("recover: everything was stolen, and step by step nothing stolen is in use") {
  LiveRealm realm(8);
  std::mt19937_64 random(8);
  People people = change_people({}, random, 60);
  realm.publish(people);
  LiveOffice& office = realm.add_office("office");
  CHECK_FALSE(office.cycle().error);
  begin(realm, {"all"});
  RecoveryState state = state_of(realm);
  CHECK(state.root_roles == std::vector<std::string>{"timestamp", "snapshot", "targets"});
  CHECK(state.roles == std::vector<std::string>{"directory", "grants", "publisher-11a", "enrolment",
                                                "answer", "ingest", "judgement", "receipt"});
  CHECK(state.datasets == std::vector<std::string>{"people"});

  sign_and_publish(realm, must(platform::recovery_root(realm.realm(), state)));
  CHECK(state_of(realm).next() == RecoveryStep::kRoles);
  realm.close();  // the note is on disk
  must(platform::recover_roles(realm.realm(), state_of(realm), realm.clock.wall()));
  CHECK(state_of(realm).next() == RecoveryStep::kContent);
  CHECK(must(platform::recover_content(realm.realm(), state_of(realm), realm.clock.wall())) == 4);
  CHECK(state_of(realm).next() == RecoveryStep::kDone);

  people = change_people(people, random, 10);
  realm.publish(people);
  CHECK_FALSE(office.cycle().error);
  CHECK(office.rows() == rows_of(people, true));
  CHECK(office.mismatch() == "");
  CHECK(realm.verify().problems.empty());
}

TEST_CASE("recover: one stolen role takes timestamp and snapshot along") {
  LiveRealm realm;
  begin(realm, {"grants"});
  CHECK(state_of(realm).root_roles == std::vector<std::string>{"timestamp", "snapshot"});
  CHECK(state_of(realm).roles == std::vector<std::string>{"grants"});
  // A key that somebody rotated meanwhile is no longer a step.
  must(platform::rotate_delegated_keys(realm.realm(), {"grants"}, platform::OldKeys::kForget,
                                       realm.clock.wall()));
  CHECK(state_of(realm).roles.empty());
  const auto unknown = platform::theft_of(realm.realm(), {"nobody"}, {});
  CHECK(code_of(unknown) == ErrorCode::kUsage);
}

TEST_CASE("recover: a stolen root key goes, if enough are left to sign") {
  LiveRealm realm;
  const auto id = [&](int number) {
    platform::Registry& registry = realm.realm().registry();
    const auto root =
        must(parse_metadata<TufRoot>(must(registry.newest_metadata("root"))->file, "root"));
    return root.body.role("root").key_ids.at(static_cast<std::size_t>(number - 1));
  };
  const std::string first = id(1), second = id(2);
  begin(realm, {}, {first.substr(0, 12)});
  CHECK(state_of(realm).root_keys == std::vector<std::string>{first});
  begin(realm, {}, {second});
  CHECK(code_of(platform::recovery_root(realm.realm(), state_of(realm))) == ErrorCode::kUsage);
  // Once the holders have made another, it goes on.
  const SigningKey fourth = SigningKey::generate();
  sign_and_publish(realm, {.added = {fourth.public_key}}, {2, 3});
  const platform::RootChange change = must(platform::recovery_root(realm.realm(), state_of(realm)));
  const SigningKey keys[] = {SigningKey::from_seed(holder(realm, 3).seed()),
                             SigningKey::from_seed(fourth.seed())};
  must(platform::change_root(realm.realm(), change, keys, realm.clock.wall()));
  CHECK(state_of(realm).next() == RecoveryStep::kDone);
}

namespace {

constexpr std::int64_t kAhead = 1'000'000'000;

// What somebody with every online key publishes: all numbers far ahead, roles, nodes, grants and
// data.
void run_ahead(const std::filesystem::path& stolen, UnixTime now) {
  platform::Realm realm = must(platform::Realm::open(stolen));
  platform::Registry& registry = realm.registry();
  platform::Transaction transaction = must(registry.begin());
  for (const auto& [role, entry] : must(registry.published_metadata())) {
    if (role == "root") continue;
    platform::MetadataEntry ahead = entry;
    ahead.version += kAhead;
    ahead.fingerprint = {};
    must(registry.save_metadata(role, ahead));
  }
  std::vector<platform::DirectoryStream> streams;
  must(registry.tree().visit_present([&](const platform::DirectoryStream& stream) {
    streams.push_back(stream);
    return ok();
  }));
  for (platform::DirectoryStream& stream : streams) {
    stream.version += kAhead;
    must(registry.tree().save_stream(stream));
  }
  must(platform::remake_directory(registry));
  must(registry.raise_grant_versions(kAhead));
  must(registry.touch_all_grant_files());
  must(registry.queue_rekeys("people", {"all"}));
  must(platform::commit_repository(realm, std::move(transaction), now));
  CHECK(must(platform::finish_rekeys(realm, now, kAhead)) == 4);
}

}  // namespace

TEST_CASE("recover: offices heal that a thief of all online keys fed with versions far ahead") {
  LiveRealm realm(10);
  std::mt19937_64 random(10);
  People people = change_people({}, random, 60);
  realm.publish(people);
  LiveOffice& office = realm.add_office("office");
  CHECK_FALSE(office.cycle().error);
  const TempDir lair;
  std::filesystem::copy(realm.path(), lair / "realm", std::filesystem::copy_options::recursive);
  run_ahead(lair / "realm", realm.clock.wall());
  HttpClient client;
  HttpFileSource thief(client, must(repository_url((lair / "realm" / "repository").string())));
  const SyncReport fed = office.sync_from(thief);
  if (fed.error) FAIL(fed.error->message);
  CHECK(office.versions().at("11") > static_cast<Version>(kAhead));

  people = change_people(people, random, 10);
  realm.publish(people);
  const agent::CycleResult refused = office.cycle();
  REQUIRE(refused.error);
  CHECK(refused.error->code == ErrorCode::kUntrusted);
  begin(realm, {"all"});
  sign_and_publish(realm, must(platform::recovery_root(realm.realm(), state_of(realm))));
  must(platform::recover_roles(realm.realm(), state_of(realm), realm.clock.wall()));
  must(platform::recover_content(realm.realm(), state_of(realm), realm.clock.wall()));
  realm.publish(people);  // so that the test knows the versions
  for (int pass = 0; pass < 2; ++pass) {
    const agent::CycleResult healed = office.cycle();
    if (healed.error) FAIL(healed.error->message);
  }
  CHECK(office.versions().at("11") < 1'000);
  CHECK(office.rows() == rows_of(people, true));
  CHECK(office.mismatch() == "");
  // Under the same publishers nothing goes back.
  CHECK(office.sync_from(thief).error.has_value());
  CHECK(office.rows() == rows_of(people, true));
}
