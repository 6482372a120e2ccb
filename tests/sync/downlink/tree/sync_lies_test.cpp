// What the platform's programs never sign or publish, and how an office meets it: a wrong pack, a
// grant for another, an undelegated publisher, new keys, a withdrawn partition. fixture_realm.hpp
// signs these by hand; everything else is in sync_test.cpp, over the real platform.
#include "tests/sync/downlink/fixture_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

const StreamOutcome* outcome_of(const SyncReport& report, const std::string& partition) {
  for (const StreamOutcome& outcome : report.streams) {
    if (outcome.stream.partition == partition) return &outcome;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("downlink: a signed pack that is wrong is tried twice, then left alone and reported") {
  World world;
  world.synced();
  // The publisher signs a delta whose rows are not those of its digest.
  RealmStream& stream = world.realm.stream("3304");
  const SymmetricKey right = stream.data.keys[0].clone();
  TestRows rows = stream.data.rows;
  rows[0][2] = text_cell("other");
  stream.data.keys[0] = SymmetricKey::random();
  world.realm.put_rows("3304", rows);
  stream.data.keys[0] = right.clone();
  world.change("3305");
  world.realm.publish();
  const SyncReport first = world.office.sync();
  CHECK(outcome_of(first, "3304")->error->code == ErrorCode::kUntrusted);
  CHECK(world.office.versions().at("3305") == 2);
  world.office.sync();
  world.realm.source.forget();
  const SyncReport later = world.office.sync();
  CHECK(later.error->code == ErrorCode::kUntrusted);
  CHECK(outcome_of(later, "3304") != nullptr);
  CHECK(world.realm.source.asked == std::vector<std::string>{news_path(kDivision)});
  // The publisher puts it right with a new version and a snapshot.
  world.change("3304", true);
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE(
    "downlink: a partition that is missing from the directory is kept, for that is no order") {
  World world;
  world.synced();
  const std::map<std::string, Version> held = world.office.versions();
  world.realm.withdraw("3304");
  world.realm.publish();
  world.synced();
  CHECK(world.office.versions() == held);
}

TEST_CASE("downlink: a dataset that is missing from the directory is kept, for that is no order") {
  World world;
  world.synced();
  world.realm.omit_dataset();
  world.realm.publish();
  const SyncReport report = world.synced();
  CHECK(report.dropped_datasets.empty());
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: new keys come as a new snapshot") {
  World world;
  world.synced();
  world.realm.rotate("3304");
  world.realm.publish();
  const SyncReport locked = world.office.sync();  // the grant has no key yet
  CHECK(locked.error->code == ErrorCode::kNotPermitted);
  CHECK(world.office.versions().at("3304") == 1);
  world.realm.permit({world.realm.grant({"33"})});
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE(
    "downlink: a grant that is not ours, not signed or not named is refused, and renews no lease") {
  World world;
  world.synced();
  const std::size_t heard = world.office.contacts.size();
  GrantFile file;
  file.office = kOffice;
  file.version = 9;
  file.issued = world.clock.wall();
  EnvelopeHeader header{.type = "grant",
                        .realm = "another",
                        .from = "platform",
                        .to = kOffice,
                        .chain = "",
                        .sequence = 9};
  const SigningKey right = SigningKey::from_seed(world.realm.grants.seed());
  world.realm.put_grant(file, header);
  world.realm.publish();
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  header.realm = kRealm;
  header.sequence = 8;
  world.realm.put_grant(file, header);
  world.realm.publish();
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  header.sequence = 9;
  world.realm.grants = SigningKey::generate();  // signs the file, while metadata names the old key
  world.realm.put_grant(file, header);
  world.realm.grants = SigningKey::from_seed(right.seed());
  world.realm.publish();
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  world.realm.put_grant(file, header);
  world.realm.publish();
  world.realm.source.files[world.realm.grant_file][50] ^= 1;
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  CHECK(world.office.contacts.size() == heard);
  CHECK(world.office.grant()->version == 1);
  CHECK(world.office.holds_exactly({"3304", "3305"}));  // reading goes on, under the lease
}

TEST_CASE(
    "downlink: a grant file that is well signed but not the one the directory names is refused") {
  World world;
  world.synced();
  world.realm.permit({world.realm.grant({"33"})});
  const Bytes other = world.realm.source.files[world.realm.grant_file];
  GrantFile file = must(parse_grant_file(encode_grant_file(*world.office.grant())));
  file.version = 2;
  const EnvelopeHeader header{.type = "grant",
                              .realm = kRealm,
                              .from = "platform",
                              .to = kOffice,
                              .chain = "",
                              .sequence = 2};
  world.realm.put_grant(file, header);
  world.realm.publish();
  world.realm.source.files[world.realm.grant_file] = other;
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  CHECK(world.office.grant()->version == 1);
}

TEST_CASE("downlink: a publisher without the delegation cannot publish") {
  World world;
  world.synced();
  const SigningKey right = SigningKey::from_seed(world.realm.publisher.seed());
  world.realm.publisher = SigningKey::generate();
  world.change("3304");
  world.realm.publisher = SigningKey::from_seed(right.seed());
  world.realm.publish();
  CHECK(world.office.sync().error->code == ErrorCode::kUntrusted);
  CHECK(world.office.versions().at("3304") == 1);
}
