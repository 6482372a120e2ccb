// What the platform takes back: what an office then holds, what keys from its disk still open, and
// what it costs the offices that stay.
#include "platform/office/revocation.hpp"

#include "platform/repository/pack_files.hpp"
#include "sync/pack/pack.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

class NoChanges final : public ChangeSink {
 public:
  Status remove(RowBlock) override { return ok(); }
  Status update(RowBlock, RowBlock) override { return ok(); }
  Status insert(RowBlock) override { return ok(); }
};

struct Scene {
  LiveRealm realm{23};
  std::mt19937_64 random{23};
  People people = change_people({}, random, 80);
  LiveOffice* leaver = nullptr;
  LiveOffice* stayer = nullptr;

  Scene() {
    realm.publish(people);
    leaver = &realm.add_office("xinfeng", {"11", "12"}, 4);
    stayer = &realm.add_office("jiaxing");
    must_cycle(*leaver);
    must_cycle(*stayer);
  }

  void must_cycle(LiveOffice& office) {
    for (int pass = 0; pass < 2; ++pass) {
      const agent::CycleResult result = office.cycle();
      if (result.error) FAIL(result.error->message);
      realm.validate();
    }
  }
  std::vector<ContentKey> keys_of(LiveOffice& office) {
    const agent::Office open = office.open();
    std::vector<ContentKey> keys;
    for (const ContentKey& key : open.grants().keys) {
      keys.push_back({key.stream, key.grade, key.epoch, key.key.clone()});
    }
    return keys;
  }
  // What a read at the office that leaves says.
  ErrorCode refusal() {
    const Result<json::object> read = leaver->call("query", {{"dataset", "people"},
                                                             {"purpose", "care"},
                                                             {"limit", 0},
                                                             {"columns", json::array{}},
                                                             {"where", json::array{}}});
    REQUIRE(read.has_error());
    return read.error().code;
  }
  void publish_changes() {
    people = change_people(people, random, 20);
    realm.publish(people);
  }
  std::map<std::string, std::uint32_t> epochs() {
    std::map<std::string, std::uint32_t> out;
    for (const auto& stream : must(realm.realm().registry().streams("people"))) {
      out[stream.name.partition] = stream.epoch;
    }
    return out;
  }
  std::map<std::string, Version> heads() {
    std::map<std::string, Version> out;
    for (const auto& stream : must(realm.realm().registry().streams("people"))) {
      out[stream.name.partition] = stream.version;
    }
    return out;
  }

  // How many packs of versions after `since`, of `partitions`, one of `keys` opens.
  std::size_t opened(const std::map<std::string, Version>& since,
                     const std::set<std::string>& partitions, const std::vector<ContentKey>& keys) {
    std::size_t count = 0;
    for (const platform::PackEntry& pack : must(realm.realm().registry().packs("people"))) {
      const std::string& partition = pack.stream.partition;
      const auto known = since.find(partition);
      const bool is_later = known == since.end() || pack.to > known->second;
      if (partitions.contains(partition) && is_later && opens(pack, keys)) ++count;
    }
    return count;
  }

 private:
  // With each key, whatever epoch the pack says.
  bool opens(const platform::PackEntry& pack, const std::vector<ContentKey>& keys) {
    const Bytes file = must(platform::PackFiles(realm.repository())
                                .read(platform::path_of_file(pack), pack.offset, pack.file_bytes));
    const PackHeader header = must(parse_pack_header(file));
    const SectionSchema schema = people_definition().sections().front();
    for (const ContentKey& key : keys) {
      const auto fits = find_content_key(std::span(&key, 1), pack.stream, 1, key.epoch);
      if (!fits) continue;
      std::size_t at = header.header_bytes;
      const SectionSource source = [&](std::size_t at_most) -> Result<Bytes> {
        const std::size_t end = header.header_bytes + header.sections[0].stored_bytes;
        const std::size_t count = std::min(at_most, end - at);
        at += count;
        return to_bytes(ByteView(file).subspan(at - count, count));
      };
      EmptyBase base(schema);
      RowLists lists;
      NoChanges sink;
      const Status read = read_pack_section(header, 0, schema, *fits, source, base, lists, sink);
      const bool refused =
          read.has_error() && read.error().message.find("authenticate") != std::string::npos;
      if (!refused) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("revocation: a revoked office erases all it holds at its next contact, and says why") {
  Scene scene;
  REQUIRE_FALSE(scene.leaver->rows().empty());
  scene.realm.revoke("xinfeng");
  static_cast<void>(scene.leaver->cycle());
  CHECK(scene.refusal() == ErrorCode::kNotPermitted);
  const agent::Office office = scene.leaver->open();
  CHECK(office.grants().revoked);
  CHECK(office.grants().grants.empty());
  CHECK_FALSE(std::filesystem::exists(scene.leaver->home().dataset("people")));
  CHECK(scene.realm.verify().problems.empty());
}

TEST_CASE("revocation: keys from its disk open nothing that is published later") {
  Scene scene;
  const std::vector<ContentKey> stolen = scene.keys_of(*scene.leaver);
  const auto since = scene.heads();
  REQUIRE(scene.opened({}, {"11", "12"}, stolen) > 0);
  scene.realm.revoke("xinfeng");
  for (int day = 0; day < 3; ++day) scene.publish_changes();
  CHECK(scene.opened(since, {"11", "12"}, stolen) == 0);
  // The office that stays opens all of them.
  scene.must_cycle(*scene.stayer);
  CHECK(scene.opened(since, {"11", "12"}, scene.keys_of(*scene.stayer)) >= 6);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
}

TEST_CASE(
    "revocation: only streams that the office held move, and who stays fetches no row again") {
  Scene scene;
  const auto since = scene.heads();
  scene.realm.revoke("xinfeng");
  const auto epochs = scene.epochs();
  for (const auto& [partition, epoch] : epochs) {
    CAPTURE(partition);
    CHECK(epoch == (partition == "11" || partition == "12" ? 2 : 1));
  }
  const SyncReport report = scene.stayer->synced();
  CHECK(report.streams.size() == 2);
  CHECK(report.data_bytes > 0);
  CHECK(report.data_bytes < 1'000);  // two empty deltas; the rows are some 900 bytes
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
  CHECK(scene.stayer->mismatch().empty());
  for (const auto& [partition, stream] : scene.stayer->streams()) {
    CHECK(stream.epoch == epochs.at(partition));
    CHECK(stream.version == since.at(partition) + (stream.epoch == 2 ? 1 : 0));
  }
}

TEST_CASE("revocation: an office that slept through it follows by deltas, and later ones too") {
  Scene scene;
  for (int day = 0; day < 2; ++day) scene.publish_changes();
  scene.realm.revoke("xinfeng");
  for (int day = 0; day < 2; ++day) scene.publish_changes();
  const SyncReport report = scene.stayer->synced();
  CHECK_FALSE(report.error);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
  CHECK(scene.stayer->mismatch().empty());
  LiveOffice& fresh = scene.realm.add_office("haining");
  CHECK_FALSE(fresh.synced().error);
  CHECK(fresh.holds_exactly({"11", "12", "13", "14"}));
  CHECK(fresh.mismatch().empty());
  CHECK(scene.realm.verify().problems.empty());
}

TEST_CASE("revocation: a suspended office is locked, and has everything again when it is resumed") {
  Scene scene;
  const std::vector<ContentKey> known = scene.keys_of(*scene.leaver);
  const auto since = scene.heads();
  scene.realm.suspend("xinfeng");
  static_cast<void>(scene.leaver->cycle());
  CHECK(scene.refusal() == ErrorCode::kNotPermitted);
  CHECK(std::filesystem::exists(scene.leaver->home().dataset("people")));
  CHECK(scene.leaver->open().grants().keys.empty());
  scene.publish_changes();
  CHECK(scene.opened(since, {"11", "12"}, known) == 0);
  scene.realm.suspend("xinfeng", false);
  const SyncReport report = scene.leaver->synced();
  CHECK_FALSE(report.error);
  CHECK(scene.leaver->holds_exactly({"11", "12"}));
  CHECK(scene.leaver->mismatch().empty());
}

TEST_CASE("revocation: a narrower grant moves what it leaves out, a wider one moves nothing") {
  Scene scene;
  scene.realm.permit("xinfeng", scene.realm.grant({"11", "12", "13"}, 4));
  CHECK(scene.epochs() ==
        std::map<std::string, std::uint32_t>{{"11", 1}, {"12", 1}, {"13", 1}, {"14", 1}});
  scene.must_cycle(*scene.leaver);
  CHECK(scene.leaver->holds_exactly({"11", "12", "13"}));
  scene.realm.permit("xinfeng", scene.realm.grant({"11", "12"}, 4));
  CHECK(scene.epochs() ==
        std::map<std::string, std::uint32_t>{{"11", 1}, {"12", 1}, {"13", 2}, {"14", 1}});
  scene.realm.permit("xinfeng", scene.realm.grant({"11", "12"}, 1));
  CHECK(scene.epochs() ==
        std::map<std::string, std::uint32_t>{{"11", 3}, {"12", 3}, {"13", 2}, {"14", 1}});
  scene.realm.withdraw_grant("xinfeng");
  CHECK(scene.epochs() ==
        std::map<std::string, std::uint32_t>{{"11", 4}, {"12", 4}, {"13", 2}, {"14", 1}});
  scene.must_cycle(*scene.stayer);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
  CHECK(scene.stayer->mismatch().empty());
}

TEST_CASE("revocation: a grant that ends by its date moves its streams at the next publish") {
  Scene scene;
  Grant grant = scene.realm.grant({"11", "12"}, 4);
  grant.until = scene.realm.clock.wall() + std::chrono::hours(48);
  scene.realm.permit("xinfeng", grant);
  const auto before = scene.epochs();
  scene.realm.clock.pass(std::chrono::hours(72));
  scene.realm.renew();
  scene.publish_changes();
  const auto after = scene.epochs();
  CHECK(after.at("11") > before.at("11"));
  CHECK(after.at("13") == 1);
  scene.must_cycle(*scene.stayer);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
}

TEST_CASE(
    "revocation: what a power cut left in the queue, the next publish or change finishes first") {
  Scene scene;
  const std::vector<ContentKey> known = scene.keys_of(*scene.leaver);
  const auto since = scene.heads();
  const auto cut_short = [&](const std::string& division) {
    platform::Registry& registry = scene.realm.realm().registry();
    platform::Transaction transaction = must(registry.begin());
    must(registry.queue_rekeys("people", {division}));
    must(platform::commit_repository(scene.realm.realm(), std::move(transaction),
                                     scene.realm.clock.wall()));
  };
  cut_short("11");
  scene.publish_changes();
  CHECK(scene.epochs().at("11") == 2);
  CHECK(must(scene.realm.realm().registry().rekeys_of("people")).empty());
  CHECK(scene.opened(since, {"11"}, known) == 0);
  cut_short("12");
  CHECK(scene.epochs().at("12") == 1);
  scene.realm.permit("jiaxing", scene.realm.grant({"all"}));
  CHECK(scene.epochs().at("12") == 3);
  scene.must_cycle(*scene.stayer);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
}

TEST_CASE("revocation: a stream that begins later is under the newest keys") {
  Scene scene;
  scene.realm.permit("xinfeng", scene.realm.grant({"11", "12", "21"}, 4));
  scene.must_cycle(*scene.leaver);
  const std::vector<ContentKey> stolen = scene.keys_of(*scene.leaver);
  scene.realm.revoke("xinfeng");
  scene.people["late"] = {.code = "2101", .members = "3", .phone = ""};
  scene.realm.publish(scene.people);
  CHECK(scene.epochs().at("21") == 2);
  CHECK(scene.opened({}, {"21"}, stolen) == 0);
  scene.must_cycle(*scene.stayer);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14", "21"}));
}

TEST_CASE("revocation: a machine that was replaced opens nothing later; the next one does") {
  Scene scene;
  const std::vector<ContentKey> stolen = scene.keys_of(*scene.leaver);
  const auto since = scene.heads();
  TempDir folder(fast_folder());
  LiveOffice next(scene.realm, "xinfeng", folder / "home", scene.realm.reinvite("xinfeng"));
  scene.publish_changes();
  CHECK(scene.opened(since, {"11", "12"}, stolen) == 0);
  scene.must_cycle(next);
  CHECK(next.holds_exactly({"11", "12"}));
}

TEST_CASE("revocation: a removed office is gone from the realm") {
  Scene scene;
  CHECK(platform::remove_office(scene.realm.realm(), "xinfeng", scene.realm.clock.wall())
            .has_error());
  scene.realm.revoke("xinfeng");
  must(platform::remove_office(scene.realm.realm(), "xinfeng", scene.realm.clock.wall()));
  CHECK_FALSE(must(scene.realm.realm().registry().office("xinfeng")).has_value());
  CHECK(scene.realm.verify().problems.empty());
  scene.publish_changes();
  scene.must_cycle(*scene.stayer);
  CHECK(scene.stayer->holds_exactly({"11", "12", "13", "14"}));
}
