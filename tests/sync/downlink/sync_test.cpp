// The whole way down: a realm in memory, an office, and everything that can go wrong between them.
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

TEST_CASE("downlink: the first sync brings everything granted and nothing else") {
  World world;
  const SyncReport report = world.synced();
  CHECK(report.had_news);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  CHECK(report.streams.size() == 2);
  CHECK(report.packs == 3);  // the directory and two snapshots
  CHECK(report.rows >= 65);
  CHECK(world.realm.source.times_asked(world.realm.pack_file_of("4401", 0, 1)) == 0);
  REQUIRE(world.office.contacts.size() == 1);
  CHECK(world.office.contacts[0].issued == world.clock.wall());
  CHECK(fs::is_empty(world.office.folder() / "staging"));
}

TEST_CASE("downlink: a poll without news is one request and no body") {
  World world;
  world.synced();
  world.realm.source.forget();
  const SyncReport report = world.synced();
  CHECK_FALSE(report.had_news);
  CHECK(world.realm.source.asked == std::vector<std::string>{"metadata/timestamp.json"});
  CHECK(report.traffic.bytes_down == 0);
  CHECK(world.office.contacts.size() == 2);  // the platform was heard all the same
}

TEST_CASE("downlink: a change costs the delta alone") {
  World world;
  world.synced();
  world.change("3304");
  world.realm.publish();
  world.realm.source.forget();
  const SyncReport report = world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  CHECK(report.streams.size() == 1);
  CHECK(outcome_of(report, "3304")->before == 1);
  CHECK(outcome_of(report, "3304")->after == 2);
  CHECK(world.realm.source.times_asked(world.realm.pack_file_of("3304", 0, 1)) == 0);
}

TEST_CASE(
    "downlink: an office that slept catches up, and the bytes are said before they are fetched") {
  World world;
  world.synced();
  for (int i = 0; i < 5; ++i) {
    world.change("3304", i == 3);
    world.change("3305");
    world.realm.publish(i == 2);
  }
  std::vector<SyncProgress> told;
  const SyncReport report =
      world.office.sync([&](const SyncProgress& progress) { told.push_back(progress); });
  REQUIRE_FALSE(report.error.has_value());
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  const auto first = std::find_if(told.begin(), told.end(), [](const SyncProgress& progress) {
    return progress.phase == SyncPhase::kData;
  });
  REQUIRE(first != told.end());
  CHECK(first->bytes_done == 0);
  CHECK(first->bytes_total == told.back().bytes_done);
  CHECK(told.back().packs_done == told.back().packs_total);
}

TEST_CASE("downlink: a daily timestamp is news that changes nothing") {
  World world;
  world.synced();
  world.clock.pass(std::chrono::hours(24));
  world.realm.sign_timestamp();
  const SyncReport report = world.synced();
  CHECK(report.packs == 0);
  world.realm.source.forget();
  world.synced();
  CHECK(world.realm.source.asked.size() == 1);  // and then it is quiet again
}

TEST_CASE("downlink: one stream's refused pack holds up no other and is not fetched for ever") {
  World world;
  world.synced();
  world.change("3304");
  world.change("3305");
  world.realm.publish();
  const std::string path = world.realm.pack_file_of("3304", 1, 2);
  const Bytes good = world.realm.source.files[path];
  world.realm.source.files[path][good.size() - 5] ^= 1;
  const SyncReport report = world.office.sync();
  REQUIRE(report.error.has_value());
  CHECK(report.error->code == ErrorCode::kUntrusted);
  CHECK(outcome_of(report, "3304")->error->code == ErrorCode::kUntrusted);
  CHECK_FALSE(outcome_of(report, "3305")->error.has_value());
  CHECK(world.office.versions() == std::map<std::string, Version>{{"3304", 1}, {"3305", 2}});

  // Nothing new is said, and yet the unfinished stream is taken up again.
  world.realm.source.files[path] = good;
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE(
    "downlink: a pack that was signed and is wrong is tried twice, then left alone and told") {
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
  CHECK(world.realm.source.asked == std::vector<std::string>{"metadata/timestamp.json"});
  // The publisher puts it right with a new version and a snapshot.
  world.change("3304", true);
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: rows changed behind our back are replaced in the same sync") {
  World world;
  world.synced();
  {
    DatasetStore store =
        must(world.office.open_dataset("roster", dataset_layout(world.realm.definition, 3)));
    must(store.database().execute("UPDATE " + store.table() + " SET name=name||'x'"));
  }
  CHECK_FALSE(world.office.holds_exactly({"3304", "3305"}));
  TestRows rows = world.realm.stream("3304").data.rows;
  rows.erase(rows.begin());
  world.realm.put_rows("3304", rows);
  world.realm.publish();
  const SyncReport report = world.office.sync();
  CHECK_FALSE(outcome_of(report, "3304")->error.has_value());
  CHECK(world.office.versions().at("3304") == 2);
  {
    DatasetStore store =
        must(world.office.open_dataset("roster", dataset_layout(world.realm.definition, 3)));
    must(store.mark_damaged("3305"));  // what `verify` does when digests differ
  }
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: partitions and datasets lost by grant go") {
  World world;
  world.synced();
  world.realm.permit({world.realm.grant({"3305", "44"})});
  world.realm.publish();
  const SyncReport report = world.synced();
  CHECK(outcome_of(report, "3304")->was_dropped);
  CHECK(world.office.holds_exactly({"3305", "4401"}));
  world.realm.permit({});
  world.realm.publish();
  const SyncReport last = world.synced();
  CHECK(last.dropped_datasets == std::vector<std::string>{"roster"});
  CHECK_FALSE(fs::exists(world.office.dataset_file("roster")));
  CHECK(world.office.dropped.back().second == DropReason::kNotGranted);
}

TEST_CASE("downlink: a withdrawn partition goes, a suspended office keeps and fetches nothing") {
  World world;
  world.synced();
  world.realm.withdraw("3304");
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3305"}));
  world.change("3305");
  world.realm.permit({world.realm.grant({"33"})}, true);
  world.realm.publish();
  world.synced();
  CHECK(world.office.versions().at("3305") == 1);
  world.realm.permit({world.realm.grant({"33"})});
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3305"}));
}

TEST_CASE("downlink: a grant that has ended is not fetched for") {
  World world;
  world.synced();
  world.change("3304");
  world.realm.publish();
  world.clock.pass(std::chrono::hours(24 * 366));
  world.clock.set_wall(world.clock.wall() - std::chrono::hours(24 * 366));
  Grant ended = world.realm.grant({"33"});
  ended.until = world.clock.wall() - std::chrono::seconds(1);
  world.realm.permit({ended});
  world.realm.publish();
  world.synced();
  CHECK(world.office.versions().at("3304") == 1);  // whether it goes is the lease's business
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

TEST_CASE("downlink: another grade granted means other columns, fetched anew") {
  World world;
  world.realm.permit({world.realm.grant({"33"}, 1)});
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  const std::string snapshot = world.realm.pack_file_of("3304", 0, 1);
  CHECK(world.realm.source.bytes_sent(snapshot) < world.realm.source.files[snapshot].size());
  world.realm.permit({world.realm.grant({"33"}, 3)});
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
  world.realm.source.files[grant_path(kOffice)][50] ^= 1;
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
  const Bytes other = world.realm.source.files[grant_path(kOffice)];
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
  world.realm.source.files[grant_path(kOffice)] = other;
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

TEST_CASE("downlink: no link is told as such, and what is held stays") {
  World world;
  world.synced();
  world.realm.source.is_down = true;
  const SyncReport report = world.office.sync();
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: a link that dies is not asked again for every stream") {
  World world;
  for (int i = 0; i < 9; ++i) {
    world.realm.put_rows("331" + std::to_string(i), random_rows(world.random, 5));
  }
  world.realm.permit({world.realm.grant({"33"})});
  world.realm.publish();
  const SyncReport report = world.office.sync([&](const SyncProgress& progress) {
    if (progress.phase == SyncPhase::kData && progress.packs_done == 2) {
      world.realm.source.is_down = true;
      world.realm.source.forget();
    }
  });
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(world.realm.source.asked.size() <= 2);
  CHECK(report.streams.size() == 11);  // each is told
  world.realm.source.is_down = false;
  world.synced();
  CHECK(world.office.versions().size() == 11);
}

TEST_CASE("downlink: a pack that the repository lacks holds up no other stream") {
  World world;
  world.realm.source.missing = {world.realm.pack_file_of("3304", 0, 1)};
  const SyncReport report = world.office.sync();
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(world.office.versions() == std::map<std::string, Version>{{"3305", 1}});
  world.realm.source.missing.clear();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: expired metadata stops updates and not reading") {
  World world;
  world.synced();
  world.clock.pass(std::chrono::hours(24 * 8));
  const SyncReport report = world.office.sync();
  CHECK(report.error->code == ErrorCode::kUntrusted);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  CHECK(world.office.contacts.size() == 1);
}

TEST_CASE("downlink: a damaged file is built anew, and so is the directory") {
  World world;
  world.synced();
  must(write_file_atomically(world.office.dataset_file("roster"), Bytes(8192, 1)));
  world.synced();
  CHECK(world.office.dropped.back().second == DropReason::kDamaged);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  must(write_file_atomically(world.office.folder() / "directory.db", Bytes(8192, 1)));
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: lost metadata is fetched again, whatever was noted as settled") {
  World world;
  world.synced();
  for (const char* file : {"timestamp.json", "snapshot.json", "targets.json", "directory.json"}) {
    must(remove_file(world.office.folder() / "trust" / file));
  }
  world.change("3304");
  world.realm.publish();
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: stopped at any moment, the next sync finishes though nothing is new") {
  World world(7);
  world.realm.source.piece = 200;
  for (int stop_at = 1; stop_at < 400; stop_at += 7) {
    CAPTURE(stop_at);
    TempDir fresh;
    TestOffice office(world.realm, world.clock, fresh / "home");
    int looks = 0;
    const SyncReport stopped = office.sync({}, [&] { return ++looks >= stop_at; });
    if (looks < stop_at) break;
    CHECK(stopped.was_stopped);
    const SyncReport report = office.sync();
    if (report.error.has_value()) FAIL(report.error->message);
    REQUIRE(office.holds_exactly({"3304", "3305"}));
  }
}

TEST_CASE("downlink: the link cut after any number of bytes, sync after sync, ends whole") {
  World world(8);
  world.change("3304", true);
  world.realm.publish();
  world.realm.source.cut_after = 0;
  for (std::size_t cut : {3000u, 1700u, 900u}) {
    CAPTURE(cut);
    TempDir fresh;
    TestOffice office(world.realm, world.clock, fresh / "home");
    world.realm.source.cut_after = cut;  // metadata that is longer never arrives; packs go on
    SyncReport report = office.sync();
    world.realm.source.cut_after = 0;
    report = office.sync();
    if (report.error.has_value()) FAIL(report.error->message);
    REQUIRE(office.holds_exactly({"3304", "3305"}));
  }
}

TEST_CASE(
    "downlink: data waits behind a closed gate, metadata does not, and waiting costs one poll") {
  World world;
  world.office.gate = [](std::uint64_t) { return std::optional(HoldReason::kHours); };
  const SyncReport held = world.synced();
  REQUIRE(held.held_back.has_value());
  CHECK(held.held_back->reason == HoldReason::kHours);
  CHECK(held.held_back->packs == 2);
  CHECK(held.held_back->bytes > 0);
  CHECK(held.data_bytes == 0);
  CHECK(world.office.contacts.size() == 1);
  world.realm.source.forget();
  const SyncReport again = world.synced();
  CHECK(again.held_back->packs == 2);
  CHECK(world.realm.source.asked == std::vector<std::string>{"metadata/timestamp.json"});
  world.office.gate = {};
  const SyncReport open = world.synced();
  CHECK_FALSE(open.held_back.has_value());
  CHECK(open.data_bytes > 0);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}

TEST_CASE("downlink: what fits through the gate comes, the rest is told") {
  World world;
  world.synced();
  world.change("3304");
  world.change("3305");
  world.realm.publish();
  int asked = 0;  // both are announced; then one is let through
  world.office.gate = [&](std::uint64_t) {
    return ++asked > 3 ? std::optional(HoldReason::kBudget) : std::nullopt;
  };
  const SyncReport report = world.synced();
  REQUIRE(report.held_back.has_value());
  CHECK(report.held_back->reason == HoldReason::kBudget);
  CHECK(report.held_back->packs == 1);
  CHECK(outcome_of(report, "3304")->after == 2);
  CHECK(outcome_of(report, "3305")->after == 1);
  world.office.gate = {};
  world.synced();
  CHECK(world.office.holds_exactly({"3304", "3305"}));
}
