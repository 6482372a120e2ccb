// The rows of "What is remembered" (docs/ARCHITECTURE.md): each file of an office's home is lost in
// four ways, and the remedy that the table names leads back to a working office with equal rows.
#include <fstream>

#include "agent/office/enroll.hpp"
#include "platform/office/membership.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

enum class Loss { kDeleted, kEmptied, kCut, kGarbled };
constexpr Loss kLosses[] = {Loss::kDeleted, Loss::kEmptied, Loss::kCut, Loss::kGarbled};

const char* name_of_loss(Loss loss) {
  constexpr const char* kNames[] = {"deleted", "emptied", "cut in half", "garbled"};
  return kNames[static_cast<int>(loss)];
}

void lose_file(const fs::path& path, Loss loss) {
  REQUIRE(fs::exists(path));
  const auto size = fs::file_size(path);
  for (const char* log : {"-wal", "-shm"}) fs::remove(path.string() + log);
  if (loss == Loss::kDeleted) fs::remove(path);
  if (loss == Loss::kEmptied) fs::resize_file(path, 0);
  if (loss == Loss::kCut) fs::resize_file(path, size / 2);
  if (loss == Loss::kGarbled) std::ofstream(path, std::ios::binary) << std::string(size, 'x');
}

json::object visit(const std::string& name) {
  return {{"name", name}, {"people", 3}};
}

// An office with rows, a judged record, an unsent record and a ledger.
struct Scene {
  LiveRealm realm{7};
  std::mt19937_64 random{7};
  People people = change_people({}, random, 120);
  LiveOffice* office = nullptr;

  Scene() {
    realm.publish(people);
    office = &realm.add_office("xinfeng");
    settle();
    office->submit(kVisit, visit("answered"));
    settle();
    office->submit(kVisit, visit("not sent"));
    CHECK(office->rows() == rows_of(people, true));
  }

  // Records up, judgements down; nothing may fail.
  void settle() {
    for (int pass = 0; pass < 2; ++pass) {
      const agent::CycleResult result = office->cycle();
      if (result.error) FAIL(result.error->message);
      realm.validate();
    }
  }

  // The caches rebuild themselves: at most one cycle fails on the way.
  void settle_after_damage() {
    static_cast<void>(office->cycle());
    settle();
  }

  void change() {
    people = change_people(people, random, 20);
    realm.publish(people);
  }

  // The office works: changes come down, records go up, uses are in the ledger.
  void check_works(std::size_t records_upstream) {
    change();
    office->submit(kVisit, visit("afterwards"));
    settle();
    CHECK(office->rows() == rows_of(people, true));
    CHECK(office->mismatch() == "");
    CHECK(realm.records_of("xinfeng").size() == records_upstream);
    for (const RecordSummary& record : office->records()) {
      CHECK(record.state == RecordState::kAccepted);
    }
  }

  std::string reinvite() {
    return must(platform::reinvite_office(realm.realm(), {.id = "xinfeng"}, realm.clock.wall()));
  }

  // As IT does it without a link: request, `office approve`, answer.
  void join(const std::string& invitation, agent::OnLoss on_loss) {
    const auto enrol = [&](std::string_view text, agent::EnrolMode mode) {
      return agent::enroll(office->home(), office->context.settings, text, mode, realm.clock,
                           on_loss);
    };
    const agent::EnrolOutcome asked = must(enrol(invitation, agent::EnrolMode::kOffline));
    const std::string answer =
        must(platform::enrol_office(realm.realm(), asked.request, realm.clock.wall()));
    CHECK_FALSE(must(enrol(answer, agent::EnrolMode::kOnline)).already);
    CHECK(must(enrol(answer, agent::EnrolMode::kOnline)).already);
  }

  ErrorCode code_of_call(std::string_view command, json::object args = {}) {
    return code_of(office->call(command, std::move(args)));
  }
};

bool has_set_aside(const LiveOffice& office, const std::string& name) {
  for (const auto& entry : fs::directory_iterator(office.home().folder())) {
    if (!entry.path().filename().string().starts_with("lost-")) continue;
    if (fs::exists(entry.path() / name)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("loss: directory.db or a dataset's file is fetched again by the next cycles") {
  for (const char* name : {"directory.db", "datasets/people.db"}) {
    for (const Loss loss : kLosses) {
      CAPTURE(name);
      CAPTURE(name_of_loss(loss));
      Scene scene;
      lose_file(scene.office->home().folder() / name, loss);
      scene.settle_after_damage();
      CHECK(scene.office->rows() == rows_of(scene.people, true));
      scene.check_works(3);
    }
  }
}

TEST_CASE("loss: trust/ begins again with the kept root, whole or file by file") {
  {
    Scene scene;
    fs::remove_all(scene.office->home().trust());
    scene.settle();
    scene.check_works(3);
  }
  for (const char* name : {"root.json", "timestamp.json", "snapshot.json", "targets.json"}) {
    for (const Loss loss : {Loss::kDeleted, Loss::kCut}) {
      CAPTURE(name);
      CAPTURE(name_of_loss(loss));
      Scene scene;
      lose_file(scene.office->home().trust() / name, loss);
      scene.settle();
      scene.check_works(3);
    }
  }
}

TEST_CASE("loss: staging/ is made again, and rubbish in it is cleared") {
  Scene scene;
  const fs::path staging = scene.office->home().staging();
  fs::remove_all(staging);
  scene.check_works(3);
  std::ofstream(staging / "rubbish") << "x";
  scene.check_works(4);
  CHECK_FALSE(fs::exists(staging / "rubbish"));
}

TEST_CASE("loss: outbox.db is missed by every command until its loss is accepted") {
  for (const Loss loss : kLosses) {
    CAPTURE(name_of_loss(loss));
    Scene scene;
    LiveOffice& office = *scene.office;
    CHECK(scene.code_of_call("outbox-restart") == ErrorCode::kUsage);  // nothing is lost yet
    lose_file(office.home().outbox(), loss);
    for (int again = 0; again < 2; ++again) {
      const auto submitted =
          office.call("submit", {{"form", kVisit}, {"records", json::array{visit("x")}}});
      CHECK(code_of(submitted) == ErrorCode::kStorageDamaged);
      CHECK(submitted.error().message.find("1 records that were not yet sent") !=
            std::string::npos);
      CHECK(submitted.error().hint.en.find("rootlet outbox restart --accept-loss") !=
            std::string::npos);
      CHECK(scene.code_of_call("outbox-list", {{"limit", 10}, {"state", ""}, {"form", ""}}) ==
            ErrorCode::kStorageDamaged);
      CHECK(must(office.call("status", {})).at("outbox").as_object().contains("error"));
      CHECK(office.cycle().error->code == ErrorCode::kStorageDamaged);
      CHECK(fs::exists(office.home().outbox()) == (loss != Loss::kDeleted));
    }
    CHECK(office.rows() == rows_of(scene.people, true));  // reading is not affected

    const json::object report = must(office.call("outbox-restart", {}));
    CHECK(report.at("lost").at("unsent") == 1);
    if (loss == Loss::kGarbled) CHECK(has_set_aside(office, "outbox.db"));
    CHECK(must(office.call("status", {})).at("outbox").as_object().contains("restarted"));
    scene.check_works(2);  // the unsent record is lost; the judged one and the new one are there
  }
}

TEST_CASE("loss: a lost ledger.db leaves a gap that shows until an operator accepts it") {
  for (const Loss loss : kLosses) {
    CAPTURE(name_of_loss(loss));
    Scene scene;
    LiveOffice& office = *scene.office;
    CHECK(scene.code_of_call("ledger-restart") == ErrorCode::kUsage);
    const json::object before = must(office.call("ledger-verify", {}));
    CHECK(before.at("intact").as_bool());
    lose_file(office.home().ledger(), loss);
    const bool opens = loss == Loss::kDeleted || loss == Loss::kEmptied;
    if (opens) {
      CHECK(office.rows() == rows_of(scene.people, true));  // goes on, and numbers on
    } else {
      CHECK(scene.code_of_call("query", {{"dataset", "people"},
                                         {"purpose", "care"},
                                         {"limit", 0},
                                         {"columns", json::array{}},
                                         {"where", json::array{}}}) == ErrorCode::kStorageDamaged);
    }
    CHECK(scene.code_of_call("ledger-verify") == ErrorCode::kStorageDamaged);
    CHECK(scene.code_of_call("ledger-verify") == ErrorCode::kStorageDamaged);

    const json::object report = must(office.call("ledger-restart", {}));
    CHECK(report.at("gaps").as_array().size() == 1);
    CHECK(has_set_aside(office, "ledger.db") == !opens);
    CHECK(office.rows() == rows_of(scene.people, true));
    const json::object after = must(office.call("ledger-verify", {}));
    CHECK_FALSE(after.at("intact").as_bool());
    const json::value& gap = after.at("gaps").as_array().at(0);
    CHECK(gap.at("first") == 1);
    CHECK(gap.at("last") == before.at("entries"));
    scene.check_works(3);
  }
}

TEST_CASE("loss: without machine.key or keys.db a new invitation brings the office back") {
  for (const char* name : {"machine.key", "keys.db"}) {
    for (const Loss loss : kLosses) {
      CAPTURE(name);
      CAPTURE(name_of_loss(loss));
      Scene scene;
      LiveOffice& office = *scene.office;
      lose_file(office.home().folder() / name, loss);
      for (const char* command : {"status", "datasets", "forms", "ledger-verify"}) {
        const auto said = office.call(command, {});
        CHECK(code_of(said) == ErrorCode::kStorageDamaged);
        CHECK(said.error().hint.en.find("office reinvite") != std::string::npos);
      }
      const std::string invitation = scene.reinvite();
      // Nothing is written over the old files unless a person says so.
      const auto refused = agent::enroll(office.home(), office.context.settings, invitation,
                                         agent::EnrolMode::kOffline, scene.realm.clock);
      CHECK(code_of(refused) == ErrorCode::kStorageDamaged);
      CHECK(refused.error().hint.en.find("--accept-loss") != std::string::npos);
      CHECK(fs::exists(office.home().outbox()));

      scene.join(invitation, agent::OnLoss::kBeginAnew);
      CHECK(has_set_aside(office, "outbox.db"));
      scene.settle();
      CHECK(office.rows() == rows_of(scene.people, true));
      scene.check_works(2);
    }
  }
}

TEST_CASE("loss: metadata and grants in the repository are written again by the next change") {
  Scene scene;
  const auto repository = scene.realm.repository();
  fs::remove_all(repository / "metadata");
  fs::remove_all(repository / "offices");
  CHECK_FALSE(scene.realm.verify().problems.empty());
  scene.realm.close();
  scene.realm.permit("xinfeng", scene.realm.grant({"all"}));
  CHECK(scene.realm.verify().problems.empty());
  scene.settle();
  scene.check_works(3);
}

TEST_CASE("loss: the whole home is lost, and a new machine takes the office over") {
  Scene scene;
  fs::remove_all(scene.office->home().folder());
  must(scene.office->home().prepare());
  CHECK(must(scene.office->call("status", {})).at("state") == "none");
  scene.join(scene.reinvite(), agent::OnLoss::kRefuse);
  scene.settle();
  CHECK(scene.office->rows() == rows_of(scene.people, true));
  scene.check_works(2);
}
