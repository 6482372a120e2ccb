// Delegated roles: which ones the search visits, in which order, and which ones it trusts.
#include <doctest/doctest.h>

#include "core/limits.hpp"
#include "tests/sync/trust/simulator.hpp"

namespace rootlet::test {
namespace {

using Names = std::vector<std::string>;

struct Edge {
  std::string from, to;
  Names paths = {"*"};
  bool terminating = false;
};

struct World {
  FakeClock clock;
  Simulator repository{clock.wall()};
  TestOffice office{repository};

  void publish_delegated() {
    for (const auto& [role, content] : repository.targets) {
      if (role != "targets") repository.publish({role});
    }
    repository.publish_all();
  }

  // The delegated roles fetched while looking for `path`, in order.
  Names visited(const std::string& path) {
    repository.requests.clear();
    const auto found = must(office.find(path));
    CHECK_FALSE(found.has_value());
    Names roles;
    for (const std::string& name : repository.requests) {
      const std::string role = name.substr(2, name.size() - 7);  // "1.<role>.json"
      if (name.starts_with("1.") && repository.targets.contains(role)) roles.push_back(role);
    }
    return roles;
  }
};

Names visited_in(const std::vector<Edge>& edges, const std::string& path) {
  World world;
  for (const Edge& edge : edges) {
    world.repository.delegate(edge.from, edge.to, edge.paths, edge.terminating);
  }
  world.publish_delegated();
  return world.visited(path);
}

}  // namespace

TEST_CASE("trust: delegations are searched in order of appearance, depth first") {
  CHECK(visited_in({{"targets", "A"}}, "x") == Names{"A"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}}, "x") == Names{"A", "B"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"A", "D"}}, "x") ==
        Names{"A", "C", "D", "B"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"C", "D"}}, "x") ==
        Names{"A", "C", "D", "B"});
}

TEST_CASE("trust: a terminating delegation ends the search behind it, not below it") {
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"A", "C", {"*"}, true}, {"A", "D"}},
                   "x") == Names{"A", "C"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"A", "C", {"*"}, true}, {"C", "D"}},
                   "x") == Names{"A", "C", "D"});
  CHECK(visited_in({{"targets", "A", {"y"}, true}, {"targets", "B"}}, "x") == Names{"B"});
}

TEST_CASE("trust: a role is visited only for paths delegated to it by every role of the chain") {
  CHECK(visited_in({{"targets", "A", {"*.py"}}, {"targets", "B"}, {"A", "C"}}, "x") == Names{"B"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"A", "C", {"*.py"}}, {"C", "D"}}, "x") ==
        Names{"A", "B"});
  World world;
  world.repository.delegate("targets", "A", {"releases/*"});
  world.repository.add_target("A", "etc/passwd", "not A's to give");
  world.publish_delegated();
  CHECK_FALSE(must(world.office.find("etc/passwd")).has_value());
}

TEST_CASE("trust: cycles end, and a role reached twice is searched once") {
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"C", "D"}, {"D", "B"}}, "x") ==
        Names{"A", "B", "C", "D"});
  CHECK(visited_in({{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C"}}, "x") ==
        Names{"A", "C", "B"});
  CHECK(visited_in({{"targets", "A"}, {"A", "A"}}, "x") == Names{"A"});
}

TEST_CASE("trust: a search visits a bounded number of roles") {
  World world;
  std::string from = "targets";
  for (int i = 0; i < limits::kDelegatedRolesPerSearch + 5; ++i) {
    const std::string role = "r" + std::to_string(i);
    world.repository.delegate(from, role, {"*"});
    from = role;
  }
  world.publish_delegated();
  CHECK(world.visited("x").size() == limits::kDelegatedRolesPerSearch);
}

TEST_CASE("trust: the first role that describes a target wins") {
  World world;
  world.repository.delegate("targets", "A", {"*"});
  world.repository.delegate("targets", "B", {"*"});
  world.repository.add_target("A", "file", "by A");
  world.repository.add_target("B", "file", "by B");
  world.publish_delegated();
  const auto found = must(world.office.find("file"));
  REQUIRE(found.has_value());
  CHECK(found->role == "A");
  CHECK(found->target.length == 4);
}

TEST_CASE("trust: hash bins: the prefix of the path's SHA-256 chooses the role") {
  World world;
  const std::string path = "some/target";
  const std::string hex = to_hex(sha256(as_bytes(path)));
  const std::string other = hex.front() == '0' ? "1" : "0";
  auto& wrong = world.repository.delegate("targets", "wrong", {});
  wrong.path_hash_prefixes = {other, other + "f"};
  auto& right = world.repository.delegate("targets", "right", {});
  right.path_hash_prefixes = {other, hex.substr(0, 3)};
  world.repository.add_target("right", path, "binned");
  world.publish_delegated();
  const auto found = must(world.office.find(path));
  REQUIRE(found.has_value());
  CHECK(found->role == "right");
  CHECK(world.office.version("wrong") == 0);
}

TEST_CASE("trust: a delegated role that cannot be verified ends the search") {
  World world;
  world.repository.delegate("targets", "A", {"*"});
  world.repository.delegate("targets", "B", {"*"});
  world.repository.add_target("B", "file", "by B");
  world.publish_delegated();
  SUBCASE("signed with a wrong key") {
    world.repository.signers["A"].clear();
    world.repository.signers["A"].push_back(SigningKey::generate());
    world.repository.publish({"A", "snapshot", "timestamp"});
  }
  SUBCASE("expired") {
    world.repository.targets["A"].header.expires = world.clock.wall();
    world.repository.publish({"A", "snapshot", "timestamp"});
  }
  SUBCASE("another version than the snapshot lists") {
    ++world.repository.snapshot.roles["A"].version;
    world.repository.metadata["2.A.json"] = world.repository.metadata["1.A.json"];
    world.repository.publish({"snapshot", "timestamp"});
  }
  SUBCASE("not listed in the snapshot") {
    world.repository.snapshot.roles.erase("A");
    world.repository.publish({"snapshot", "timestamp"});
  }
  CHECK(code_of(world.office.find("file")) == ErrorCode::kUntrusted);
  CHECK(world.office.version("A") == 0);
}

TEST_CASE("trust: a stored delegated role that has expired is not used, a newer one is") {
  World world;
  world.repository.targets["targets"].header.expires += std::chrono::days(99);
  for (const std::string role : {"root", "snapshot", "timestamp"}) {
    world.repository.header(role).expires += std::chrono::days(99);
  }
  world.repository.delegate("targets", "A", {"*"});
  world.repository.add_target("A", "file", "by A");
  world.publish_delegated();
  world.repository.publish({"root"});
  CHECK(must(world.office.find("file")).has_value());
  world.office.clock.pass(std::chrono::days(31));
  CHECK(code_of(world.office.find("file")) == ErrorCode::kUntrusted);
  world.repository.targets["A"].header.expires += std::chrono::days(31);
  world.repository.publish({"A", "snapshot", "timestamp"});
  CHECK(must(world.office.find("file")).has_value());
  CHECK(world.office.version("A") == 2);
}

TEST_CASE("trust: two roles that delegate to one name each require their own keys") {
  World world;
  world.repository.delegate("targets", "A", {"a/*"});
  world.repository.delegate("targets", "B", {"b/*"});
  world.repository.delegate("A", "shared", {"a/*"});
  world.repository.delegate("B", "shared", {"b/*"});
  const SigningKey only_b = SigningKey::generate();
  world.repository.targets["B"].delegations.front().keys.keys = {only_b.public_key};
  world.repository.add_target("shared", "a/file", "for A");
  world.repository.add_target("shared", "b/file", "for B");
  world.publish_delegated();

  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  must(client.refresh());
  CHECK(must(client.find_target("a/file")).has_value());
  // The name is known, but the file is not signed by the key that B names.
  CHECK(code_of(client.find_target("b/file")) == ErrorCode::kUntrusted);
  CHECK(must(client.find_target("a/file")).has_value());

  TufClient other_order(world.office.metadata(), world.repository, world.office.clock);
  must(other_order.refresh());
  CHECK(code_of(other_order.find_target("b/file")) == ErrorCode::kUntrusted);
  CHECK(must(other_order.find_target("a/file")).has_value());
}

TEST_CASE("trust: a role replaced through one delegator is no longer trusted through another") {
  World world;
  world.repository.delegate("targets", "A", {"a/*"});
  world.repository.delegate("targets", "B", {"b/*"});
  world.repository.delegate("A", "shared", {"a/*"});
  world.repository.delegate("B", "shared", {"b/*"});
  std::vector<SigningKey> only_b;
  only_b.push_back(SigningKey::generate());
  world.repository.targets["B"].delegations.front().keys.keys = {only_b.front().public_key};
  world.repository.add_target("shared", "a/file", "for A");
  world.repository.add_target("shared", "b/file", "for B");
  world.publish_delegated();
  const Bytes for_a = world.repository.metadata["1.shared.json"];
  world.repository.signers["shared"] = std::move(only_b);
  const Bytes for_b = world.repository.sign("shared", world.repository.encode("shared"));

  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  must(client.refresh());
  CHECK(must(client.find_target("a/file")).has_value());
  world.repository.metadata["1.shared.json"] = for_b;
  CHECK(must(client.find_target("b/file")).has_value());
  CHECK(world.office.stored("shared") == for_b);
  CHECK(code_of(client.find_target("a/file")) == ErrorCode::kUntrusted);
  world.repository.metadata["1.shared.json"] = for_a;
  CHECK(must(client.find_target("a/file")).has_value());
}

TEST_CASE("trust: one file signed for both delegators serves both and is fetched once") {
  World world;
  world.repository.delegate("targets", "A", {"a/*"});
  world.repository.delegate("targets", "B", {"b/*"});
  world.repository.delegate("A", "shared", {"a/*"});
  world.repository.delegate("B", "shared", {"b/*"});
  world.repository.signers["shared"].push_back(SigningKey::generate());
  world.repository.targets["B"].delegations.front().keys.keys = {
      world.repository.signers["shared"].back().public_key};
  world.repository.add_target("shared", "a/file", "for A");
  world.repository.add_target("shared", "b/file", "for B");
  world.publish_delegated();
  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  must(client.refresh());
  CHECK(must(client.find_target("a/file")).has_value());
  CHECK(must(client.find_target("b/file")).has_value());
  const auto& requests = world.repository.requests;
  CHECK(std::count(requests.begin(), requests.end(), "1.shared.json") == 1);
}

TEST_CASE("trust: a revoked delegation is no longer followed, even with a stored file") {
  World world;
  world.repository.delegate("targets", "A", {"*"});
  world.repository.add_target("A", "file", "by A");
  world.publish_delegated();
  CHECK(must(world.office.find("file")).has_value());
  world.repository.targets["targets"].delegations.clear();
  world.repository.publish_all();
  CHECK(world.office.version("A") == 1);
  CHECK_FALSE(must(world.office.find("file")).has_value());
}

TEST_CASE("trust: a delegation cannot claim the name of a top-level role, or a name twice") {
  for (const std::string name : {"root", "timestamp", "snapshot", "targets", ""}) {
    CAPTURE(name);
    World world;
    TufDelegationContent delegation{.name = name};
    delegation.paths = {"*"};
    world.repository.targets["targets"].delegations = {delegation};
    world.repository.publish_all();
    CHECK(code_of(world.office.refresh()) == ErrorCode::kUntrusted);
    CHECK(world.office.version("targets") == 0);
  }
  World world;
  world.repository.delegate("targets", "A", {"*"});
  world.repository.delegate("targets", "A", {"x"});
  world.publish_delegated();
  CHECK(code_of(world.office.refresh()) == ErrorCode::kUntrusted);
}

TEST_CASE("trust: a delegation by paths and by hash prefixes at once is refused") {
  World world;
  world.repository.delegate("targets", "A", {"a/*"});
  json::object both = world.repository.encode("targets");
  both["version"] = 2;
  json::object& delegation = both.at("delegations").at("roles").at(0).as_object();
  delegation["path_hash_prefixes"] = json::array{"0"};
  world.repository.publish({"A", "targets", "snapshot", "timestamp"});
  world.repository.metadata["2.targets.json"] = world.repository.sign("targets", both);
  CHECK(code_of(world.office.refresh()) == ErrorCode::kUntrusted);
  delegation.erase("path_hash_prefixes");
  delegation.erase("paths");  // neither: valid, and covers nothing
  world.repository.metadata["2.targets.json"] = world.repository.sign("targets", both);
  CHECK_FALSE(must(world.office.find("a/x")).has_value());
  CHECK(world.office.version("A") == 0);
}

TEST_CASE("trust: odd role names are quoted in requests and stay in the metadata folder") {
  const std::map<std::string, std::string> names{{"?", "%3F"},
                                                 {"#", "%23"},
                                                 {"/delegatedrole", "%2Fdelegatedrole"},
                                                 {"../delegatedrole", "..%2Fdelegatedrole"},
                                                 {".", "."},
                                                 {"..", ".."},
                                                 {"%2e", "%252e"},
                                                 {"省 录", "%E7%9C%81%20%E5%BD%95"}};
  for (const auto& [role, quoted] : names) {
    CAPTURE(role);
    World world;
    world.repository.delegate("targets", role, {"*"});
    world.publish_delegated();
    CHECK_FALSE(must(world.office.find("nothing")).has_value());
    CHECK(world.repository.requests.back() == "1." + quoted + ".json");
    CHECK(world.office.stored_names().size() == 5);
    CHECK(fs::is_regular_file(world.office.metadata() / (quoted + ".json")));
    CHECK_FALSE(fs::exists(world.office.metadata().parent_path() / "delegatedrole.json"));
  }
}

TEST_CASE("trust: a role name too long for a file system is refused") {
  World world;
  world.repository.targets["targets"].delegations = {
      TufDelegationContent{.name = std::string(300, 'r'),
                           .keys = {.keys = {SigningKey::generate().public_key}},
                           .paths = {"*"}}};
  world.repository.snapshot.roles[std::string(300, 'r')] =
      TufFileInfo{.version = 1, .length = {}, .hashes = {}};
  world.repository.publish_all();
  CHECK(code_of(world.office.find("x")) == ErrorCode::kUntrusted);
  CHECK(world.office.stored_names().size() == 4);
}

TEST_CASE("trust: the keys and paths delegated to a role, and all its targets, can be read") {
  World world;
  world.repository.delegate("targets", "directory", {"directory/*"});
  world.repository.add_target("directory", "directory/1.pack", "one");
  world.repository.add_target("directory", "directory/2.pack", "two");
  world.publish_delegated();
  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  must(client.refresh());
  const Signed<TufTargets>* top = must(client.load_role(kTufTargets, kTufRoot));
  const TufDelegation* delegation = top->body.delegation("directory");
  REQUIRE(delegation != nullptr);
  CHECK(delegation->paths == Names{"directory/*"});
  REQUIRE(delegation->role.key_ids.size() == 1);
  CHECK(top->body.keys.at(delegation->role.key_ids.front()).material ==
        to_hex(world.repository.signers["directory"].front().public_key));
  CHECK(must(client.load_role("directory"))->body.targets.size() == 2);
  CHECK(code_of(client.load_role("stranger")) == ErrorCode::kUntrusted);
}

}  // namespace rootlet::test
