// The order in which a bucket gets a new state, and what stays while a publish is unfinished.
#include "platform/bucket/bucket_plan.hpp"

#include <doctest/doctest.h>

#include "platform/bucket/bucket.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;

namespace {

// A file that changes under its name has its digest from `state`.
BucketFile file(const std::string& path, std::uint8_t state = 1) {
  BucketFile out{.path = path, .stamp = std::to_string(state), .bytes = 1};
  if (path == kTimestampPath || path.starts_with("news/")) {
    out.content = Bytes{state};
    out.digest[0] = state;
  }
  return out;
}

PlacedFiles placed_of(const std::vector<BucketFile>& files) {
  PlacedFiles placed;
  for (const BucketFile& one : files) {
    placed[one.path] = {.stamp = one.stamp, .digest = one.digest};
  }
  return placed;
}

std::vector<std::string> names(const BucketPlan& plan) {
  std::vector<std::string> out;
  for (const BucketFile& one : plan.files) out.push_back(one.path);
  return out;
}

}  // namespace

TEST_CASE("bucket: files come before what leads to them, root and timestamp last, then the news") {
  const BucketPlan plan =
      plan_bucket({file("news/33.news"), file("metadata/timestamp.json"),
                   file("metadata/2.root.json"), file("metadata/3.snapshot.json"),
                   file("offices/a"), file("packs/33/1.packs"), file("directory/x.pack")},
                  {});
  CHECK(names(plan) == std::vector<std::string>{"directory/x.pack", "offices/a", "packs/33/1.packs",
                                                "metadata/3.snapshot.json", "metadata/2.root.json",
                                                "metadata/timestamp.json", "news/33.news"});
}

TEST_CASE("bucket: a new timestamp brings what is new, and lets go what left the folder") {
  const std::vector<BucketFile> before{file("packs/1.packs"), file("offices/a-1"),
                                       file("metadata/timestamp.json"), file("news/33.news")};
  const std::vector<BucketFile> after{file("packs/1.packs"), file("packs/2.packs"),
                                      file("offices/a-2"), file("metadata/timestamp.json", 2),
                                      file("news/33.news", 2)};
  const BucketPlan plan = plan_bucket(after, placed_of(before));
  CHECK(names(plan) == std::vector<std::string>{"offices/a-2", "packs/2.packs",
                                                "metadata/timestamp.json", "news/33.news"});
  CHECK(plan.gone == std::vector<std::string>{"offices/a-1"});
  REQUIRE(plan.timestamp.has_value());
  CHECK(plan.timestamp->stamp == "2");
  CHECK(plan_bucket(after, placed_of(after)).empty());
}

TEST_CASE("bucket: while a publish is not finished, the bucket keeps the state before, whole") {
  const std::vector<BucketFile> before{file("offices/a-1"), file("metadata/timestamp.json"),
                                       file("news/33.news"), file("news/3304.news")};
  // A command was killed after it removed an old grant and wrote new metadata.
  const std::vector<BucketFile> half{file("offices/a-2"), file("metadata/9.targets.json"),
                                     file("metadata/timestamp.json"), file("news/33.news", 2)};
  const BucketPlan plan = plan_bucket(half, placed_of(before));
  CHECK(names(plan) == std::vector<std::string>{"news/33.news"});
  CHECK(plan.gone == std::vector<std::string>{"news/3304.news"});
  CHECK_FALSE(plan.timestamp.has_value());
}

TEST_CASE("bucket: the record outlives the process, an unfinished upload too") {
  const test::TempDir folder;
  const SymmetricKey key = test::must(SymmetricKey::from(Bytes(32, 1)));
  {
    BucketRecord record = test::must(BucketRecord::open(folder / "bucket.db", key));
    test::must(record.save("packs/1", {.stamp = "a", .digest = {1}}));
    test::must(record.save("packs/1", {.stamp = "b", .digest = {2}}));
    test::must(record.save("packs/2", {}));
    test::must(record.forget("packs/2"));
    test::must(record.note_upload({.path = "packs/3", .id = "u1"}));
    test::must(record.note_upload({.path = "packs/3", .id = "u2"}));
    test::must(record.forget_upload("u1"));
  }
  BucketRecord record = test::must(BucketRecord::open(folder / "bucket.db", key));
  const PlacedFiles placed = test::must(record.all());
  REQUIRE(placed.size() == 1);
  CHECK(placed.at("packs/1").stamp == "b");
  CHECK(placed.at("packs/1").digest == Hash256{2});
  const std::vector<BegunUpload> uploads = test::must(record.uploads());
  REQUIRE(uploads.size() == 1);
  CHECK(uploads.front().id == "u2");
}
