// Targets: only whole, verified files appear, and only missing ones are fetched.
#include <doctest/doctest.h>
#include <openssl/evp.h>

#include "tests/sync/trust/simulator.hpp"

namespace rootlet::test {
namespace {

using Names = std::vector<std::string>;

struct World {
  FakeClock clock;
  Simulator repository{clock.wall()};
  TestOffice office{repository};

  std::string content(const std::string& path) {
    const fs::path file = must(office.download(path));
    return must(read_text_file(file, 1 << 20));
  }
};

std::string hex_of(const EVP_MD* algorithm, std::string_view content) {
  std::uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  REQUIRE(EVP_Digest(content.data(), content.size(), hash, &size, algorithm, nullptr) == 1);
  return to_hex({hash, size});
}

}  // namespace

TEST_CASE("trust: a target is fetched by its hash, stored under its name, and not fetched twice") {
  World world;
  world.repository.add_target("targets", "path/to/a file", "twenty-one bytes here");
  world.repository.publish_all();
  CHECK(world.content("path/to/a file") == "twenty-one bytes here");
  CHECK(world.office.target_names() == Names{"path%2Fto%2Fa%20file"});
  const std::size_t asked = world.repository.requests.size();
  CHECK(world.content("path/to/a file") == "twenty-one bytes here");
  CHECK(world.repository.requests.size() == asked + 2);  // next root and timestamp
}

TEST_CASE("trust: a target that changed is fetched again into the same file") {
  World world;
  world.repository.add_target("targets", "file", "one");
  world.repository.publish_all();
  CHECK(world.content("file") == "one");
  world.repository.add_target("targets", "file", "two, and longer");
  world.repository.publish_all();
  CHECK(world.content("file") == "two, and longer");
  CHECK(world.office.target_names() == Names{"file"});
}

TEST_CASE("trust: a stored target that was altered on disk is fetched again") {
  World world;
  world.repository.add_target("targets", "file", "right");
  world.repository.publish_all();
  CHECK(world.content("file") == "right");
  must(write_file_atomically(world.office.downloads() / "file", as_bytes("wrong")));
  CHECK(world.content("file") == "right");
}

TEST_CASE("trust: substituted, truncated and endless targets are refused and leave no file") {
  World world;
  world.repository.add_target("targets", "file", "sixteen bytes ok");
  world.repository.publish_all();
  Bytes& served = world.repository.target_files.begin()->second;
  SUBCASE("substituted") {
    served[3] ^= 1;
  }
  SUBCASE("truncated") {
    served.pop_back();
  }
  SUBCASE("empty") {
    served.clear();
  }
  SUBCASE("endless") {
    world.repository.ignores_limits = true;
    served.resize(1 << 20, 'x');
  }
  CHECK(code_of(world.office.download("file")) == ErrorCode::kUntrusted);
  CHECK(world.office.target_names().empty());
}

TEST_CASE("trust: endless data stops at the signed length, not at the end of the download") {
  World world;
  world.repository.add_target("targets", "file", "sixteen bytes ok");
  world.repository.publish_all();
  world.repository.ignores_limits = true;
  world.repository.target_files.begin()->second.resize(1 << 20, 'x');
  TufClient client(world.office.metadata(), world.repository, world.office.clock);
  must(client.refresh());
  const auto found = must(client.find_target("file"));
  REQUIRE(found.has_value());
  std::size_t taken = 0;
  const Status done = client.download(*found, [&](ByteView bytes) -> Status {
    taken += bytes.size();
    return ok();
  });
  CHECK(code_of(done) == ErrorCode::kUntrusted);
  CHECK(taken <= 16);
}

TEST_CASE("trust: a target with the right hash and the wrong length is refused") {
  World world;
  world.repository.add_target("targets", "file", "content");
  ++world.repository.targets["targets"].targets["file"].length;
  world.repository.publish_all();
  CHECK(code_of(world.office.download("file")) == ErrorCode::kUntrusted);
  CHECK(world.office.target_names().empty());
}

TEST_CASE("trust: a target without any hash is refused with the metadata that lists it") {
  World world;
  world.repository.targets["targets"].targets["file"].length = 7;
  world.repository.publish_all();
  CHECK(code_of(world.office.refresh()) == ErrorCode::kUntrusted);
  CHECK(world.office.version("targets") == 0);
}

TEST_CASE("trust: a target that the repository does not have is an error, not an empty file") {
  World world;
  world.repository.add_target("targets", "file", "content");
  world.repository.target_files.clear();
  world.repository.publish_all();
  CHECK(code_of(world.office.download("file")) == ErrorCode::kUnreachable);
  CHECK(world.office.target_names().empty());
}

TEST_CASE("trust: an empty target is valid") {
  World world;
  world.repository.add_target("targets", "empty", "");
  world.repository.publish_all();
  CHECK(world.content("empty").empty());
}

TEST_CASE("trust: every known hash must match, and one must be known") {
  const std::string content = "hashed content";
  const std::string right_256 = hex_of(EVP_sha256(), content);
  const std::string right_384 = hex_of(EVP_sha384(), content);
  const std::string right_512 = hex_of(EVP_sha512(), content);
  const std::string wrong_512 = hex_of(EVP_sha512(), "other");
  const std::vector<std::pair<TufHashes, bool>> cases{
      {{{"sha256", right_256}}, true},
      {{{"sha384", right_384}}, true},
      {{{"sha512", right_512}}, true},
      {{{"sha256", right_256}, {"sha512", right_512}}, true},
      {{{"sha256", right_256}, {"sha512", wrong_512}}, false},
      {{{"sha256", right_256}, {"novel", "00"}}, true},
      {{{"novel", right_512}}, false},
      {{{"sha256", right_512}}, false}};
  for (const auto& [hashes, accepted] : cases) {
    World world;
    TufTarget target;
    target.length = content.size();
    target.hashes = hashes;
    world.repository.targets["targets"].targets["file"] = target;
    for (const auto& [name, hex] : hashes) {
      world.repository.target_files[hex + ".file"] = to_bytes(content);
    }
    world.repository.publish_all();
    CHECK(world.office.download("file").has_value() == accepted);
    CHECK(world.office.target_names().empty() == !accepted);
  }
}

TEST_CASE("trust: targets with odd names stay in the folder they belong to") {
  World world;
  for (const std::string path : {"/rooted", "a//b", "~", "名 册.csv", "x=y", "c:\\d"}) {
    world.repository.add_target("targets", path, path);
  }
  world.repository.publish_all();
  for (const std::string path : {"/rooted", "a//b", "~", "名 册.csv", "x=y", "c:\\d"}) {
    CAPTURE(path);
    CHECK(world.content(path) == path);
  }
  CHECK(world.office.target_names().size() == 6);
}

TEST_CASE("trust: a target path with \"..\" is refused and never requested") {
  World world;
  world.repository.targets["targets"].targets["../../etc/passwd"] =
      describe_target(as_bytes("root"));
  world.repository.publish_all();
  CHECK(code_of(world.office.download("../../etc/passwd")) == ErrorCode::kUntrusted);
  CHECK(world.repository.requests.back() == "2.targets.json");
  CHECK(world.office.target_names().empty());
}

TEST_CASE("trust: an invalid hash cannot change the address of a target") {
  World world;
  TufTarget target = describe_target(as_bytes("x"));
  target.hashes = {{"novel", "../../evil"}, target.hashes.front()};
  world.repository.targets["targets"].targets["file"] = target;
  world.repository.publish_all();
  CHECK(code_of(world.office.refresh()) == ErrorCode::kUntrusted);
}

TEST_CASE("trust: custom data of a target reaches the caller") {
  World world;
  world.repository.add_target("targets", "file", "content");
  world.repository.targets["targets"].targets["file"].custom["packs"] = 3;
  world.repository.publish_all();
  const auto found = must(world.office.find("file"));
  REQUIRE(found.has_value());
  CHECK(found->target.custom.at("packs").as_int64() == 3);
}

}  // namespace rootlet::test
