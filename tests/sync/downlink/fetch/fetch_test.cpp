// Downloads that resume, and servers that misbehave.
#include "sync/downlink/fetch/fetch.hpp"

#include "core/limits.hpp"
#include "tests/support/small_disk.hpp"
#include "tests/sync/downlink/fixture_source.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr std::uint64_t kOffset = 1000;

// One published snapshot in a source, in a file with others, and the request for it.
struct Scene {
  explicit Scene(Grade grade = 3, std::size_t rows = 60) : fixture(grade) {
    std::mt19937_64 random(rows);
    stream = fixture.stream("3304");
    stream.version = 1;
    stream.rows = random_rows(random, rows);
    pack = fixture.pack(stream, 0, {});
    path = packs_path("3304", 7);
    Bytes& file = source.files[path];  // among other packs
    file.assign(kOffset, 0xEE);
    file.insert(file.end(), pack.file.begin(), pack.file.end());
    file.insert(file.end(), 300, 0xEE);
    request.entry = {.stream = stream.name,
                     .from = 0,
                     .to = 1,
                     .file_bytes = pack.file.size(),
                     .header_bytes = pack.header.header_bytes,
                     .file = 7,
                     .offset = kOffset};
    request.head = {
        .stream = stream.name,
        .version = 1,
        .digest =
            std::string(as_text(pack.header.sections.front().after)).substr(0, kPinnedDigestBytes)};
    request.partition = "3304";
    request.publishers = {fixture.publisher.public_key};
    for (const SectionSchema& section : dataset_layout(fixture.definition, grade).sections) {
      request.grades.push_back(section.grade);
    }
    request.is_whole = grade == 3;
    must(staging.prepare());
  }
  Result<StagedPack> fetch(const TransferContext& context = {}) {
    return fetch_pack(source, staging, request, context);
  }
  void apply(const StagedPack& staged) {
    DatasetStore store = fixture.open();
    must(apply_pack(store, staged, fixture.context(stream)));
    CHECK(fixture.is_sound({&stream}));
  }
  std::uint64_t staged_bytes() const { return staging.bytes_of(staged_file(request.entry)); }

  StoreFixture fixture;
  PublishedStream stream;
  BuiltPack pack;
  std::string path;
  MemorySource source;
  PackRequest request;
  Staging staging{fixture.folder / "staging"};
};

}  // namespace

TEST_CASE("downlink: an office with all grades fetches the whole pack in one request") {
  Scene scene;
  scene.apply(must(scene.fetch()));
  CHECK(scene.source.asked.size() == 1);
  CHECK(scene.source.bytes_sent(scene.path) == scene.pack.file.size());
}

TEST_CASE("downlink: sections of higher grades are never requested") {
  for (const Grade grade : {Grade{1}, Grade{2}}) {
    Scene scene(grade);
    scene.apply(must(scene.fetch()));
    std::uint64_t allowed = scene.pack.header.header_bytes;
    for (Grade i = 0; i < grade; ++i) allowed += scene.pack.header.sections[i].stored_bytes;
    CHECK(scene.source.bytes_sent(scene.path) == allowed);
    for (const auto& [from, to] : scene.source.sent[scene.path]) CHECK(to <= kOffset + allowed);
    CHECK(scene.source.asked.size() == 2);
  }
}

TEST_CASE("downlink: a download resumes at the byte where the link was cut") {
  Scene scene;
  scene.source.cut_after = scene.pack.file.size() / 7 + 1;
  scene.apply(must(scene.fetch()));
  CHECK(scene.source.asked.size() == 7);
  CHECK(scene.source.bytes_sent(scene.path) == scene.pack.file.size());
}

TEST_CASE("downlink: bytes of an earlier run are not fetched again") {
  Scene scene;
  scene.source.piece = 100;
  TransferContext stopping;
  std::uint64_t arrived = 0;
  stopping.on_bytes = [&](std::uint64_t bytes) { arrived += bytes; };
  stopping.should_stop = [&] { return arrived >= 1000; };
  CHECK(code_of(scene.fetch(stopping)) == ErrorCode::kUnreachable);
  CHECK(scene.staged_bytes() == 1000);
  scene.source.forget();
  scene.apply(must(scene.fetch()));
  CHECK(scene.source.bytes_sent(scene.path) == scene.pack.file.size() - 1000);
}

TEST_CASE(
    "downlink: a server without ranges sends the whole file, and the pack is still complete") {
  Scene scene;
  scene.source.has_ranges = false;
  scene.source.piece = 100;
  TransferContext stopping;
  std::uint64_t arrived = 0;
  stopping.on_bytes = [&](std::uint64_t bytes) { arrived += bytes; };
  stopping.should_stop = [&] { return arrived >= 500; };
  CHECK(code_of(scene.fetch(stopping)) == ErrorCode::kUnreachable);
  scene.apply(must(scene.fetch()));
  Scene low(1);
  low.source.has_ranges = false;
  const StagedPack staged = must(low.fetch());
  CHECK(fs::file_size(staged.file) < low.pack.file.size());  // the rest was dropped
  low.apply(staged);
}

TEST_CASE("downlink: wrong bytes of an earlier run cost one more download and nothing else") {
  Scene scene;
  Bytes junk(1500, 7);
  must(write_file_atomically(scene.staging.path_of(staged_file(scene.request.entry)), junk));
  scene.apply(must(scene.fetch()));
  CHECK(scene.source.bytes_sent(scene.path) == scene.pack.file.size() * 2 - 1500);
  Bytes too_long(scene.pack.file.size() + 5, 7);
  must(write_file_atomically(scene.staging.path_of(staged_file(scene.request.entry)), too_long));
  scene.apply(must(scene.fetch()));
}

TEST_CASE("downlink: a server that sends a different range is detected") {
  Scene scene;
  scene.source.lies_about_start = true;
  scene.source.cut_after = 900;
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
  CHECK(scene.staged_bytes() == 0);
}

TEST_CASE("downlink: bytes that the directory does not pin are rejected and deleted") {
  Scene scene;
  Bytes& file = scene.source.files[scene.path];
  for (std::size_t byte = kOffset; byte < kOffset + scene.pack.file.size(); byte += 53) {
    CAPTURE(byte);
    file[byte] ^= 4;
    CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
    CHECK(scene.staged_bytes() == 0);
    file[byte] ^= 4;
  }
  scene.apply(must(scene.fetch()));
}

TEST_CASE("downlink: a truncated, missing or unsigned pack is rejected") {
  Scene scene;
  Bytes& file = scene.source.files[scene.path];
  const Bytes whole = file;
  file.resize(kOffset + scene.pack.file.size() - 1);
  CHECK(scene.fetch().has_error());
  file = whole;
  must(scene.staging.remove(staged_file(scene.request.entry)));
  scene.source.missing.insert(scene.path);
  CHECK(code_of(scene.fetch()) == ErrorCode::kUnreachable);
  scene.source.missing.clear();
  scene.request.publishers = {SigningKey::generate().public_key};
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
  scene.request.publishers = {};
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
}

TEST_CASE("downlink: a validly signed pack of another stream or version is rejected") {
  Scene scene;
  scene.request.entry.stream.partition = "330411";  // in the same file
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
  scene.request.entry.stream.partition = "3304";
  scene.request.entry.to = 2;
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
}

TEST_CASE("downlink: a signed pack that leads to other rows than the directory names is rejected") {
  Scene scene;
  scene.request.head.digest[3] = static_cast<char>(scene.request.head.digest[3] ^ 1);
  CHECK(code_of(scene.fetch()) == ErrorCode::kUntrusted);
  CHECK(scene.staged_bytes() == 0);
}

TEST_CASE("downlink: part files of packs that the plan no longer needs are removed") {
  Scene scene;
  must(scene.fetch());
  must(write_file_atomically(scene.fixture.folder / "staging" / "aa.part", Bytes(10)));
  must(scene.staging.keep_only({staged_file(scene.request.entry).name}));
  CHECK(scene.staged_bytes() == scene.pack.file.size());
  CHECK_FALSE(fs::exists(scene.fixture.folder / "staging" / "aa.part"));
}

TEST_CASE("downlink: neighbouring packs come in one request, also over cuts and without ranges") {
  for (const bool has_ranges : {true, false}) {
    Scene scene;
    scene.source.has_ranges = has_ranges;
    scene.source.piece = 70;
    Bytes& file = scene.source.files["packs/33/9.packs"];
    file = random_bytes(2000);
    std::vector<StagedFile> parts;
    for (const std::uint64_t offset : {100U, 350U, 500U, 1200U}) {
      parts.push_back({.name = std::to_string(offset),
                       .path = "packs/33/9.packs",
                       .file_bytes = 150,
                       .offset = offset});
    }
    must(scene.staging.fetch_together(scene.source, parts, {}));
    CHECK(scene.source.asked.size() == 1);
    for (const StagedFile& part : parts) {
      const Bytes held = must(read_file(scene.staging.path_of(part), 1000));
      CHECK(std::equal(held.begin(), held.end(),
                       file.begin() + static_cast<std::ptrdiff_t>(part.offset)));
      CHECK(held.size() == 150);
      must(scene.staging.remove(part));
    }
    scene.source.cut_after = 480;
    CHECK(code_of(scene.staging.fetch_together(scene.source, parts, {})) ==
          ErrorCode::kUnreachable);
    scene.source.cut_after = 0;
    for (const StagedFile& part : parts) {
      must(scene.staging.fetch(scene.source, part, 150, {}));
      const Bytes held = must(read_file(scene.staging.path_of(part), 1000));
      CHECK(std::equal(held.begin(), held.end(),
                       file.begin() + static_cast<std::ptrdiff_t>(part.offset)));
    }
  }
}

TEST_CASE("downlink: on a full disk nothing is fetched, and a pack that was fetched stays") {
  auto disk = SmallDisk::mount(24 * limits::kMiB);
  if (!disk) return;
  Scene scene;
  scene.staging = Staging(disk->path() / "staging");
  must(scene.staging.prepare());
  disk->fill();
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Result<StagedPack> refused = scene.fetch();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == ErrorCode::kStorageFull);
    CHECK(refused.error().message.find(disk->path().string()) != std::string::npos);
  }
  CHECK(scene.source.asked.empty());
  disk->clear();
  must(scene.fetch());
  CHECK(scene.source.asked.size() == 1);
  disk->fill();
  CHECK(code_of(scene.fetch()) == ErrorCode::kStorageFull);  // no room for the rows
  CHECK(scene.staged_bytes() == scene.pack.file.size());
  disk->clear();
  scene.apply(must(scene.fetch()));
  CHECK(scene.source.asked.size() == 1);
}
