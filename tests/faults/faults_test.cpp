// Disks that fail at every call, under each operation whose result must survive: nothing
// acknowledged is lost, nothing is doubled, readers see the old state or the new, and the operation
// works once the disk does.
#include "agent/office/enroll.hpp"
#include "platform/office/membership.hpp"
#include "platform/source/csv_source.hpp"
#include "tests/faults/sweep.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

using Acknowledge = std::function<void(std::string_view)>;

// A realm with one office that holds version 1 of 30 people; version 2 is ready to be published.
struct FaultWorld {
  FaultWorld() {
    std::mt19937_64 random(7);
    before = change_people({}, random, 30);
    after = change_people(before, random, 12);
    realm.publish(before);
    office = &realm.add_office("jiashan-01");
    office->synced();
    write_people(csv, after);
  }
  std::filesystem::path folder() { return realm.path().parent_path(); }
  Sweep sweep(std::string name, std::filesystem::path disk) {
    return {.name = std::move(name),
            .folder = folder(),
            .disk = std::move(disk),
            .run = {},
            .check = {},
            .close = [this] {
              realm.close();
              office->link.forget();
            }};
  }
  Status publish() {
    const auto report = realm.try_publish(csv, false);
    return report.has_error() ? Status(report.error()) : ok();
  }
  std::set<std::string> rows_before() const { return rows_of(before, true); }
  std::set<std::string> rows_after() const { return rows_of(after, true); }
  void check_platform() {
    const platform::Verification verified = realm.verify();
    for (const std::string& problem : verified.problems) MESSAGE(problem);
    CHECK(verified.problems.empty());
  }
  bool rows_are_equal_to_digests() {
    return must(office->call("verify", {{"dataset", "people"}})).at("equal").as_bool();
  }

  LiveRealm realm;
  LiveOffice* office = nullptr;
  People before, after;
  TempDir outside{fast_folder()};
  std::filesystem::path csv = outside / "after.csv";
};

Status status_of(const agent::CycleResult& result) {
  if (result.error) return *result.error;
  return ok();
}

// The ids that the office has, and their states.
std::map<std::string, RecordState> states_of(LiveOffice& office) {
  std::map<std::string, RecordState> states;
  for (const RecordSummary& record : office.records()) {
    CHECK(states.emplace(record.id, record.state).second);
  }
  return states;
}

// Every id in `acknowledged` is at the platform once, and nothing twice.
void check_settled(FaultWorld& world, std::string_view acknowledged, std::size_t at_most) {
  for (int round = 0; round < 3; ++round) {
    must(status_of(world.office->cycle()));
    world.realm.validate();
  }
  must(status_of(world.office->cycle()));
  std::set<std::string> held;
  for (const platform::IntakeRecord& record : world.realm.records_of("jiashan-01")) {
    CHECK(held.insert(record.record.id).second);
  }
  CHECK(held.size() <= at_most);
  std::string_view rest = acknowledged;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    CHECK_MESSAGE(held.contains(std::string(rest.substr(0, end))),
                  "an acknowledged record is lost");
    rest.remove_prefix(end + 1);
  }
  for (const auto& [id, state] : states_of(*world.office)) {
    CHECK(state == RecordState::kAccepted);
    CHECK(held.contains(id));
  }
}

}  // namespace

TEST_CASE("faults: a publish on a failing disk leaves the old version or the new one") {
  FaultWorld world;
  Sweep sweep = world.sweep("publish", world.realm.path());
  sweep.run = [&](const Acknowledge&) { return world.publish(); };
  sweep.check = [&](const FaultyRun& run) {
    world.office->synced();
    const std::set<std::string> rows = world.office->rows();
    CHECK((rows == world.rows_before() || rows == world.rows_after()));
    if (run.succeeded) CHECK(rows == world.rows_after());
    must(world.publish());
    world.office->synced();
    CHECK(world.office->rows() == world.rows_after());
    CHECK(world.rows_are_equal_to_digests());
    world.check_platform();
  };
  run_sweep(sweep);
}

TEST_CASE("faults: a sync on a failing disk leaves the old rows or the new ones") {
  FaultWorld world;
  world.realm.publish(world.after);
  Sweep sweep = world.sweep("sync", world.office->home().folder());
  sweep.run = [&](const Acknowledge&) { return status_of(world.office->cycle()); };
  sweep.check = [&](const FaultyRun& run) {
    CHECK(world.office->mismatch() == "");  // each partition has the rows of one version
    if (run.succeeded) CHECK(world.office->rows() == world.rows_after());
    must(status_of(world.office->cycle()));
    CHECK(world.office->rows() == world.rows_after());
    CHECK(world.rows_are_equal_to_digests());
  };
  run_sweep(sweep);
}

TEST_CASE("faults: a record that a clerk saw as saved survives the disk") {
  FaultWorld world;
  Sweep sweep = world.sweep("submit", world.office->home().folder());
  sweep.run = [&](const Acknowledge& acknowledge) -> Status {
    for (int i = 0; i < 3; ++i) {
      const json::object record{{"name", "visit " + std::to_string(i)}, {"people", i}};
      ROOTLET_TRY(
          const json::object saved,
          world.office->call("submit", {{"form", kVisit}, {"records", json::array{record}}}));
      acknowledge(std::string(saved.at("id").as_string()) + "\n");
    }
    return ok();
  };
  sweep.check = [&](const FaultyRun& run) { check_settled(world, run.acknowledgements, 3); };
  run_sweep(sweep);
}

TEST_CASE("faults: records on their way are taken in once, though the office's disk fails") {
  FaultWorld world;
  std::string ids;
  for (int i = 0; i < 4; ++i) {
    ids += world.office->submit(kVisit, {{"name", "visit"}, {"people", i}}) + "\n";
  }
  Sweep sweep = world.sweep("send", world.office->home().folder());
  sweep.run = [&](const Acknowledge&) -> Status {
    ROOTLET_TRY(status_of(world.office->cycle()));
    world.realm.validate();
    return status_of(world.office->cycle());
  };
  sweep.check = [&](const FaultyRun&) { check_settled(world, ids, 4); };
  run_sweep(sweep);
}

TEST_CASE("faults: a record that has a receipt survives the platform's disk") {
  FaultWorld world;
  std::string ids;
  for (int i = 0; i < 4; ++i) {
    ids += world.office->submit(kVisit, {{"name", "visit"}, {"people", i}}) + "\n";
  }
  Sweep sweep = world.sweep("intake", world.realm.path());
  sweep.run = [&](const Acknowledge&) -> Status {
    ROOTLET_TRY(status_of(world.office->cycle()));
    world.realm.validate();
    return status_of(world.office->cycle());
  };
  sweep.check = [&](const FaultyRun&) { check_settled(world, ids, 4); };
  run_sweep(sweep);
}

TEST_CASE("faults: an enrolment on a failing disk can be repeated") {
  FaultWorld world;
  const std::string invitation = must(platform::invite_office(
      world.realm.realm(), {.id = "haiyan-01", .division = "11", .name = "Haiyan"},
      world.realm.clock.wall()));
  LiveOffice joining(world.realm, "haiyan-01", world.folder() / "home-haiyan-01");
  const auto enrol = [&]() -> Status {
    ROOTLET_TRY(joining.context.home.prepare());
    ROOTLET_TRY(const agent::EnrolOutcome outcome,
                agent::enroll(joining.context.home, joining.context.settings, invitation,
                              agent::EnrolMode::kOffline, world.realm.clock));
    HttpRequest request;
    request.url = "http://platform/v1/enroll";
    request.max_bytes = limits::kReceiptBytes;
    request.body = outcome.request;
    ROOTLET_TRY(const HttpResponse response, joining.link.connect()->send(request));
    return response.status == 200 ? ok() : Status(fail(ErrorCode::kUntrusted, "not enrolled"));
  };
  Sweep sweep = world.sweep("enrol", joining.home().folder());
  must(joining.home().prepare());
  sweep.run = [&](const Acknowledge&) { return enrol(); };
  sweep.check = [&](const FaultyRun&) {
    must(enrol());
    world.realm.permit("haiyan-01", world.realm.grant({"all"}));
    joining.synced();
    CHECK(joining.rows() == world.rows_before());
  };
  run_sweep(sweep);
}

TEST_CASE("faults: a grant taken back on a failing disk is there or gone, never half") {
  FaultWorld world;
  Sweep sweep = world.sweep("take a grant back", world.realm.path());
  sweep.run = [&](const Acknowledge&) -> Status {
    ROOTLET_TRY(platform::Realm realm, platform::Realm::open(world.realm.path()));
    return platform::remove_grant(realm, "jiashan-01", "people", world.realm.clock.wall());
  };
  sweep.check = [&](const FaultyRun& run) {
    world.office->synced();
    const bool has_rows = !world.office->streams().empty();
    if (run.succeeded) CHECK_FALSE(has_rows);
    world.realm.publish(world.before);  // finishes what was interrupted
    world.office->synced();
    if (!world.office->streams().empty()) world.realm.withdraw_grant("jiashan-01");
    world.office->synced();
    CHECK(world.office->streams().empty());
    world.check_platform();
  };
  run_sweep(sweep);
}

TEST_CASE("faults: an order to erase is carried out, though the office's disk fails") {
  FaultWorld world;
  world.realm.withdraw_grant("jiashan-01");
  Sweep sweep = world.sweep("erase", world.office->home().folder());
  sweep.run = [&](const Acknowledge&) { return status_of(world.office->cycle()); };
  sweep.check = [&](const FaultyRun& run) {
    if (run.succeeded) CHECK(world.office->streams().empty());
    must(status_of(world.office->cycle()));
    CHECK_FALSE(std::filesystem::exists(world.office->home().dataset("people")));
  };
  run_sweep(sweep);
}
