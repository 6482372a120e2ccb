// Files that hold many packs: where each lies, what damage costs, and when a file goes.
#include "platform/repository/pack_files.hpp"

#include <algorithm>
#include <fstream>

#include "platform/repository/repository.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/plan.hpp"
#include "tests/platform/repository/publishing_realm.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

// Four counties of one prefecture, and so of one group.
People people_of(int members) {
  People people;
  for (int i = 0; i < 40; ++i) {
    people["p" + std::to_string(i)] = {"11010" + std::to_string(1 + i % 4),
                                       std::to_string(members + i % 3), ""};
  }
  return people;
}

std::vector<PackEntry> live_packs(PublishingRealm& world) {
  std::vector<PackEntry> packs = must(world.registry().packs("people"));
  std::erase_if(packs, [](const PackEntry& pack) { return pack.retired.has_value(); });
  return packs;
}

std::size_t files_below(const fs::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  return files;
}

void flip_byte(const fs::path& path, std::uint64_t offset) {
  Bytes bytes = must(read_file(path, 1 << 20));
  bytes.at(offset) ^= 1;
  must(write_file_atomically(path, bytes));
}

// From nothing to the newest version, over packs whose bytes are what was published.
void check_all_reachable(PublishingRealm& world) {
  const PackFiles files(world.repository());
  for (const StreamEntry& stream : must(world.registry().streams("people"))) {
    std::vector<PackEdge> edges;
    for (const PackEntry& pack : must(world.registry().packs_of(stream.name))) {
      if (pack.retired.has_value()) continue;
      CHECK(files.check(pack).has_value());
      edges.push_back({pack.from, pack.to, pack.file_bytes});
    }
    CHECK(plan_packs(edges, 0, stream.version).has_value());
  }
}

}  // namespace

TEST_CASE("pack files: appended packs lie one behind the other, a file of another run is dropped") {
  const TempDir folder;
  must(make_directory((folder / "packs/33")));
  std::ofstream(folder / "packs/33/7.packs") << "of a run that was killed";
  PackFiles files(folder.path());
  CHECK(must(files.append("packs/33/7.packs", as_bytes("abc"))) == 0);
  CHECK(must(files.append("packs/33/7.packs", as_bytes("de"))) == 3);
  CHECK(must(files.append("packs/all/7.packs", as_bytes("f"))) == 0);
  must(files.flush());
  CHECK(must(files.read("packs/33/7.packs", 0, 5)) == to_bytes("abcde"));
  CHECK(must(files.read("packs/33/7.packs", 3, 2)) == to_bytes("de"));
  CHECK(code_of(files.read("packs/33/7.packs", 3, 3)) == ErrorCode::kStorage);
  CHECK(code_of(files.read("packs/33/7.packs", 9, 1)) == ErrorCode::kStorage);
  const std::string stamp = files.stamp_of("packs/33/7.packs");
  CHECK_FALSE(stamp.empty());
  CHECK(files.stamp_of("packs/33/8.packs").empty());
  std::ofstream(folder / "packs/33/7.packs", std::ios::app) << "x";
  CHECK(files.stamp_of("packs/33/7.packs") != stamp);
}

TEST_CASE("pack files: the packs of one publish share a file for each group of divisions") {
  PublishingRealm world;
  People people = people_of(1);
  for (int i = 0; i < 3; ++i)
    people["q" + std::to_string(i)] = {"12010" + std::to_string(i), "1", ""};
  world.publish(people);
  CHECK(files_below(world.repository() / "packs") == 2);
  CHECK(live_packs(world).size() == 7);
  CHECK(must(world.registry().pack_files("people")).size() == 2);
  for (const PackFileEntry& file : must(world.registry().pack_files("people"))) {
    std::vector<PackEntry> packs = must(world.registry().packs_in(file));
    std::sort(packs.begin(), packs.end(),
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
    std::uint64_t end = 0;
    for (const PackEntry& pack : packs) {
      CHECK(pack.offset == end);
      end += pack.file_bytes;
    }
    CHECK(fs::file_size(world.repository() / path_of_file(file)) == end);
    CHECK_FALSE(file.stamp.empty());
  }
  check_all_reachable(world);
  CHECK(world.problems().empty());
}

TEST_CASE("pack files: a number is used once, also when an older registry comes back") {
  PublishingRealm world;
  if (!test_database(world.path()).empty()) return;  // it copies the registry's file
  std::vector<std::int64_t> used;
  const auto publish = [&](int members) {
    world.publish(people_of(members));
    for (const PackFileEntry& file : must(world.registry().pack_files("people"))) {
      used.push_back(file.file);
    }
  };
  publish(1);
  publish(2);  // within the same second
  // Files of the directory have numbers of the same row.
  CHECK(used.front() >= world.clock.wall().time_since_epoch().count());
  CHECK(*std::max_element(used.begin(), used.end()) > used.front());
  world.close();
  const TempDir copy;
  fs::copy(world.path(), copy / "older", fs::copy_options::recursive);
  publish(3);
  const std::int64_t last = *std::max_element(used.begin(), used.end());
  world.close();
  for (const char* part : {"platform.db", "state"}) {
    fs::remove_all(world.path() / part);
    fs::copy(copy / ("older/" + std::string(part)), world.path() / part,
             fs::copy_options::recursive);
  }
  for (const char* part : {"platform.db-wal", "platform.db-shm"}) fs::remove(world.path() / part);
  world.clock.pass(std::chrono::hours(1));
  used.clear();
  publish(4);
  CHECK(*std::max_element(used.begin(), used.end()) > last);
}

TEST_CASE("pack files: a damaged pack is replaced by a snapshot, its neighbours stay") {
  PublishingRealm world;
  People people;
  for (int i = 0; i < 3; ++i) people["p" + std::to_string(i)] = {"110101", "1", ""};
  for (int i = 0; i < 3; ++i) people["q" + std::to_string(i)] = {"110102", "1", ""};
  world.publish(people);
  const std::vector<PackEntry> before = live_packs(world);
  REQUIRE(before.size() == 2);
  const PackEntry& damaged = before.front();
  CHECK(damaged.file == before.back().file);
  flip_byte(world.repository() / path_of_file(damaged), damaged.offset + damaged.file_bytes - 1);
  CHECK(world.problems().size() == 1);
  const PublishReport report = world.publish(people);
  CHECK(report.partitions == 0);
  CHECK(report.packs == 1);
  CHECK(world.problems().empty());
  const std::vector<PackEntry> after = live_packs(world);
  REQUIRE(after.size() == 2);
  CHECK(after.back() == before.back());
  CHECK(after.front().file != damaged.file);
  CHECK(world.publish(people).packs == 0);
}

TEST_CASE("pack files: a lost file comes back as snapshots of all its streams") {
  PublishingRealm world;
  const People people = people_of(1);
  world.publish(people);
  for (const PackFileEntry& file : must(world.registry().pack_files("people"))) {
    fs::remove(world.repository() / path_of_file(file));
  }
  CHECK_FALSE(world.problems().empty());
  world.publish(people);
  check_all_reachable(world);
  CHECK(world.problems().empty());
}

TEST_CASE("pack files: a stream of which the registry lost the packs gets a snapshot") {
  PublishingRealm world;
  const People people = people_of(1);
  world.publish(people);
  for (const PackEntry& pack : live_packs(world)) must(world.registry().remove_pack(pack));
  world.publish(people);
  check_all_reachable(world);
}

TEST_CASE("pack files: a file goes once all its packs have been retired for long") {
  PublishingRealm world;
  for (int round = 0; round < 12; ++round) {
    world.publish(people_of(round));
    world.clock.pass(std::chrono::days(1));
  }
  const auto is_there = [&](const PackFileEntry& file) {
    return fs::exists(world.repository() / path_of_file(file));
  };
  const std::vector<PackFileEntry> files = must(world.registry().pack_files("people"));
  CHECK(std::all_of(files.begin(), files.end(), is_there));
  world.clock.pass(kRetiredPackLife);
  world.publish(people_of(20));
  const std::vector<PackFileEntry> left = must(world.registry().pack_files("people"));
  CHECK(left.size() < files.size());
  CHECK(std::all_of(left.begin(), left.end(), is_there));
  CHECK(files_below(world.repository() / "packs") == left.size());
  check_all_reachable(world);
  CHECK(world.problems().empty());
}
