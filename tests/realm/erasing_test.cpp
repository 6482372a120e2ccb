// Every path by which the agent erases what people or the platform gave it, against a serving
// machine that lies with all that lies on it, and wall clocks that are ten years wrong: a table of
// paths and lies. Nothing is erased, and all of it is read again once the truth is back.
//
// The paths: a dataset whose grant was taken back (an order), one whose lease or grant is over by
// two clocks, the values of an accepted record after its retention, records that wait, files
// without a key, and what the outbox has sealed. The lies are signed as far as the keys of the
// serving machine go: timestamp, snapshot and directory; it has no key of grants, publishers or
// root.
#include "platform/office/membership.hpp"
#include "sync/trust/office/envelope.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;
using std::chrono::days;

namespace {

const People kRows = {{"a", {"1101", "2", "13812345678"}}, {"b", {"1201", "3", ""}}};
constexpr days kTenYears{3650};

// An office in whose home each path is a day away from erasing: its lease of 30 days and the
// retention of its accepted record end tomorrow. Its awake clock has a base.
struct Scene {
  LiveRealm realm{53};
  LiveOffice& office = realm.add_office("xinfeng", {"all"}, 4);
  LiveOffice& other = realm.add_office("jiaxing", {"11"});
  std::string accepted, waiting;
  Bytes first_grant;
  FakeClock wrong;

  Scene() {
    realm.publish(kRows);
    must_cycle();
    first_grant = file_of(grant_path_of(office));
    pass(days(8));
    accepted = office.submit(kVisit, {{"name", "SECRET"}, {"people", 2}});
    must_cycle();
    waiting = office.submit(kVisit, {{"name", "later"}, {"people", 1}});
    // A grant file that the office has not seen yet, so that it asks for one.
    Grant grant = realm.grant({"all"}, 4);
    grant.scenario = "changed";
    realm.permit("xinfeng", grant);
    office.link.is_down = true;
    pass(days(29));
    static_cast<void>(office.cycle());
    office.link.is_down = false;
  }
  void must_cycle() {
    for (int pass = 0; pass < 2; ++pass) {
      const agent::CycleResult result = office.cycle();
      if (result.error) FAIL(result.error->message);
      realm.validate();
    }
  }
  void pass(std::chrono::seconds time) {
    realm.clock.pass(time);
    realm.renew();
  }
  // As the registry has it.
  std::string grant_path_of(LiveOffice& one) {
    const std::uint64_t version = must(realm.realm().registry().office(one.id()))->grant_version;
    return grant_path(grant_token(one.open().identity().signing.public_key), version);
  }
  Bytes file_of(const std::string& path) {
    return must(read_file(realm.repository() / path, 1 << 20));
  }
  // Changes what the registry says, and signs that with the keys of the serving machine alone.
  void publish_lie(std::string_view sql) {
    platform::Realm& held = realm.realm();
    {
      Database database = must(Database::open(held.folder().registry(), held.key(), {}));
      must(database.execute(std::string(sql)));
    }
    platform::Transaction transaction = must(held.registry().begin());
    using platform::Touched;
    must(held.registry().tree().touch(Touched::kCatalogue, "", ""));
    must(held.registry().tree().touch(Touched::kDefinition, "people", ""));
    must(held.registry().tree().touch(Touched::kOfficeList, "", "11"));
    must(held.registry().tree().touch(Touched::kHeads, "people", "all"));
    must(held.registry().tree().touch(Touched::kNode, "", "11"));
    must(held.registry().tree().touch(Touched::kNode, "", "all"));
    must(platform::commit_repository(held, std::move(transaction), realm.clock.wall()));
  }
  // A grant file that revokes the office, signed by a key that the thief has made.
  Bytes forged_order(std::uint64_t version) {
    GrantFile file;
    file.office = "xinfeng";
    file.version = version;
    file.issued = realm.clock.wall();
    file.revoked = true;
    const agent::Office home = office.open();
    const EnvelopeHeader header{.type = "grant",
                                .realm = home.identity().invitation.realm_id,
                                .from = "platform",
                                .to = "xinfeng",
                                .chain = "",
                                .sequence = version};
    return seal_envelope(header, as_bytes(encode_grant_file(file)), SigningKey::generate(),
                         home.identity().sealing.public_key);
  }
  // What a thief can write into the directory about it.
  void publish_forged_order() {
    const Bytes forged = forged_order(99);
    publish_lie("UPDATE offices SET grant_version=99, grant_bytes=" +
                std::to_string(forged.size()) + ", grant_hash=x'" + to_hex(sha256(forged)) +
                "' WHERE id='xinfeng'; UPDATE grant_files SET file=x'" + to_hex(forged) +
                "' WHERE office='xinfeng'");
    office.link.lies[grant_path_of(office)] = forged;
  }

  // "" if nothing was erased.
  std::string missing() {
    agent::Office home = office.open();
    if (!must(home.keys().has_file_key(agent::dataset_key_name("people")))) return "the key";
    if (!std::filesystem::exists(office.home().dataset("people"))) return "the file";
    if (!must(home.keys().erasures()).empty()) return "an erasure is noted";
    if (!must(home.keys().waiting_certificates()).empty()) return "an erasure is certified";
    Outbox outbox = must(home.open_outbox());
    const RecordDetail old = must(outbox.show(accepted));
    if (old.summary.erased || old.record.values.empty()) return "an accepted record";
    const RecordDetail young = must(outbox.show(waiting));
    if (young.record.values.empty()) return "a record that waits";
    return "";
  }
};

struct Lie {
  const char* name;
  const char* heard;  // what the office says of it under the right clock; "": it believes it
  void (*tell)(Scene&);
  // False: it signs higher versions than the truth has for long: those of the catalogue until it
  // changes again, those of metadata until new keys outrun them (fast-forward recovery).
  bool heals = true;
};

const Lie kLies[] = {
    {"nothing at all", "", [](Scene&) {}},
    {"an empty repository", "answered 404",
     [](Scene& scene) { scene.office.link.has_nothing = true; }},
    {"no grant file", "the repository does not have it",
     [](Scene& scene) { scene.office.link.missing.insert(scene.grant_path_of(scene.office)); }},
    {"an older grant file", "not the file that the directory names",
     [](Scene& scene) {
       scene.office.link.lies[scene.grant_path_of(scene.office)] = scene.first_grant;
     }},
    {"the grant file of another office", "not the file that the directory names",
     [](Scene& scene) {
       scene.office.link.lies[scene.grant_path_of(scene.office)] =
           scene.file_of(scene.grant_path_of(scene.other));
     }},
    {"a forged order under a pin of its own", "not signed by the grants role",
     [](Scene& scene) { scene.publish_forged_order(); }},
    {"a directory without the dataset", "",
     [](Scene& scene) {
       scene.publish_lie("DELETE FROM streams; DELETE FROM packs; DELETE FROM grant_divisions");
     }},
    {"a catalogue without the dataset", "",
     [](Scene& scene) {
       scene.publish_lie(
           "INSERT INTO withdrawn SELECT id, definition, 0, '', 1 FROM datasets; "
           "DELETE FROM grants; DELETE FROM streams; DELETE FROM packs; "
           "DELETE FROM grant_divisions; DELETE FROM datasets");
     },
     false},
    {"a directory without the office", "no longer has a grant",
     [](Scene& scene) {
       scene.publish_lie("UPDATE offices SET grant_bytes=0 WHERE id='xinfeng'");
     }},
    {"a directory with an older grant version", "the published version goes back",
     [](Scene& scene) { scene.publish_lie("UPDATE offices SET grant_version=1"); }},
    {"a timestamp ten years ahead", "",
     [](Scene& scene) {
       must(platform::renew_repository(scene.realm.realm(), scene.realm.clock.wall() + kTenYears));
     },
     false},
    {"a timestamp of last year", "expired on",
     [](Scene& scene) {
       static_cast<void>(
           platform::renew_repository(scene.realm.realm(), scene.realm.clock.wall() - days(300)));
     }},
};

// The folder of the realm before the lie, put back afterwards.
class Truth {
 public:
  explicit Truth(Scene& scene) : scene_(scene), folder_(fast_folder()) {
    scene_.realm.close();
    std::filesystem::copy(scene_.realm.path(), folder_ / "realm",
                          std::filesystem::copy_options::recursive);
  }
  void put_back() {
    scene_.realm.close();
    std::filesystem::remove_all(scene_.realm.path());
    std::filesystem::copy(folder_ / "realm", scene_.realm.path(),
                          std::filesystem::copy_options::recursive);
    Link& link = scene_.office.link;
    link.has_nothing = false;
    link.missing.clear();
    link.lies.clear();
  }

 private:
  Scene& scene_;
  TempDir folder_;
};

// The wall clock of the office alone is wrong; its awake clock is right.
class OtherWall final : public Clock {
 public:
  OtherWall(const Clock& clock, days error) : clock_(&clock), error_(error) {}
  UnixTime wall() const override { return clock_->wall() + error_; }
  std::chrono::milliseconds since_boot() const override { return clock_->since_boot(); }

 private:
  const Clock* clock_;
  days error_;
};

}  // namespace

// Each lie meets the right clock, and every other one a wrong clock too; a long run tries both.
TEST_CASE("erasing: no lie of the serving machine and no wall clock erases anything") {
  const bool tries_all = std::getenv("ROOTLET_LONG") != nullptr;
  int turn = 0;
  for (const Lie& lie : kLies) {
    ++turn;
    for (const days error : {days(0), kTenYears, -kTenYears}) {
      const bool is_its_turn = error == days(0) || turn % 4 == (error > days(0) ? 0 : 2);
      if (!is_its_turn && !tries_all) continue;
      const std::string name = lie.name;
      CAPTURE(name);
      CAPTURE(error.count());
      Scene scene;
      REQUIRE(scene.missing().empty());
      Truth truth(scene);
      lie.tell(scene);
      const OtherWall wall(scene.realm.clock, error);
      scene.office.context.clock = &wall;
      for (int i = 0; i < 3; ++i) {
        const agent::CycleResult told = scene.office.cycle();
        const std::string said = told.error ? told.error->message : "";
        if (i == 0 && error == days(0)) {
          CAPTURE(said);
          CHECK((*lie.heard == '\0' ? said.empty() : said.find(lie.heard) != std::string::npos));
        }
        const std::string missing = scene.missing();
        REQUIRE_MESSAGE(missing.empty(), missing);
      }
      // The truth, some versions later than the lie; the clock is right again.
      scene.office.context.clock = &scene.realm.clock;
      truth.put_back();
      People rows = kRows;
      for (const char* id : {"c", "d", "e"}) {
        rows[id] = {"1101", "1", ""};
        scene.realm.publish(rows);
      }
      for (int i = 0; i < 3; ++i) static_cast<void>(scene.office.cycle());
      CHECK(scene.missing().empty());
      if (lie.heals) CHECK(scene.office.rows() == rows_of(rows, true));
    }
  }
}

TEST_CASE("erasing: the same paths erase by an order, and when two clocks agree") {
  {
    Scene scene;
    scene.realm.withdraw_grant("xinfeng");
    static_cast<void>(scene.office.cycle());
    CHECK(scene.missing() == "the key");
  }
  {
    Scene scene;
    scene.office.link.is_down = true;
    scene.pass(days(3));
    static_cast<void>(scene.office.cycle());
    CHECK(scene.missing() == "the key");
    agent::Office home = scene.office.open();
    Outbox outbox = must(home.open_outbox());
    CHECK(must(outbox.show(scene.accepted)).summary.erased);
    CHECK_FALSE(must(outbox.show(scene.waiting)).record.values.empty());
  }
}
