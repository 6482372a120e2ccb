// The top-level roles: requests, refusals, and the files on disk afterwards.
#include <doctest/doctest.h>

#include "core/limits.hpp"
#include "tests/sync/trust/simulator.hpp"

namespace rootlet::test {
namespace {

using Names = std::vector<std::string>;

struct World {
  FakeClock clock;
  Simulator repository{clock.wall()};
  TestOffice office{repository};

  // After a refusal no refused file is on disk: each stored file was served when it was accepted.
  void refused() {
    const Status done = office.refresh();
    REQUIRE(done.has_error());
    CHECK(done.error().code == ErrorCode::kUntrusted);
  }
};

const Names kFour{"root.json", "snapshot.json", "targets.json", "timestamp.json"};

}  // namespace

TEST_CASE("trust: a first refresh requests five files in order and keeps exactly their bytes") {
  World world;
  world.repository.metadata["timestamp.json"].push_back(' ');
  must(world.office.refresh());
  CHECK(world.repository.requests ==
        Names{"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"});
  CHECK(world.office.stored_names() == kFour);
  CHECK(world.office.stored("root") == world.repository.metadata["1.root.json"]);
  CHECK(world.office.stored("timestamp") == world.repository.metadata["timestamp.json"]);
  CHECK(world.office.stored("snapshot") == world.repository.metadata["1.snapshot.json"]);
  CHECK(world.office.stored("targets") == world.repository.metadata["1.targets.json"]);
}

TEST_CASE("trust: a refresh without news requests only the next root and the timestamp") {
  World world;
  must(world.office.refresh());
  world.repository.requests.clear();
  must(world.office.refresh());
  CHECK(world.repository.requests == Names{"2.root.json", "timestamp.json"});
}

TEST_CASE("trust: without consistent snapshots the names have no versions") {
  World world;
  world.repository.consistent_snapshot = false;
  world.repository.publish({"root", "targets", "snapshot", "timestamp"});
  must(world.office.refresh());
  CHECK(world.repository.requests ==
        Names{"2.root.json", "3.root.json", "timestamp.json", "snapshot.json", "targets.json"});
  CHECK(world.office.version("targets") == 2);
}

TEST_CASE("trust: a root that its own keys did not sign cannot be installed") {
  World world;
  TempDir fresh;
  const Bytes forged = must(sign_metadata(world.repository.encode("root"), TufSigningKeys{}));
  CHECK(code_of(TufClient::install_root(fresh / "m", forged)) == ErrorCode::kUntrusted);
  CHECK_FALSE(fs::exists(fresh / "m"));
}

TEST_CASE("trust: a damaged stored root stops the client before any request") {
  World world;
  must(write_file_atomically(world.office.metadata() / "root.json", as_bytes("{}")));
  world.refused();
  CHECK(world.repository.requests.empty());
}

TEST_CASE("trust: arbitrary software: unsigned metadata of any role is refused and not stored") {
  const std::map<std::string, Names> stored{
      {"root", {"root.json"}},
      {"timestamp", {"root.json"}},
      {"snapshot", {"root.json", "timestamp.json"}},
      {"targets", {"root.json", "snapshot.json", "timestamp.json"}}};
  for (const auto& [role, names] : stored) {
    CAPTURE(role);
    World world;
    world.repository.signers[role].clear();
    world.repository.signers[role].push_back(SigningKey::generate());  // the wrong key
    world.repository.publish({"root", "targets", "snapshot", "timestamp"});
    world.refused();
    CHECK(world.office.stored_names() == names);
    CHECK(world.office.version("root") == (role == "root" ? 1 : 2));
  }
}

TEST_CASE("trust: mix and match: a version other than the one in the file's name is refused") {
  for (const std::string role : {"root", "snapshot", "targets"}) {
    CAPTURE(role);
    World world;
    const std::string name = world.repository.served_name(role, 2);
    world.repository.publish({"root", "targets", "snapshot", "timestamp"});
    world.repository.header(role).version = 3;
    world.repository.metadata[name] = world.repository.sign(role, world.repository.encode(role));
    world.refused();
    CHECK(world.office.version(role) == (role == "root" ? 1 : 0));
  }
}

TEST_CASE("trust: the same root version again is discarded and the update continues") {
  World world;
  world.repository.metadata["2.root.json"] = world.repository.metadata["1.root.json"];
  must(world.office.refresh());
  CHECK(world.office.version("root") == 1);
}

TEST_CASE("trust: rollback of the root is refused") {
  World world;
  world.repository.publish({"root"});
  must(world.office.refresh());
  world.repository.metadata["3.root.json"] = world.repository.metadata["1.root.json"];
  world.refused();
  CHECK(world.office.version("root") == 2);
}

TEST_CASE("trust: every intermediate root is checked and the last one is kept") {
  World world;
  for (int i = 0; i < 5; ++i) {
    const SigningKey old = std::move(world.repository.signers["root"].front());
    world.repository.rotate_keys("root");
    world.repository.signers["root"].push_back(
        SigningKey::from_seed(old.seed()));  // signs again, together with the new key
    world.repository.publish({"root"});
    world.repository.signers["root"].pop_back();
  }
  must(world.office.refresh());
  CHECK(world.office.version("root") == 6);
  world.repository.metadata.erase("3.root.json");
  TestOffice late(world.repository);
  must(late.refresh());
  CHECK(late.version("root") == 2);  // the chain of roots ends at a missing one
}

TEST_CASE("trust: an intermediate root may be expired, the last one may not (freeze)") {
  World world;
  world.repository.root.header.expires = world.clock.wall() - std::chrono::days(1);
  world.repository.publish({"root"});
  world.refused();
  CHECK(world.office.version("root") == 2);  // kept: the next one may follow it
  CHECK(world.office.version("timestamp") == 0);
  world.repository.root.header.expires = world.repository.later();
  world.repository.publish({"root"});
  must(world.office.refresh());
  CHECK(world.office.version("root") == 3);
}

TEST_CASE("trust: a refresh takes a bounded number of roots and the next one continues") {
  World world;
  for (int i = 0; i < limits::kRootRotationsPerRefresh + 3; ++i) world.repository.publish({"root"});
  must(world.office.refresh());
  CHECK(world.office.version("root") == limits::kRootRotationsPerRefresh + 1);
  must(world.office.refresh());
  CHECK(world.office.version("root") == limits::kRootRotationsPerRefresh + 4);
}

TEST_CASE("trust: freeze: expired metadata of any role is refused") {
  for (const std::string role : {"timestamp", "snapshot", "targets"}) {
    CAPTURE(role);
    World world;
    must(world.office.refresh());
    world.repository.header(role).expires = world.clock.wall() - std::chrono::days(1);
    world.repository.publish_all();
    world.refused();
    CHECK(world.office.version(role) == 1);
  }
}

TEST_CASE("trust: freeze: the stored timestamp is refused once it has expired") {
  World world;
  world.repository.timestamp.header.expires = world.clock.wall() + std::chrono::days(1);
  world.repository.publish({"timestamp"});
  must(world.office.refresh());
  world.office.clock.pass(std::chrono::days(2));  // everything else is still valid
  world.refused();
}

TEST_CASE("trust: freeze: the stored snapshot is refused once it has expired") {
  World world;
  world.repository.snapshot.header.expires = world.clock.wall() + std::chrono::days(1);
  world.repository.publish({"snapshot", "timestamp"});
  must(world.office.refresh());
  world.office.clock.pass(std::chrono::days(2));  // everything else is still valid
  world.refused();
}

TEST_CASE("trust: expired stored metadata still detects a rollback, and can be updated") {
  World world;
  world.repository.root.header.expires = world.repository.later() + std::chrono::days(99);
  world.repository.publish({"root", "timestamp"});
  must(world.office.refresh());
  world.office.clock.pass(std::chrono::days(31));
  const UnixTime fresh = world.repository.later() + std::chrono::days(60);
  for (const std::string role : {"timestamp", "snapshot", "targets"}) {
    world.repository.header(role).expires = fresh;
  }
  world.repository.publish({"targets", "snapshot"});
  world.repository.timestamp.header.version = 1;
  world.repository.publish_as_is("timestamp");
  world.refused();  // version 1 after version 2
  CHECK(world.office.version("timestamp") == 2);
  world.repository.timestamp.header.version = 3;
  world.repository.publish_as_is("timestamp");
  must(world.office.refresh());
  CHECK(world.office.version("timestamp") == 3);
  CHECK(world.office.version("targets") == 2);
}

TEST_CASE("trust: rollback of the timestamp is refused") {
  World world;
  world.repository.publish({"timestamp"});
  must(world.office.refresh());
  world.repository.timestamp.header.version = 1;
  world.repository.publish_as_is("timestamp");
  world.refused();
  CHECK(world.office.version("timestamp") == 2);
}

TEST_CASE("trust: a changed timestamp of the same version is ignored") {
  World world;
  must(world.office.refresh());
  const Bytes before = world.office.stored("timestamp");
  world.repository.timestamp.snapshot.version = 100;
  world.repository.publish_as_is("timestamp");
  must(world.office.refresh());
  CHECK(world.office.stored("timestamp") == before);
  CHECK(world.repository.requests.back() == "timestamp.json");
}

TEST_CASE("trust: rollback of the snapshot is refused, with and without hashes") {
  for (const bool hashes : {false, true}) {
    World world;
    world.repository.lists_hashes = hashes;
    world.repository.publish_all();
    must(world.office.refresh());
    world.repository.snapshot.header.version = 1;
    world.repository.publish_as_is("snapshot");
    world.repository.publish({"timestamp"});
    world.refused();
    CHECK(world.office.version("snapshot") == 2);
    CHECK(world.office.version("timestamp") == 2);
  }
}

TEST_CASE("trust: rollback of targets in the snapshot is refused, with and without hashes") {
  for (const bool hashes : {false, true}) {
    World world;
    world.repository.lists_hashes = hashes;
    world.repository.publish_all();
    must(world.office.refresh());
    world.repository.targets["targets"].header.version = 1;
    world.repository.publish_as_is("targets");
    world.repository.publish({"snapshot", "timestamp"});
    world.refused();
    CHECK(world.office.version("snapshot") == 2);
    CHECK(world.office.version("targets") == 2);
  }
}

TEST_CASE("trust: a role that disappears from the snapshot is refused") {
  World world;
  world.repository.delegate("targets", "extra", {"*"});
  world.repository.publish({"extra", "targets", "snapshot", "timestamp"});
  must(world.office.refresh());
  world.repository.snapshot.roles.erase("extra");
  world.repository.publish({"snapshot", "timestamp"});
  world.refused();
  CHECK(world.office.version("snapshot") == 2);
}

TEST_CASE("trust: a snapshot that lost its timestamp on disk still guards against rollback") {
  World world;
  world.repository.publish({"snapshot", "timestamp"});
  must(world.office.refresh());
  must(remove_file(world.office.metadata() / "timestamp.json"));
  world.repository.timestamp.snapshot.version = 1;
  world.repository.publish({"timestamp"});
  world.refused();
  CHECK(world.office.version("snapshot") == 2);
}

TEST_CASE("trust: mix and match: a signed file that is not the listed one is refused") {
  for (const std::string role : {"snapshot", "targets"}) {
    CAPTURE(role);
    World world;
    world.repository.lists_hashes = true;
    world.repository.publish_all();
    // Validly signed, with the same version and length.
    world.repository.header(role).expires += std::chrono::days(1);
    world.repository.metadata[world.repository.served_name(role, 2)] =
        world.repository.sign(role, world.repository.encode(role));
    world.refused();
    CHECK(world.office.version(role) == 0);
  }
}

TEST_CASE("trust: a file whose length differs from the listed one is refused") {
  for (const std::string role : {"snapshot", "targets"}) {
    for (const bool longer : {false, true}) {
      World world;
      world.repository.lists_hashes = true;
      world.repository.publish_all();
      world.repository.ignores_limits = true;
      Bytes& served = world.repository.metadata[world.repository.served_name(role, 2)];
      longer ? served.push_back(' ') : served.pop_back();
      world.refused();
      CHECK(world.office.version(role) == 0);
    }
  }
}

TEST_CASE("trust: a stored snapshot that is not the listed one is fetched again") {
  World world;
  world.repository.lists_hashes = true;
  world.repository.publish_all();
  must(world.office.refresh());
  Bytes same_but_longer = world.office.stored("snapshot");
  same_but_longer.push_back('\n');
  must(write_file_atomically(world.office.metadata() / "snapshot.json", same_but_longer));
  world.repository.requests.clear();
  must(world.office.refresh());
  CHECK(world.repository.requests.back() == "2.snapshot.json");
  CHECK(world.office.stored("snapshot") == world.repository.metadata["2.snapshot.json"]);
}

TEST_CASE("trust: damaged stored metadata costs a download and nothing more") {
  for (const std::string role : {"timestamp", "snapshot", "targets"}) {
    CAPTURE(role);
    World world;
    must(world.office.refresh());
    must(write_file_atomically(world.office.metadata() / (role + ".json"), as_bytes("{\"sig")));
    must(world.office.refresh());
    CHECK(world.office.version(role) == 1);
  }
}

TEST_CASE("trust: endless data is cut off at every role, even if the fetcher ignores the limit") {
  const std::map<std::string, std::size_t> limit{{"root", limits::kRootBytes},
                                                 {"timestamp", limits::kTimestampBytes},
                                                 {"snapshot", limits::kSnapshotBytes},
                                                 {"targets", limits::kTargetsBytes}};
  for (const auto& [role, bytes] : limit) {
    CAPTURE(role);
    World world;
    world.repository.publish({"root", "targets", "snapshot", "timestamp"});
    world.repository.ignores_limits = true;
    Bytes& served = world.repository.metadata[world.repository.served_name(role, 2)];
    served.resize(bytes, ' ');  // still valid and within the limit
    must(TestOffice(world.repository).refresh());
    served.push_back(' ');
    world.refused();
    CHECK(world.office.version(role) == (role == "root" ? 1 : 0));
  }
}

TEST_CASE("trust: a listed length above the limit of its role is refused before any download") {
  World world;
  world.repository.timestamp.snapshot.length = limits::kSnapshotBytes + 1;
  world.repository.publish({"timestamp"});
  world.refused();
  CHECK(world.repository.requests.back() == "timestamp.json");
}

TEST_CASE("trust: metadata of another kind under a role's name is refused") {
  World world;
  // The snapshot's key may sign timestamps, and its content reads like one.
  world.repository.root.timestamp.keys.push_back(
      world.repository.signers["snapshot"].front().public_key);
  world.repository.publish({"root"});
  json::object forged = world.repository.encode("snapshot");
  forged["meta"].as_object()["snapshot.json"] = json::object{{"version", 1}};
  world.repository.metadata["timestamp.json"] = world.repository.sign("snapshot", forged);
  world.refused();
  CHECK(world.office.stored_names() == Names{"root.json"});
}

TEST_CASE("trust: a missing timestamp, snapshot or targets file stops the update") {
  for (const std::string role : {"timestamp", "snapshot", "targets"}) {
    CAPTURE(role);
    World world;
    world.repository.publish_all();
    world.repository.metadata.erase(world.repository.served_name(role, 2));
    CHECK(code_of(world.office.refresh()) == ErrorCode::kUnreachable);
    CHECK(world.office.version(role) == 0);
  }
}

TEST_CASE("trust: fast-forward recovery: new timestamp keys allow a lower timestamp version") {
  World world;
  for (int i = 0; i < 99; ++i) world.repository.publish({"timestamp"});
  must(world.office.refresh());
  CHECK(world.office.version("timestamp") == 100);
  world.repository.rotate_keys("timestamp");
  world.repository.publish({"root"});
  world.repository.timestamp.header.version = 1;
  world.repository.publish_as_is("timestamp");
  must(world.office.refresh());
  CHECK(world.office.version("timestamp") == 1);
}

TEST_CASE("trust: fast-forward recovery: new snapshot keys allow lower snapshot and targets") {
  World world;
  world.repository.snapshot.header.version = 99'999;
  world.repository.targets["targets"].header.version = 500;
  world.repository.publish_all();
  must(world.office.refresh());
  CHECK(world.office.version("snapshot") == 100'000);
  world.repository.rotate_keys("snapshot");
  world.repository.publish({"root"});
  world.repository.snapshot.header.version = 1;
  world.repository.targets["targets"].header.version = 2;
  world.repository.publish_all();
  must(world.office.refresh());
  CHECK(world.office.version("snapshot") == 2);
  CHECK(world.office.version("targets") == 3);
}

TEST_CASE("trust: fast-forward recovery: one revoked key of two is enough") {
  World world;
  world.repository.add_key("timestamp");  // either of the two may sign, and both do
  world.repository.publish({"root"});
  world.repository.timestamp.header.version = 500;
  world.repository.publish({"timestamp"});
  must(world.office.refresh());
  CHECK(world.office.version("timestamp") == 501);
  world.repository.root.timestamp.keys.erase(world.repository.root.timestamp.keys.begin());
  auto& signers = world.repository.signers["timestamp"];
  signers.erase(signers.begin());
  world.repository.publish({"root"});
  world.repository.timestamp.header.version = 1;
  world.repository.publish_as_is("timestamp");
  must(world.office.refresh());
  CHECK(world.office.version("timestamp") == 1);
}

TEST_CASE("trust: fast-forward recovery: new timestamp keys also allow a lower snapshot version") {
  World world;
  world.repository.snapshot.header.version = 99'999;
  world.repository.publish({"snapshot", "timestamp"});
  must(world.office.refresh());
  world.repository.rotate_keys("timestamp");
  world.repository.publish({"root"});
  world.repository.snapshot.header.version = 1;
  world.repository.publish({"snapshot", "timestamp"});
  must(world.office.refresh());
  CHECK(world.office.version("snapshot") == 2);
}

TEST_CASE("trust: an added key alone does not allow a rollback") {
  World world;
  world.repository.publish_all();
  must(world.office.refresh());
  world.repository.add_key("snapshot");
  world.repository.add_key("timestamp");
  world.repository.publish({"root"});
  world.repository.timestamp.header.version = 1;
  world.repository.publish_as_is("timestamp");
  world.refused();
  CHECK(world.office.version("timestamp") == 2);
}

TEST_CASE("trust: unknown fields are signed with the rest and returned to the caller") {
  World world;
  world.repository.timestamp.header.custom["x-rootlet-issued"] = "2026-09-21T00:00:00Z";
  world.repository.root.header.custom["x-any"] = {{"a", 1}, {"b", json::array{true, nullptr}}};
  world.repository.publish({"root", "timestamp"});
  must(world.office.refresh());
  const TufStanding standing =
      must(TufClient::standing(world.office.metadata(), world.clock.wall()));
  CHECK(standing.root_version == 2);
  CHECK(standing.timestamp_version == 2);
  CHECK(standing.is_fresh);
  CHECK(standing.timestamp_fields.at("x-rootlet-issued").as_string() == "2026-09-21T00:00:00Z");
}

TEST_CASE("trust: a custom field changed after signing breaks the signature") {
  World world;
  world.repository.timestamp.header.custom["x-any"] = "one";
  world.repository.publish({"timestamp"});
  std::string text(as_text(world.repository.metadata["timestamp.json"]));
  text.replace(text.find("\"one\""), 5, "\"two\"");
  world.repository.metadata["timestamp.json"] = to_bytes(text);
  world.refused();
}

TEST_CASE("trust: another major version of the specification is refused") {
  World world;
  json::object signed_part = world.repository.encode("timestamp");
  signed_part["version"] = 2;
  signed_part["spec_version"] = "2.0.0";
  world.repository.metadata["timestamp.json"] = world.repository.sign("timestamp", signed_part);
  world.refused();
}

TEST_CASE("trust: a poll without news is one request") {
  World world;
  must(world.office.refresh());
  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  world.repository.requests.clear();
  CHECK_FALSE(must(client.has_news()));
  world.repository.answers_not_modified = true;
  CHECK_FALSE(must(client.has_news()));
  CHECK(world.repository.requests == Names{"timestamp.json", "timestamp.json"});
  world.office.clock.pass(std::chrono::days(31));
  CHECK(must(client.has_news()));  // unchanged but expired: the refresh reports it
}

TEST_CASE("trust: the refresh after a poll with news uses its timestamp") {
  World world;
  must(world.office.refresh());
  world.repository.publish_all();
  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  world.repository.requests.clear();
  CHECK(must(client.has_news()));
  must(client.refresh());
  CHECK(world.repository.requests ==
        Names{"timestamp.json", "2.root.json", "2.snapshot.json", "2.targets.json"});
  CHECK(world.office.version("timestamp") == 2);
}

}  // namespace rootlet::test
