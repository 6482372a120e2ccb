// The directory as a tree: nodes where grants and offices are, new versions only on the paths of
// what changed, slices by who may read them.
#include "sync/pack/table/directory.hpp"
#include "tests/platform/repository/tree_world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

using Names = std::set<std::string>;

Names names_of(const std::map<std::string, Version>& nodes) {
  Names names;
  for (const auto& [division, version] : nodes) names.insert(division);
  return names;
}

// Nodes whose version differs.
Names changed(const std::map<std::string, Version>& before,
              const std::map<std::string, Version>& after) {
  Names names;
  for (const auto& [division, version] : after) {
    const auto held = before.find(division);
    if (held == before.end() || held->second != version) names.insert(division);
  }
  return names;
}

const Codes kTowns = {{"330402001", 2}, {"330402002", 2}, {"330502001", 2}, {"110101001", 2}};

}  // namespace

TEST_CASE("tree: a node is there only where an office or a grant is, and on the way to it") {
  TreeWorld world;
  CHECK(names_of(world.nodes()) == Names{"all"});
  world.add_dataset("towns", 9);
  world.publish("towns", kTowns);
  CHECK(names_of(world.nodes()) == Names{"all"});
  TreeOffice town = world.add_office("town", "330402001");
  CHECK(names_of(world.nodes()) == Names{"all", "33", "3304", "330402", "330402001"});
  TreeOffice county = world.add_office("county", "110101");
  world.permit(town, "towns", {"330402001"});
  world.permit(county, "towns", {"110101", "330502001"});
  CHECK(names_of(world.nodes()) == Names{"11", "1101", "110101", "33", "3304", "330402",
                                         "330402001", "3305", "330502", "330502001", "all"});
  CHECK(world.seen_by(town) == Names{"directory_catalogue/all", "towns/330402001"});
  CHECK(world.seen_by(county) == Names{"directory_catalogue/all", "towns/330502001",
                                       heads_stream("towns", "110101").text()});
  CHECK(world.problems() == "");
  world.forbid(county, "towns");
  CHECK(names_of(world.nodes()) ==
        Names{"11", "1101", "110101", "33", "3304", "330402", "330402001", "all"});
  CHECK(world.problems() == "");
}

TEST_CASE("tree: a publish makes new versions on the path of the changed partition alone") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  world.publish("towns", kTowns);
  std::vector<TreeOffice> offices;
  for (const auto& [code, rows] : kTowns) {
    offices.push_back(world.add_office("office-" + code, code));
    world.permit(offices.back(), "towns", {code});
  }
  TreeOffice province = world.add_office("province", "33");
  world.permit(province, "towns", {"33"});
  TreeOffice city = world.add_office("city", "3305");
  world.permit(city, "towns", {"3305"});
  const auto before = world.nodes();
  Codes codes = kTowns;
  codes["330402002"] = 3;
  world.publish("towns", codes);
  const auto after = world.nodes();
  CHECK(changed(before, after) == Names{"330402002", "330402", "3304", "33", "all"});
  CHECK(after.at("330402002") == before.at("330402002") + 1);
  CHECK(world.problems() == "");
  world.publish("towns", codes);
  CHECK(world.nodes() == after);  // nothing changed
}

TEST_CASE("tree: a dataset that no grant names costs no node a row") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  world.add_dataset("others", 9);
  TreeOffice town = world.add_office("town", "330402001");
  world.permit(town, "towns", {"330402001"});
  world.publish("towns", kTowns);
  const auto before = world.nodes();
  world.publish("others", kTowns);
  CHECK(world.nodes() == before);
  CHECK(world.seen_by(town) == Names{"directory_catalogue/all", "towns/330402001"});
}

TEST_CASE("tree: more than sixteen streams of a node are cut into slices by who may read them") {
  TreeWorld world;
  TreeOffice first = world.add_office("first", "330402001");
  TreeOffice second = world.add_office("second", "330402001");
  Names wanted{"directory_catalogue/all"}, both{"directory_catalogue/all"};
  for (int i = 0; i < 17; ++i) {
    const std::string id = "set-" + std::to_string(i);
    world.add_dataset(id, 9);
    world.publish(id, {{"330402001", 1}});
    if (i < 16) {
      world.permit(first, id, {"330402001"});
      wanted.insert(id + "/330402001");
    }
    if (i == 15) CHECK(must(world.tree().slices_of("330402001")).empty());
    if (i % 4 != 0) continue;
    world.permit(second, id, {"330402001"});
    both.insert(id + "/330402001");
  }
  // Of the first alone, of both, of the second alone.
  CHECK(must(world.tree().slices_of("330402001")).size() == 3);
  CHECK(world.seen_by(first) == wanted);
  CHECK(world.seen_by(second) == both);
  CHECK(world.problems() == "");
  const auto before = must(world.tree().slices_of("330402001"));
  world.publish("set-1", {{"330402001", 2}});
  int newer = 0;
  for (const DirectoryStream& slice : must(world.tree().slices_of("330402001"))) {
    for (const DirectoryStream& old : before) {
      newer += old.name == slice.name && old.version != slice.version ? 1 : 0;
    }
  }
  CHECK(newer == 1);
  world.forbid(second, "set-16");
  CHECK(must(world.tree().slices_of("330402001")).empty());
  CHECK(world.seen_by(first) == wanted);
  CHECK(world.problems() == "");
}

TEST_CASE("tree: heads below a division follow its streams, and come back with a higher version") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  TreeOffice city = world.add_office("city", "3304");
  world.permit(city, "towns", {"3304"});
  const StreamName heads = heads_stream("towns", "3304");
  CHECK_FALSE(must(world.tree().stream(heads)).is_present);
  Codes codes = kTowns;
  for (int i = 0; i < 12; ++i) {
    codes["330402001"] = i + 1;
    world.publish("towns", codes);
  }
  const DirectoryStream held = must(world.tree().stream(heads));
  CHECK(held.version == 12);
  CHECK(must(world.tree().packs_of(heads)).size() > 1);
  CHECK(world.problems() == "");
  world.forbid(city, "towns");
  CHECK_FALSE(must(world.tree().stream(heads)).is_present);
  CHECK(must(world.tree().packs_of(heads)).empty());
  codes["330402002"] = 7;
  world.publish("towns", codes);
  world.permit(city, "towns", {"3304"});
  CHECK(must(world.tree().stream(heads)).version == 13);
  CHECK(world.seen_by(city).contains(heads.text()));
  CHECK(world.problems() == "");
}

TEST_CASE("tree: an invitation has the keys of the way to its division, a grant those beyond") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  TreeOffice town = world.add_office("town", "330402001");
  world.permit(town, "towns", {"330402001", "330403"});
  Names invited, granted;
  for (const DirectoryKey& key : town.invitation.directory_keys) invited.insert(key.stream.text());
  for (const DirectoryKey& key : world.grant_file(town).directory_keys) {
    granted.insert(key.stream.text());
  }
  CHECK(invited == Names{"directory/all", "directory/33", "directory/3304", "directory/330402",
                         "directory/330402001", "directory_catalogue/all"});
  CHECK(granted == Names{"directory/330403", heads_stream("towns", "330402001").text(),
                         heads_stream("towns", "330403").text()});
}

TEST_CASE(
    "tree: a changed grant and a grant's end change the grant file of its office, a new stream "
    "none") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  world.publish("towns", {{"330402001", 1}});
  TreeOffice near = world.add_office("near", "330402001");
  TreeOffice far = world.add_office("far", "110101001");
  world.permit(near, "towns", {"3304"});
  world.permit(far, "towns", {"110101001"});
  const auto versions = [&] {
    return std::pair(world.grant_file(near).version, world.grant_file(far).version);
  };
  const auto before = versions();
  world.publish("towns", {{"330402001", 1}, {"330402002", 1}});
  world.publish("towns", {{"330402001", 2}, {"330402002", 1}, {"110101001", 1}});
  CHECK(versions() == before);
  const GrantFile held = world.grant_file(near);
  REQUIRE(held.keys.size() == 1);
  CHECK(held.keys[0].stream.text() == "towns/3304");
  CHECK(held.key_for({"towns", "330402002"}, 1, 1).has_value());
  CHECK(!held.key_for({"towns", "110101001"}, 1, 1).has_value());
  world.widen(near, "towns", {"33", "330402001"});  // one division is a part of the other
  CHECK(versions() == std::pair(before.first + 1, before.second));
  REQUIRE(world.grant_file(near).keys.size() == 1);
  CHECK(world.grant_file(near).keys[0].stream.text() == "towns/33");
  world.clock.pass(std::chrono::days(366));
  world.publish("towns", {{"330402001", 3}, {"330402002", 1}, {"110101001", 1}});
  CHECK(versions() == std::pair(before.first + 2, before.second + 1));
  CHECK(world.grant_file(near).keys.empty());
}

TEST_CASE("tree: a machine that was replaced loses its grant file, and the next one has another") {
  TreeWorld world;
  world.add_dataset("towns", 9);
  TreeOffice town = world.add_office("town", "330402001");
  world.permit(town, "towns", {"330402001"});
  const auto old = world.grant_file_of(town);
  CHECK(std::filesystem::exists(old));
  world.pass();
  TreeOffice next{.id = "town", .division = "330402001", .invitation = {}};
  next.invitation = must(parse_invitation(
      must(reinvite_office(world.realm(), {.id = "town"}, world.now())), "invitation"));
  CHECK_FALSE(std::filesystem::exists(old));
  CHECK_FALSE(must(world.tree().stream(offices_stream("330402001"))).is_present);
  world.enrol(next);
  CHECK_FALSE(std::filesystem::exists(old));
  CHECK(world.grant_file(next).grants.size() == 1);
  CHECK(world.problems() == "");
}
