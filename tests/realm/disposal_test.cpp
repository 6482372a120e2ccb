// Disposal certificates: what an office says of data that it has erased, and who still holds a
// dataset as the platform sees it.
#include "agent/reports/disposal.hpp"

#include <fstream>

#include "agent/cycle/cycle_host.hpp"
#include "platform/office/catalogue.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/withdrawal.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;
using platform::Holder;
using platform::HolderState;

namespace {

struct Scene {
  LiveRealm realm{31};
  std::mt19937_64 random{31};
  People people = change_people({}, random, 80);
  LiveOffice& office = realm.add_office("xinfeng", {"11", "12"}, 4);

  Scene() {
    realm.publish(people);
    cycle();
  }
  agent::CycleResult cycle() {
    agent::CycleResult result = office.cycle();
    realm.validate();
    return result;
  }
  std::vector<platform::IntakeRecord> certificates() {
    std::vector<platform::IntakeRecord> found;
    for (platform::IntakeRecord& one : realm.records_of("xinfeng")) {
      if (one.record.kind == "disposal") found.push_back(std::move(one));
    }
    return found;
  }
  Holder holder() {
    const std::vector<Holder> holders = realm.holders();
    REQUIRE(holders.size() == 1);
    return holders.front();
  }
  std::uint64_t held_rows() {
    std::uint64_t rows = 0;
    for (const auto& [partition, stream] : office.streams()) rows += stream.rows;
    return rows;
  }
  void wait(std::chrono::seconds time) {
    realm.clock.pass(time);
    realm.renew();
  }
};

std::string text_of(const platform::IntakeRecord& record, std::string_view key) {
  return rootlet::text_at(record.record.values, key);
}

}  // namespace

TEST_CASE("disposal: a grant that was taken back gives one certificate, which says all of it") {
  Scene scene;
  const std::uint64_t rows = scene.held_rows();
  REQUIRE(rows > 0);
  CHECK(scene.holder().state == HolderState::kHolds);
  scene.realm.withdraw_grant("xinfeng");
  CHECK(scene.holder().state == HolderState::kUnknown);
  CHECK(scene.holder().locked_by.has_value());
  REQUIRE_FALSE(scene.cycle().error);  // erases, and sends the certificate at once
  const auto certificates = scene.certificates();
  REQUIRE(certificates.size() == 1);
  const platform::IntakeRecord& one = certificates.front();
  CHECK(one.state == platform::IntakeState::kAccepted);
  CHECK(text_of(one, "dataset") == "people");
  CHECK(text_of(one, "reason") == "order");
  CHECK(integer_at(one.record.values, "rows") == static_cast<std::int64_t>(rows));
  CHECK(text_of(one, "partitions").starts_with("11"));
  const auto version = static_cast<std::int64_t>(scene.office.open().grants().version);
  CHECK(integer_at(one.record.values, "grant_version") == version);
  const Holder holder = scene.holder();
  CHECK(holder.state == HolderState::kErased);
  CHECK(holder.certificate->rows == rows);
  for (int i = 0; i < 3; ++i) scene.cycle();
  CHECK(scene.certificates().size() == 1);
}

TEST_CASE("disposal: a power cut between the erasure and the outbox leaves one certificate") {
  for (const bool is_filed : {false, true}) {
    CAPTURE(is_filed);
    Scene scene;
    scene.realm.withdraw_grant("xinfeng");
    REQUIRE_FALSE(scene.office.sync().error);  // erases; nothing is filed yet
    agent::Office office = scene.office.open();
    const auto waiting = must(office.keys().waiting_certificates());
    REQUIRE(waiting.size() == 1);
    if (is_filed) {
      // In the outbox, and the power fails before keys.db forgets it.
      must(office.keys().finish_erasures());
      CHECK(must(agent::file_certificates(office)) == 1);
      must(office.keys().save_certificate(waiting.front()));
    }
    for (int i = 0; i < 3; ++i) scene.cycle();
    REQUIRE(scene.certificates().size() == 1);
    CHECK(scene.certificates().front().record.id == waiting.front().record);
    CHECK(must(office.keys().waiting_certificates()).empty());
  }
}

TEST_CASE("disposal: the certificate of a revoked office is counted; its records stay kept") {
  Scene scene;
  scene.realm.revoke("xinfeng");
  const std::string visit = scene.office.submit(kVisit, {{"name", "late"}, {"people", 1}});
  static_cast<void>(scene.cycle());  // the visit is refused, and then the certificate
  REQUIRE(scene.certificates().size() == 1);
  CHECK(text_of(scene.certificates().front(), "reason") == "revoked");
  CHECK(scene.holder().state == HolderState::kErased);
  for (const platform::IntakeRecord& one : scene.realm.records_of("xinfeng")) {
    CHECK(one.record.id != visit);
  }
  for (int i = 0; i < 2; ++i) static_cast<void>(scene.cycle());
  CHECK(scene.certificates().size() == 1);
}

TEST_CASE(
    "disposal: a lease that is over by two clocks says so, and the office still may hold it") {
  Scene scene;
  scene.office.link.is_down = true;
  for (int day = 0; day < 40; ++day) {
    scene.realm.clock.pass(std::chrono::hours(24));
    static_cast<void>(scene.cycle());
  }
  REQUIRE_FALSE(std::filesystem::exists(scene.office.home().dataset("people")));
  scene.office.link.is_down = false;
  scene.realm.renew();
  REQUIRE_FALSE(scene.cycle().error);
  REQUIRE(scene.certificates().size() == 1);
  CHECK(text_of(scene.certificates().front(), "reason") == "lease_ended");
  CHECK(scene.holder().state == HolderState::kHolds);  // it has fetched it again
  CHECK(scene.held_rows() > 0);
}

TEST_CASE("disposal: an office that never fetched the data certifies that there is nothing") {
  LiveRealm realm(7);
  LiveOffice& office = realm.add_office("o1");
  REQUIRE_FALSE(office.cycle().error);  // nothing is published: it holds the grant alone
  realm.withdraw_grant("o1");
  REQUIRE_FALSE(office.cycle().error);
  realm.validate();
  const std::vector<Holder> holders = realm.holders();
  REQUIRE(holders.size() == 1);
  CHECK(holders.front().state == HolderState::kErased);
  CHECK(holders.front().certificate->rows == 0U);
}

TEST_CASE("disposal: a damaged file is erased too, and its certificate leaves the rows out") {
  Scene scene;
  {
    std::fstream file(scene.office.home().dataset("people"),
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0);
    file << std::string(8192, 'x');
  }
  scene.realm.withdraw_grant("xinfeng");
  static_cast<void>(scene.cycle());
  static_cast<void>(scene.cycle());
  REQUIRE(scene.certificates().size() == 1);
  CHECK_FALSE(scene.certificates().front().record.values.contains("rows"));
  CHECK(scene.holder().state == HolderState::kErased);
  CHECK_FALSE(scene.holder().certificate->rows.has_value());
}

TEST_CASE("disposal: a machine that was replaced stays unknown, whatever the next one certifies") {
  Scene scene;
  const std::string invitation = scene.realm.reinvite("xinfeng");
  TempDir folder{fast_folder()};
  LiveOffice next(scene.realm, "xinfeng", folder / "home", invitation);
  REQUIRE_FALSE(next.cycle().error);
  scene.realm.withdraw_grant("xinfeng");
  REQUIRE_FALSE(next.cycle().error);
  scene.realm.validate();
  const std::vector<Holder> holders = scene.realm.holders();
  REQUIRE(holders.size() == 2);
  for (const Holder& one : holders) {
    const bool is_old = one.machine.replaced.has_value();
    CHECK(one.state == (is_old ? HolderState::kUnknown : HolderState::kErased));
  }
}

TEST_CASE(
    "withdrawal: every office erases it, its packs are gone, and its id is never used again") {
  Scene scene;
  LiveOffice& far = scene.realm.add_office("jiaxing");
  REQUIRE_FALSE(far.cycle().error);
  const UnixTime now = scene.realm.clock.wall();
  const std::string visit = scene.office.submit(kVisit, {{"name", "kept"}, {"people", 1}});
  scene.cycle();
  const auto done =
      must(platform::withdraw_dataset(scene.realm.realm(), "people", "the owner's order", now));
  CHECK(done.grants == 2);
  CHECK(done.streams > 0);
  // Nothing of it is published any more.
  const auto packs = scene.realm.repository() / "packs";
  std::error_code missing;
  for (std::filesystem::recursive_directory_iterator at(packs, missing), end; !missing && at != end;
       ++at) {
    if (!at->is_regular_file()) continue;
    const std::string path = at->path().lexically_relative(scene.realm.repository()).string();
    for (const auto& file : must(scene.realm.realm().registry().pack_files("people"))) {
      CHECK(platform::path_of_file(file) != path);
    }
  }
  CHECK(must(scene.realm.realm().registry().pack_files("people")).empty());
  CHECK(must(scene.realm.realm().registry().packs("people")).empty());
  CHECK(must(scene.realm.realm().registry().content_keys("people")).empty());
  CHECK_FALSE(std::filesystem::exists(scene.realm.realm().folder().state("people")));
  CHECK(scene.realm.verify().problems.empty());
  const auto refused = scene.realm.try_publish(scene.realm.path() / "none.csv", false);
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("was withdrawn at") != std::string::npos);
  const Status again = platform::add_dataset(scene.realm.realm(), people_definition(), now);
  CHECK(code_of(again) == ErrorCode::kUsage);
  // One office hears of it, the other does not.
  const agent::CycleResult heard = scene.cycle();
  if (heard.error) FAIL(heard.error->message);
  CHECK_FALSE(std::filesystem::exists(scene.office.home().dataset("people")));
  CHECK(std::filesystem::exists(far.home().dataset("people")));
  for (const Holder& one : scene.realm.holders()) {
    const bool has_heard = one.holding.office == "xinfeng";
    CHECK(one.state == (has_heard ? HolderState::kErased : HolderState::kUnknown));
  }
  // Records that were taken in stay.
  bool is_there = false;
  for (const auto& one : scene.realm.records_of("xinfeng")) is_there |= one.record.id == visit;
  CHECK(is_there);
}

TEST_CASE("withdrawal: what a power cut left of the files goes with the next command that writes") {
  Scene scene;
  platform::Registry& registry = scene.realm.realm().registry();
  const auto files = must(registry.pack_files("people"));
  REQUIRE_FALSE(files.empty());
  const UnixTime now = scene.realm.clock.wall();
  {
    // The commit alone, as before the power fails.
    platform::Transaction transaction = must(registry.begin());
    must(registry.withdraw_dataset(
        {.id = "people", .definition = people_definition().source, .at = now, .reason = "r"}));
    must(platform::commit_repository(scene.realm.realm(), std::move(transaction), now));
  }
  CHECK(std::filesystem::exists(scene.realm.repository() / platform::path_of_file(files.front())));
  must(platform::invite_office(scene.realm.realm(), {.id = "o9", .division = "11", .name = "Nine"},
                               now));
  CHECK_FALSE(
      std::filesystem::exists(scene.realm.repository() / platform::path_of_file(files.front())));
  CHECK_FALSE(std::filesystem::exists(scene.realm.realm().folder().state("people")));
}
