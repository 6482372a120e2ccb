// The terms of a grant as an office lives them: modes, emergency grants, caps, and a machine that
// reports itself lost.
#include "platform/office/membership.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;
using std::chrono::days;
using std::chrono::hours;

namespace {

const People kPeopleOfTwo = {{"a", {"1101", "2", "13812345678"}}, {"b", {"1101", "3", ""}}};

struct Scene {
  LiveRealm realm{41};
  LiveOffice& office = realm.add_office("xinfeng", {"all"}, 4);

  explicit Scene(const People& people = kPeopleOfTwo) {
    realm.publish(people);
    cycle();
  }
  void cycle() {
    const agent::CycleResult result = office.cycle();
    if (result.error) FAIL(result.error->message);
    realm.validate();
  }
  void permit(const std::function<void(Grant&)>& edit) {
    Grant grant = realm.grant({"all"}, 4);
    edit(grant);
    realm.permit("xinfeng", grant);
    cycle();
  }
  Result<json::object> ask(std::string_view command, json::object more = {},
                           std::string_view person = "") {
    json::object args{{"dataset", "people"}, {"purpose", "care"}};
    for (const auto& [name, value] : more) args[name] = value;
    class Silent final : public agent::AnswerSink {
     public:
      Status progress(const json::object&) override { return ok(); }
      Status head(const json::object& head) override {
        heads.push_back(head);
        return ok();
      }
      Status rows(const json::array& some) override {
        rows_seen += some.size();
        return ok();
      }
      std::vector<json::object> heads;
      std::size_t rows_seen = 0;
    } sink;
    Result<json::object> answer = office.call(command, std::move(args), sink, person);
    seen = sink.rows_seen;
    if (!sink.heads.empty()) head = sink.heads.front();
    return answer;
  }
  Result<json::object> query(std::int64_t limit, std::string_view person = "") {
    return ask("query", {{"limit", limit}, {"columns", json::array{}}, {"where", json::array{}}},
               person);
  }
  json::object status() { return must(office.call("status", {})); }
  json::object dataset_status() { return array_at(status(), "datasets").at(0).as_object(); }
  std::vector<std::string> reasons() {
    std::vector<std::string> found;
    for (const platform::IntakeRecord& one : realm.records_of("xinfeng")) {
      if (one.record.kind == "disposal") {
        found.push_back(rootlet::text_at(one.record.values, "reason"));
      }
    }
    return found;
  }

  std::size_t seen = 0;
  json::object head;
};

}  // namespace

TEST_CASE("terms: mode none lets nothing land, and what was held is erased and certified") {
  Scene scene;
  REQUIRE(scene.query(10).has_value());
  scene.permit([](Grant& grant) {
    grant.mode = "none";
    grant.may_export = false;
  });
  const agent::Office office = scene.office.open();
  CHECK(office.grants().keys.empty());
  CHECK_FALSE(std::filesystem::exists(scene.office.home().dataset("people")));
  const Result<json::object> read = scene.query(10);
  REQUIRE(code_of(read) == ErrorCode::kNotPermitted);
  CHECK(read.error().message.find("asked online only") != std::string::npos);
  CHECK(code_of(scene.ask("check", {{"key", "a"}})) == ErrorCode::kNotPermitted);
  scene.cycle();
  CHECK(scene.reasons() == std::vector<std::string>{"order"});
  CHECK(scene.realm.holders().front().state == platform::HolderState::kErased);
  scene.permit([](Grant&) {});
  CHECK(scene.query(10).has_value());
}

TEST_CASE("terms: mode masked lands masks and no value, whatever its grade") {
  Scene scene;
  scene.permit([](Grant& grant) { grant.mode = "masked"; });
  for (const ContentKey& key : scene.office.open().grants().keys) CHECK(key.grade == 1);
  REQUIRE(scene.query(10).has_value());
  CHECK(scene.seen == 2);
  agent::Office office = scene.office.open();
  std::optional<DatasetReader> reader = must(office.open_dataset("people"));
  REQUIRE(reader.has_value());
  for (const HeldStream& stream : must(reader->streams())) CHECK(stream.digests.size() == 1);
}

TEST_CASE("terms: mode verify answers yes or no, and shows nothing by any other way") {
  Scene scene;
  scene.permit([](Grant& grant) {
    grant.mode = "verify";
    grant.may_export = false;
  });
  const auto answer = [&](std::string_view key, std::string_view column, std::string_view value) {
    return must(scene.ask("check", {{"key", key}, {"column", column}, {"value", value}}));
  };
  CHECK(answer("a", "phone", "13812345678").at("answer").as_bool());
  CHECK_FALSE(answer("a", "phone", "13812345679").at("answer").as_bool());
  CHECK_FALSE(answer("a", "phone", "138*").at("answer").as_bool());  // no part of a value
  CHECK(answer("b", "phone", "").at("answer").as_bool());
  CHECK(answer("a", "members", "2").at("answer").as_bool());
  CHECK_FALSE(answer("z", "members", "2").at("row").as_bool());
  CHECK(answer("z", "members", "2").at("answer").is_null());
  CHECK(must(scene.ask("check", {{"key", "a"}})).at("row").as_bool());
  CHECK(code_of(scene.ask("check", {{"key", "a"}, {"column", "nothing"}, {"value", "1"}})) ==
        ErrorCode::kBadInput);
  CHECK(code_of(scene.ask("check", {{"key", "a"}, {"purpose", "census"}})) ==
        ErrorCode::kNotPermitted);
  // Every way that shows rows or values.
  const json::array none;
  const std::pair<const char*, json::object> ways[] = {
      {"query", {{"limit", 1}, {"columns", none}, {"where", none}}},
      {"query", {{"limit", 0}, {"columns", none}, {"where", none}, {"unmasked", true}}},
      {"show", {{"limit", 0}, {"columns", none}, {"key", "a"}}},
      {"reveal", {{"key", "a"}, {"column", "phone"}}},
      {"search", {{"limit", 1}, {"columns", none}, {"text", "a"}}},
      {"facets", {{"columns", none}, {"where", none}}},
  };
  for (const auto& [command, args] : ways) {
    CAPTURE(command);
    CHECK(code_of(scene.ask(command, args)) == ErrorCode::kNotPermitted);
    CHECK(scene.seen == 0);
  }
  // A search of everything passes it by: no other dataset is granted.
  CHECK(code_of(scene.ask("search",
                          {{"dataset", ""}, {"limit", 1}, {"columns", none}, {"text", "a"}})) ==
        ErrorCode::kNotPermitted);
  // The ledger says who asked about which column, never the value.
  const json::object ledger = must(scene.office.call("ledger-list", {{"limit", 0}}));
  std::size_t checks = 0;
  for (const json::value& entry : array_at(ledger, "entries")) {
    CHECK(json::serialize(entry).find("1381234567") == std::string::npos);
    if (rootlet::text_at(entry.as_object(), "command") == "check") ++checks;
  }
  CHECK(checks >= 2);
}

TEST_CASE("terms: an emergency grant is tagged wherever it is shown, and ends by itself") {
  Scene scene;
  const UnixTime since = scene.realm.clock.wall();
  scene.permit([&](Grant& grant) {
    grant.emergency = Emergency{.reason = "flood", .since = since};
    grant.until = since + days(10);
  });
  CHECK(rootlet::text_at(object_at(scene.dataset_status(), "emergency"), "reason") == "flood");
  REQUIRE(scene.query(10).has_value());
  CHECK(boolean_at(object_at(scene.head, "provenance"), "emergency"));
  REQUIRE(scene.ask("show", {{"limit", 0}, {"columns", json::array{}}, {"key", "a"}}).has_value());
  CHECK(rootlet::text_at(object_at(object_at(scene.head, "held_because"), "emergency"), "reason") ==
        "flood");
  const json::object ledger = must(scene.office.call("ledger-list", {{"limit", 2}}));
  for (const json::value& entry : array_at(ledger, "entries")) {
    CHECK(boolean_at(entry.as_object(), "emergency"));
  }
  const json::object catalogue = must(scene.office.call("datasets", {}));
  const json::object& one = array_at(catalogue, "datasets").at(0).as_object();
  CHECK(rootlet::text_at(object_at(object_at(one, "grant"), "emergency"), "reason") == "flood");
  // It is not made longer, by no command.
  const auto set_until = [&](UnixTime until) {
    return platform::change_grant(
        scene.realm.realm(), "xinfeng", "people", platform::CoverageRule::kAnyway,
        [&](Grant& grant) {
          grant.until = until;
          return ok();
        },
        scene.realm.clock.wall());
  };
  const auto refused = set_until(since + days(31));
  REQUIRE(code_of(refused) == ErrorCode::kBadInput);
  CHECK(refused.error().field == "until");
  scene.realm.clock.pass(days(5));
  CHECK(code_of(set_until(scene.realm.clock.wall() + days(30))) == ErrorCode::kBadInput);
  CHECK(set_until(since + days(12)).has_value());
  for (int day = 0; day < 12; ++day) {
    scene.realm.clock.pass(days(1));
    scene.realm.renew();
    scene.cycle();
  }
  CHECK_FALSE(std::filesystem::exists(scene.office.home().dataset("people")));
  CHECK(scene.reasons() == std::vector<std::string>{"emergency_ended"});
  CHECK(scene.realm.holders().front().state == platform::HolderState::kErased);
}

TEST_CASE("terms: a cap of rows is a person's day, and a cap of exports too") {
  std::mt19937_64 random(3);
  Scene scene(change_people({}, random, 200));
  scene.permit([](Grant& grant) { grant.caps = {.rows = 30, .exports = 1}; });
  must(scene.query(20, "-wang"));
  CHECK(scene.seen == 20);
  must(scene.query(20, "-wang"));
  CHECK(scene.seen == 10);  // what is left
  const Result<json::object> over = scene.query(20, "-wang");
  REQUIRE(code_of(over) == ErrorCode::kNotPermitted);
  CHECK(over.error().message.find("within a day: 30") != std::string::npos);
  must(scene.query(20, "-li"));
  CHECK(scene.seen == 20);
  scene.realm.clock.pass(hours(3));  // the hourly limit would let go on
  CHECK(code_of(scene.query(20, "-wang")) == ErrorCode::kNotPermitted);
  scene.realm.clock.pass(hours(22));
  scene.realm.renew();
  scene.cycle();
  must(scene.query(20, "-wang"));
  CHECK(scene.seen == 20);
  const auto whole = [&](std::string_view person) {
    return scene.ask(
        "query",
        {{"limit", 0}, {"columns", json::array{}}, {"where", json::array{}}, {"unmasked", true}},
        person);
  };
  CHECK(whole("-wang").has_value());
  CHECK(code_of(whole("-wang")) == ErrorCode::kNotPermitted);
  CHECK(whole("-li").has_value());
}

TEST_CASE("terms: nonsense is refused where a grant is made") {
  Scene scene;
  const UnixTime now = scene.realm.clock.wall();
  const auto field_of = [&](const std::function<void(Grant&)>& edit) {
    const auto changed = platform::change_grant(
        scene.realm.realm(), "xinfeng", "people", platform::CoverageRule::kAnyway,
        [&](Grant& grant) {
          edit(grant);
          return ok();
        },
        now);
    return changed.has_error() ? changed.error().field : std::string("accepted");
  };
  CHECK(field_of([](Grant& grant) { grant.caps.rows = -1; }) == "max-rows");
  CHECK(field_of([](Grant& grant) { grant.caps.rows = 1'000'001; }) == "max-rows");
  CHECK(field_of([](Grant& grant) { grant.caps.exports = 1'001; }) == "max-exports");
  CHECK(field_of([](Grant& grant) { grant.mode = "clear"; }) == "mode");
  CHECK(field_of([](Grant& grant) { grant.mode = "verify"; }) == "export");
  CHECK(field_of([&](Grant& grant) {
          grant.until = now + days(3);
          grant.emergency = Emergency{.reason = "", .since = now};
        }) == "reason");
}

TEST_CASE("lost: the machine locks at once, tells the platform, and only the platform unlocks it") {
  Scene scene;
  REQUIRE(scene.query(10).has_value());
  CHECK(code_of(scene.office.call("lost", {{"reason", ""}})) == ErrorCode::kBadInput);
  CHECK(scene.query(10).has_value());
  const json::object reported = must(scene.office.call("lost", {{"reason", "stolen"}}));
  CHECK(boolean_at(reported, "locked"));
  const auto is_locked = [&] {
    const Result<json::object> read = scene.query(10);
    return read.has_error() && read.error().message.find("reported lost") != std::string::npos;
  };
  CHECK(is_locked());
  CHECK(rootlet::text_at(object_at(scene.status(), "loss"), "reason") == "stolen");
  const json::object doctor = must(scene.office.call("doctor", {}));
  CHECK_FALSE(boolean_at(doctor, "healthy"));
  CHECK(json::serialize(doctor).find("reported lost") != std::string::npos);
  // Published meanwhile: it fetches no data, and its report and records go up.
  People more = kPeopleOfTwo;
  more["c"] = {"1101", "7", ""};
  scene.realm.publish(more);
  const Version held = scene.office.versions().at("11");
  scene.cycle();
  CHECK(scene.office.versions().at("11") == held);
  CHECK(scene.realm.loss_of("xinfeng") == rootlet::text_at(reported, "record"));
  // A later grant file alone does not unlock it, nor does a second report change it.
  scene.permit([](Grant& grant) { grant.lease_days = 20; });
  CHECK(is_locked());
  must(scene.office.call("lost", {{"reason", "again"}}));
  CHECK(rootlet::text_at(object_at(scene.status(), "loss"), "reason") == "stolen");
  scene.realm.suspend("xinfeng", false);  // office resume
  CHECK(is_locked());                     // not before the next contact
  scene.cycle();
  scene.cycle();
  CHECK(scene.query(10).has_value());
  CHECK(scene.seen == 3);
  CHECK(scene.status().at("loss").is_null());
  CHECK(scene.reasons().empty());  // nothing was erased
  // Once more, and this time the platform revokes the office.
  must(scene.office.call("lost", {{"reason", "gone for good"}}));
  scene.cycle();
  scene.realm.revoke("xinfeng");
  static_cast<void>(scene.office.cycle());
  CHECK_FALSE(std::filesystem::exists(scene.office.home().dataset("people")));
}

TEST_CASE("lost: the report survives a power cut before it is in the outbox") {
  Scene scene;
  {
    agent::Office office = scene.office.open();
    must(office.save_loss(
        {.record = std::string(32, 'b'), .at = scene.realm.clock.wall(), .reason = "stolen"}));
  }
  CHECK(code_of(scene.query(10)) == ErrorCode::kNotPermitted);
  scene.cycle();
  CHECK(scene.realm.loss_of("xinfeng") == std::string(32, 'b'));
  scene.cycle();
  std::size_t incidents = 0;
  for (const auto& one : scene.realm.records_of("xinfeng")) {
    incidents += one.record.kind == "incident" ? 1 : 0;
  }
  CHECK(incidents == 1);
}
