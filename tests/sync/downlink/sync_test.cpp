// The whole way down: the real platform, a real office, and everything that can go wrong between
// them.
#include "tests/sync/downlink/live_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

const std::vector<std::string> kGranted = {"11", "12"};
const std::vector<std::string> kPollAlone = {"news/11.news"};

const StreamOutcome* outcome_of(const SyncReport& report, const std::string& partition) {
  for (const StreamOutcome& outcome : report.streams) {
    if (outcome.stream.partition == partition) return &outcome;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("downlink: the first sync brings everything granted and nothing else") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  const SyncReport report = office.synced();
  CHECK(report.had_news);
  CHECK(office.holds_exactly(kGranted));
  CHECK(report.streams.size() == 2);
  CHECK(office.link.times_asked_below("packs") == 2);
  CHECK(report.rows >= 65);
  CHECK(office.link.times_asked(world.realm.pack_file_of("13", 0, 1)) == 0);
  REQUIRE(office.contacts.size() == 1);
  CHECK(office.contacts[0].issued == world.realm.clock.wall());
  CHECK(fs::is_empty(office.home().staging()));
}

TEST_CASE("downlink: a poll without news is one request and no body") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  office.link.forget();
  const SyncReport report = office.synced();
  CHECK_FALSE(report.had_news);
  CHECK(office.link.asked == kPollAlone);
  CHECK(report.traffic.bytes_down == 0);
  CHECK(office.contacts.size() == 2);  // the platform was heard all the same
}

TEST_CASE("downlink: a change costs the delta alone") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.change("11");
  world.publish();
  office.link.forget();
  const SyncReport report = office.synced();
  CHECK(office.holds_exactly(kGranted));
  CHECK(report.streams.size() == 1);
  CHECK(outcome_of(report, "11")->before == 1);
  CHECK(outcome_of(report, "11")->after == 2);
  CHECK(office.link.times_asked_below("packs") == 1);
  CHECK(office.link.times_asked(world.realm.pack_file_of("11", 1, 2)) == 1);
}

TEST_CASE("downlink: an office that slept catches up, and its bytes are known before the fetch") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  for (int i = 0; i < 5; ++i) {
    world.change("11");
    world.change("12");
    world.publish();
  }
  std::vector<SyncProgress> seen;
  const SyncReport report =
      office.sync([&](const SyncProgress& progress) { seen.push_back(progress); });
  REQUIRE_FALSE(report.error.has_value());
  CHECK(office.holds_exactly(kGranted));
  const auto first = std::find_if(seen.begin(), seen.end(), [](const SyncProgress& progress) {
    return progress.phase == SyncPhase::kData;
  });
  REQUIRE(first != seen.end());
  CHECK(first->bytes_done == 0);
  CHECK(first->bytes_total == seen.back().bytes_done);
  CHECK(seen.back().packs_done == seen.back().packs_total);
}

TEST_CASE("downlink: a daily timestamp is news that changes nothing") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.realm.clock.pass(std::chrono::hours(25));
  world.realm.renew();
  const SyncReport report = office.synced();
  CHECK(report.had_news);
  CHECK(report.packs == 0);
  office.link.forget();
  office.synced();
  CHECK(office.link.asked == kPollAlone);  // and then it is quiet again
}

TEST_CASE("downlink: one stream's refused pack delays no other and is fetched again later") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.change("11");
  world.change("12");
  world.publish();
  const std::string path = world.realm.pack_file_of("11", 1, 2);
  Bytes& lie = office.link.lies[path];
  lie = must(read_file(world.realm.repository() / path, 1 << 20));
  for (std::uint8_t& byte : lie) byte ^= 1;  // it has other packs too
  const SyncReport report = office.sync();
  REQUIRE(report.error.has_value());
  CHECK(report.error->code == ErrorCode::kUntrusted);
  CHECK(outcome_of(report, "11")->error->code == ErrorCode::kUntrusted);
  CHECK_FALSE(outcome_of(report, "12")->error.has_value());
  CHECK(office.versions() == std::map<std::string, Version>{{"11", 1}, {"12", 2}});

  // The platform has nothing new to say, and yet the unfinished stream is taken up again.
  office.link.lies.clear();
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: rows changed without the agent are replaced in the same sync") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  {
    DatasetStore store = office.open_dataset();
    must(store.database().execute("UPDATE " + store.table() + " SET members=members+1"));
  }
  CHECK_FALSE(office.holds_exactly(kGranted));
  world.change("11");
  world.publish();
  const SyncReport report = office.sync();
  CHECK_FALSE(outcome_of(report, "11")->error.has_value());
  CHECK(office.versions().at("11") == 2);
  must(office.open_dataset().mark_damaged("12"));  // what `verify` does when digests differ
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: partitions and datasets that a new grant leaves out are erased") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.realm.permit(office.id(), world.realm.grant({"12", "13"}, 3));
  const SyncReport report = office.synced();
  CHECK(outcome_of(report, "11")->was_dropped);
  CHECK(office.holds_exactly({"12", "13"}));
  world.realm.withdraw_grant(office.id());
  const SyncReport last = office.synced();
  CHECK(last.dropped_datasets == std::vector<std::string>{"people"});
  CHECK_FALSE(fs::exists(office.home().dataset("people")));
  CHECK(office.dropped.back().second == DropReason::kNotGranted);
}

TEST_CASE("downlink: a suspended office keeps what it holds and fetches nothing") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.change("12");
  world.publish();
  world.realm.suspend(office.id());
  office.synced();
  CHECK(office.versions().at("12") == 1);
  world.realm.suspend(office.id(), false);
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: nothing is fetched under a grant that has ended") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  Grant ended = world.realm.grant({"11", "12"}, 3);
  ended.until = world.realm.clock.wall() + std::chrono::hours(1);
  world.realm.permit(office.id(), ended);
  world.realm.clock.pass(std::chrono::hours(2));
  world.change("11");
  world.publish();
  office.synced();
  CHECK(office.versions().at("11") == 1);  // the lease decides when the rows are erased
}

TEST_CASE("downlink: a grant of another grade brings other columns in a new snapshot") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  world.realm.permit(office.id(), world.realm.grant({"11", "12"}, 1));
  office.synced();
  CHECK(office.holds_exactly(kGranted));
  const std::string snapshot = world.realm.pack_file_of("11", 0, 1);
  CHECK(office.link.bytes_sent[snapshot] < fs::file_size(world.realm.repository() / snapshot));
  world.realm.permit(office.id(), world.realm.grant({"11", "12"}, 3));
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: without a link the error says so, and what is held stays") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  office.link.is_down = true;
  const SyncReport report = office.sync();
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: a link that dies is not tried again for every stream") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  std::vector<std::string> granted = kGranted;
  for (int i = 1; i <= 9; ++i) {
    granted.push_back("3" + std::to_string(i));
    world.add_people(granted.back(), 5);
  }
  world.publish();
  world.realm.permit(office.id(), world.realm.grant(granted, 3));
  const SyncReport report = office.sync([&](const SyncProgress& progress) {
    if (progress.phase == SyncPhase::kData && progress.packs_done == 2) {
      office.link.is_down = true;
      office.link.forget();
    }
  });
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(office.link.asked.size() <= 2);
  CHECK(report.streams.size() == 11);  // the report names each
  office.link.is_down = false;
  office.synced();
  CHECK(office.versions().size() == 11);
}

TEST_CASE("downlink: a pack that the repository lacks delays no other stream") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.link.missing = {world.realm.pack_file_of("11", 0, 1)};
  const SyncReport report = office.sync();
  CHECK(report.error->code == ErrorCode::kUnreachable);
  CHECK(office.versions() == std::map<std::string, Version>{{"12", 1}});
  office.link.missing.clear();
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: expired metadata stops updates and not reading") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.realm.clock.pass(std::chrono::days(8));
  const SyncReport report = office.sync();
  CHECK(report.error->code == ErrorCode::kUntrusted);
  CHECK(office.holds_exactly(kGranted));
  CHECK(office.contacts.size() == 1);
}

TEST_CASE("downlink: a damaged file is built again, and so is the directory") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  must(write_file_atomically(office.home().dataset("people"), Bytes(8192, 1)));
  office.synced();
  CHECK(office.dropped.back().second == DropReason::kDamaged);
  CHECK(office.holds_exactly(kGranted));
  must(write_file_atomically(office.home().directory(), Bytes(8192, 1)));
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: lost metadata is fetched again, whatever the office noted as finished") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  for (const char* file : {"timestamp.json", "snapshot.json", "targets.json", "directory.json"}) {
    must(remove_file(office.home().trust() / file));
  }
  world.change("11");
  world.publish();
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: stopped at any moment, the next sync finishes though nothing is new") {
  LiveWorld world(7);
  int stopped_times = 0;
  for (int stop_at = 1; stop_at < 400; stop_at += 2) {
    CAPTURE(stop_at);
    const TempDir fresh{fast_folder()};
    const auto office = world.fresh_copy(fresh / "home");
    office->link.piece = 200;
    int looks = 0;
    const SyncReport stopped = office->sync({}, [&] { return ++looks >= stop_at; });
    if (looks < stop_at) break;
    CHECK(stopped.was_stopped);
    ++stopped_times;
    office->synced();
    REQUIRE(office->holds_exactly(kGranted));
  }
  MESSAGE("stopped at " << stopped_times << " moments");
  CHECK(stopped_times > 10);
}

TEST_CASE("downlink: the link cut after any number of bytes, sync after sync, ends whole") {
  LiveWorld world(8);
  world.change("11");
  world.publish();
  for (const std::size_t cut : {3000U, 1700U, 900U}) {
    CAPTURE(cut);
    const TempDir fresh{fast_folder()};
    const auto office = world.fresh_copy(fresh / "home");
    office->link.cut_after = cut;  // longer metadata never arrives; packs resume
    office->sync();
    office->link.cut_after = 0;
    office->synced();
    REQUIRE(office->holds_exactly(kGranted));
  }
}

TEST_CASE("downlink: a closed gate holds back data but no metadata, and waiting costs one poll") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.gate = [](std::uint64_t) { return std::optional(HoldReason::kHours); };
  const SyncReport held = office.synced();
  REQUIRE(held.held_back.has_value());
  CHECK(held.held_back->reason == HoldReason::kHours);
  CHECK(held.held_back->packs == 2);
  CHECK(held.held_back->bytes > 0);
  CHECK(held.data_bytes == 0);
  CHECK(office.contacts.size() == 1);
  office.link.forget();
  const SyncReport again = office.synced();
  CHECK(again.held_back->packs == 2);
  CHECK(office.link.asked == kPollAlone);
  office.gate = {};
  const SyncReport open = office.synced();
  CHECK_FALSE(open.held_back.has_value());
  CHECK(open.data_bytes > 0);
  CHECK(office.holds_exactly(kGranted));
}

TEST_CASE("downlink: what fits through the gate comes, and the report names the rest") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  office.synced();
  world.change("11");
  world.change("12");
  world.publish();
  int questions = 0;  // both packs are announced; then one is let through
  office.gate = [&](std::uint64_t) {
    return ++questions > 3 ? std::optional(HoldReason::kBudget) : std::nullopt;
  };
  const SyncReport report = office.synced();
  REQUIRE(report.held_back.has_value());
  CHECK(report.held_back->reason == HoldReason::kBudget);
  CHECK(report.held_back->packs == 1);
  CHECK(outcome_of(report, "11")->after == 2);
  CHECK(outcome_of(report, "12")->after == 1);
  office.gate = {};
  office.synced();
  CHECK(office.holds_exactly(kGranted));
}
