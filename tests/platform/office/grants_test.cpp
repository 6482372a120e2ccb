// No grant covers nothing unnoticed, and a change of a grant changes what it names.
#include "platform/office/catalogue.hpp"
#include "platform/office/membership.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

// Like the realm's "people", but one partition.
std::string one_partition() {
  std::string text(kPeople);
  text.replace(text.find("\"people\""), 8, "\"notices\"");
  return text.replace(text.find("\"digits\": 2"), 11, "\"digits\": 0");
}

struct Grants {
  LiveRealm live;

  explicit Grants(bool published = true) {
    must(invite_office(live.realm(), {.id = "town", .division = "330402001", .name = "Town"},
                       live.clock.wall()));
    if (published)
      live.publish({{"a", {"1101", "1", ""}}, {"b", {"3301", "1", ""}}, {"c", {"3401", "1", ""}}});
  }
  Grant grant(std::vector<std::string> divisions, std::string dataset = "people") {
    Grant wanted = live.grant(std::move(divisions));
    wanted.dataset = std::move(dataset);
    return wanted;
  }
  Result<Grant> add(Grant wanted, CoverageRule rule = CoverageRule::kRequired) {
    return add_grant(live.realm(), "town", std::move(wanted), rule, live.clock.wall());
  }
  Coverage coverage(const Grant& held) {
    return coverage_of(held, must(live.realm().registry().streams(held.dataset)));
  }
  std::size_t held() { return must(live.realm().registry().grants_of("town")).size(); }
};

}  // namespace

TEST_CASE("grant: a division that covers no published partition is refused with near ones") {
  Grants grants;
  struct Wrong {
    std::vector<std::string> divisions;
    const char* near;
  };
  const Wrong wrong[] = {
      {{"330402001"}, "33, 34, 11"},  // longer than the cut
      {{"35"}, "34, 33, 11"},
      {{"33", "12"}, "11, 33, 34"},  // one of two
      {{}, "33, 34, 11"},            // the office's own division
  };
  for (const Wrong& one : wrong) {
    CAPTURE(one.near);
    const Result<Grant> added = grants.add(grants.grant(one.divisions));
    REQUIRE(added.has_error());
    CHECK(added.error().code == ErrorCode::kBadInput);
    CHECK(added.error().field == "divisions");
    CHECK(added.error().hint.en.find(one.near) != std::string::npos);
  }
  CHECK(grants.held() == 0);
  CHECK(grants.coverage(must(grants.add(grants.grant({"33", "34"})))).rows == 2);
}

TEST_CASE("grant: with --anyway it is made, and known to cover no data yet") {
  Grants grants;
  const Grant held = must(grants.add(grants.grant({"35"}), CoverageRule::kAnyway));
  CHECK(grants.coverage(held).partitions == 0);
  CHECK(grants.coverage(held).is_published);
}

TEST_CASE("grant: before the first publish only the cut is known") {
  Grants grants(false);
  CHECK(code_of(grants.add(grants.grant({"3304"}))) == ErrorCode::kBadInput);
  const Grant held = must(grants.add(grants.grant({"35"})));
  CHECK_FALSE(grants.coverage(held).is_published);
}

TEST_CASE("grant: a dataset of one partition needs no division and takes no prefix") {
  Grants grants;
  must(add_dataset(grants.live.realm(), must(DatasetDefinition::parse(one_partition(), "n.json")),
                   grants.live.clock.wall()));
  for (const CoverageRule rule : {CoverageRule::kRequired, CoverageRule::kAnyway}) {
    CHECK(code_of(grants.add(grants.grant({"33"}, "notices"), rule)) == ErrorCode::kBadInput);
  }
  CHECK(must(grants.add(grants.grant({}, "notices"))).divisions == std::vector<std::string>{"all"});
}

TEST_CASE("grant: a dataset that is not shared is granted in no mode, not even in an emergency") {
  Grants grants;
  std::string text = one_partition();
  const std::string shared =
      R"("attribute": "conditional", "scope": "s", "uses": ["care", "census"])";
  text.replace(text.find(shared), shared.size(),
               R"("attribute": "not_shared", "reason": "r", "basis": "b")");
  const UnixTime now = grants.live.clock.wall();
  must(add_dataset(grants.live.realm(), must(DatasetDefinition::parse(text, "n.json")), now));
  for (const char* mode : {"full", "masked", "verify", "none"}) {
    for (const bool is_emergency : {false, true}) {
      Grant wanted = grants.grant({}, "notices");
      wanted.mode = mode;
      wanted.may_export = false;
      wanted.until = now + std::chrono::days(5);
      if (is_emergency) wanted.emergency = Emergency{.reason = "flood", .since = now};
      CHECK(code_of(grants.add(wanted, CoverageRule::kAnyway)) == ErrorCode::kNotPermitted);
    }
  }
  CHECK(grants.held() == 0);
}

TEST_CASE("grant: a second grant for a dataset is refused and points to grant set") {
  Grants grants;
  must(grants.add(grants.grant({"33"})));
  const Result<Grant> again = grants.add(grants.grant({"34"}));
  REQUIRE(again.has_error());
  CHECK(again.error().message.find("grant set town people") != std::string::npos);
}

TEST_CASE("grant: a change keeps what it does not name, and a wrong one changes nothing") {
  Grants grants;
  Grant first = grants.grant({"33"});
  first.may_export = true;
  first.lease_days = 7;
  must(grants.add(first));
  const auto change = [&](const std::function<Status(Grant&)>& edit) {
    return change_grant(grants.live.realm(), "town", "people", CoverageRule::kRequired, edit,
                        grants.live.clock.wall());
  };
  const ChangedGrant changed = must(change([](Grant& grant) {
    grant.mode = "masked";
    return ok();
  }));
  CHECK(changed.before.mode == "full");
  CHECK(changed.after.mode == "masked");
  CHECK(changed.after.may_export);
  CHECK(changed.after.lease_days == 7);
  CHECK(code_of(change([](Grant& grant) {
          grant.divisions = {"35"};
          return ok();
        })) == ErrorCode::kBadInput);
  for (const char* wrong : {"people", "nothing"}) {  // itself, and a dataset that there is not
    CHECK(change([&](Grant& grant) {
            grant.join = {wrong};
            return ok();
          }).has_error());
  }
  const Grant held = must(grants.live.realm().registry().grants_of("town")).at(0);
  CHECK(held.join.empty());
  CHECK(held.divisions == std::vector<std::string>{"33"});
  CHECK(held.mode == "masked");
}

TEST_CASE("grant: an office says that its grant covers no data yet, and never 1970") {
  LiveRealm live;
  live.publish({{"a", {"1101", "1", ""}}});
  LiveOffice& office = live.add_office("a", {"35"});
  office.synced();
  const json::object status = must(office.call("status", {}));
  const json::object& dataset = status.at("datasets").as_array().at(0).as_object();
  CHECK(dataset.at("covers_no_data").as_bool());
  CHECK(dataset.at("as_of").is_null());
  const json::object doctor = must(office.call("doctor", {}));
  CHECK(json::serialize(doctor).find("covers no data yet") != std::string::npos);
  live.publish({{"a", {"1101", "1", ""}}, {"b", {"3501", "1", ""}}});
  office.synced();
  const json::object later = must(office.call("status", {}));
  CHECK_FALSE(later.at("datasets").as_array().at(0).as_object().at("covers_no_data").as_bool());
}
