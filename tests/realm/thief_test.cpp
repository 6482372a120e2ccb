// Thieves of keys (docs/THREATS.md): who holds everything of the machine that serves, and who
// copies a home of the platform. What each can still do is said in words where the test ends.
#include <algorithm>

#include "platform/intake/intake_session.hpp"
#include "platform/online/news_files.hpp"
#include "platform/online/online_roles.hpp"
#include "platform/realm/realm_key.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "sync/uplink/exchange/receipt.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;
using platform::RealmFolder;

struct Scene {
  LiveRealm realm{31};
  std::mt19937_64 random{31};
  People people = change_people({}, random, 60);
  LiveOffice* office = nullptr;

  Scene() {
    realm.publish(people);
    office = &realm.add_office("xinfeng");
    must_cycle();
  }
  void must_cycle() {
    for (int pass = 0; pass < 2; ++pass) {
      const agent::CycleResult result = office->cycle();
      if (result.error) FAIL(result.error->message);
      realm.validate();
    }
  }
  std::string submit() { return office->submit("visit", {{"name", "王小明"}, {"people", 3}}); }
  RecordState state_of(const std::string& id) {
    for (const RecordSummary& record : office->records()) {
      if (record.id == id) return record.state;
    }
    return RecordState::kDraft;
  }
  void close() { realm.close(); }
  fs::path metadata(const std::string& name) { return realm.repository() / "metadata" / name; }
};

Bytes content_of(const fs::path& file) {
  return must(read_file(file, 64 * limits::kMiB));
}

bool holds(ByteView bytes, ByteView part) {
  return std::search(bytes.begin(), bytes.end(), part.begin(), part.end()) != bytes.end();
}

// All keys that only the publishing and the intake home have.
std::vector<SymmetricKey> secrets_of_others(platform::Realm& realm) {
  std::vector<SymmetricKey> secrets;
  for (const char* name : {"targets", "directory", "directory-content", "grants", "enrolment",
                           "answer", "publisher-11100000mb0123"}) {
    if (!must(realm.registry().has_secret(name))) continue;
    secrets.push_back(must(realm.registry().secret(name)));
  }
  REQUIRE(secrets.size() >= 6);
  for (const char* name : {"ingest", "judgement"}) {
    secrets.push_back(must(realm.intake().secrets().find(name)));
  }
  for (const ContentKey& key : must(realm.registry().content_keys("people"))) {
    secrets.push_back(key.key.clone());
  }
  secrets.push_back(realm.key().clone());
  secrets.push_back(realm.intake().key().clone());
  return secrets;
}

// What serving.db and inbox.db hold, as the thief reads it with serving.key.
Bytes plain_content(const platform::ServingFolder& folder) {
  platform::ServingHome home = must(platform::ServingHome::open(folder));
  Bytes all;
  for (const fs::path& file : {folder.database(), folder.inbox()}) {
    Database database = must(Database::open(file, home.key()));
    Statement tables = must(database.prepare("SELECT name FROM sqlite_master WHERE type='table'"));
    std::vector<std::string> names;
    while (must(tables.step())) names.emplace_back(tables.text(0));
    for (const std::string& name : names) {
      const std::int64_t columns =
          must(database.integer("SELECT count(*) FROM pragma_table_info('" + name + "')"));
      Statement rows = must(database.prepare("SELECT * FROM " + name));
      while (must(rows.step())) {
        for (int column = 0; column < static_cast<int>(columns); ++column) {
          const ByteView blob = rows.blob(column);
          all.insert(all.end(), blob.begin(), blob.end());
        }
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("thief of the serving machine: it has no key of another home, and reads no record") {
  Scene scene;
  const std::string id = scene.submit();
  scene.must_cycle();
  REQUIRE(scene.state_of(id) == RecordState::kAccepted);
  const std::vector<SymmetricKey> secrets = secrets_of_others(scene.realm.realm());
  const Bytes plain = plain_content(RealmFolder{scene.realm.path()}.serving());
  CHECK(holds(plain, as_bytes("xinfeng")));  // it knows who the offices are
  CHECK_FALSE(holds(plain, as_bytes("王小明")));
  for (const SymmetricKey& secret : secrets) CHECK_FALSE(holds(plain, secret.expose()));
  scene.close();
  for (const auto& entry : fs::recursive_directory_iterator(scene.realm.path())) {
    if (!entry.is_regular_file()) continue;
    const fs::path inside = fs::relative(entry.path(), scene.realm.path());
    const std::string home = inside.begin()->string();
    if (home != "serving" && home != "repository") continue;
    const Bytes bytes = content_of(entry.path());
    for (const SymmetricKey& secret : secrets) {
      CHECK_MESSAGE(!holds(bytes, secret.expose()), inside.string());
    }
  }
}

TEST_CASE("serving home: it serves alone, and what needs other keys waits") {
  Scene scene;
  const std::string id = scene.submit();
  scene.close();
  TempDir alone;
  const RealmFolder whole{scene.realm.path()}, part{alone.path()};
  fs::copy(whole.serving().path, part.serving().path, fs::copy_options::recursive);
  fs::copy(whole.repository(), part.repository(), fs::copy_options::recursive);

  platform::RealmApi api(part.serving(), scene.realm.clock);
  CHECK(api.status().status == 200);
  {
    agent::Office open = scene.office->open();
    Outbox outbox = must(open.open_outbox());
    const UplinkIdentity identity = open.uplink_identity();
    REQUIRE(must(outbox.seal_next_batch(identity, scene.realm.clock.wall())) == 1);
    const auto batch = must(outbox.next_pending());
    REQUIRE(batch.has_value());
    const platform::ApiReply receipt = api.batch(batch->envelope);
    CHECK(receipt.status == 200);
    CHECK(must(outbox.apply_answer(identity, *batch, as_text(receipt.body))) ==
          AnswerOutcome::kReceived);
  }
  CHECK(scene.state_of(id) == RecordState::kReceived);
  platform::ServingHome home = must(platform::ServingHome::open(part.serving()));
  CHECK(must(platform::renew_online_roles(home, part.repository(), {},
                                          scene.realm.clock.wall() + std::chrono::days(2))));
  // Without the intake's key nothing is judged.
  CHECK(platform::IntakeSession::open(part.intake(), part.serving()).has_error());
}

TEST_CASE("thief of the serving machine: forged metadata, grants and rows change nothing") {
  Scene scene;
  const std::set<std::string> rows = scene.office->rows();
  const std::uint64_t grant = scene.office->open().grants().version;
  REQUIRE_FALSE(rows.empty());
  const SigningKey own = SigningKey::generate();
  const SigningKey* signer[] = {&own};

  // New targets under a key of the thief, with snapshot and timestamp under the stolen keys.
  platform::ServingHome& home = scene.realm.realm().serving();
  for (const char* role : {"targets", "directory", "grants"}) {
    auto roles = must(home.roles());
    const auto held = std::ranges::find(roles, role, &platform::HandedRole::role);
    REQUIRE(held != roles.end());
    TufTargetsContent content;
    content.header = {.version = held->version + 1,
                      .expires = scene.realm.clock.wall() + std::chrono::days(300),
                      .custom = {}};
    must(write_file_atomically(
        scene.metadata(std::to_string(held->version + 1) + "." + role + ".json"),
        must(sign_metadata(encode_targets(content), signer))));
    platform::HandedRole forged = *held;
    ++forged.version;
    must(home.save_role(forged));
    must(platform::sign_online_roles(home, scene.realm.clock.wall()));
    must(platform::write_online_roles(home, scene.realm.repository()));
    must(platform::renew_news(home, scene.realm.repository()));
    const agent::CycleResult result = scene.office->cycle();
    // No office reads metadata of the role "grants": its key counts, as targets names it.
    if (std::string_view(role) != "grants") {
      REQUIRE(result.error);
      CHECK(result.error->code == ErrorCode::kUntrusted);
    }
    CHECK(scene.office->rows() == rows);
    CHECK(scene.office->open().grants().version == grant);
    must(home.save_role(*held));
  }
  // What remains: offices that saw these versions of snapshot take no lower ones, so they stay as
  // they are until the realm has new keys for snapshot and timestamp (`recover`).
}

TEST_CASE("thief of the serving machine: with a clock in 2099 it locks, and erases nothing") {
  Scene scene;
  const std::set<std::string> rows = scene.office->rows();
  platform::ServingHome& home = scene.realm.realm().serving();
  const UnixTime far = scene.realm.clock.wall() + std::chrono::days(365 * 70);
  must(platform::sign_online_roles(home, far));
  must(platform::write_online_roles(home, scene.realm.repository()));
  static_cast<void>(scene.office->cycle());
  static_cast<void>(scene.office->cycle());
  CHECK(scene.office->streams().size() > 0);
  // The platform signs with the right time again.
  scene.realm.clock.pass(std::chrono::hours(1));
  must(platform::sign_online_roles(home, scene.realm.clock.wall()));
  must(platform::write_online_roles(home, scene.realm.repository()));
  scene.must_cycle();
  CHECK(scene.office->rows() == rows);
}

TEST_CASE("thief of the serving machine: a false \"accepted\" frees no record") {
  Scene scene;
  const std::string id = scene.submit();
  REQUIRE_FALSE(scene.office->cycle().error);
  REQUIRE(scene.state_of(id) == RecordState::kReceived);
  platform::Realm& realm = scene.realm.realm();
  const SigningKey stolen = must(realm.serving().secrets().signing_key("receipt"));
  agent::Office open = scene.office->open();
  Outbox outbox = must(open.open_outbox());
  const UplinkIdentity identity = open.uplink_identity();
  Judgement forged;
  forged.realm = identity.realm;
  forged.office = identity.office;
  forged.chain = "x";
  forged.sequence = 1;
  forged.at = scene.realm.clock.wall();
  forged.records = {{.id = id, .attempt = 1, .verdict = Verdict::kAccepted}};
  const std::string statement = sign_judgement(forged, stolen);
  const Bytes envelope =
      seal_envelope({.type = "mail",
                     .realm = identity.realm,
                     .from = "platform",
                     .to = identity.office,
                     .chain = "",
                     .sequence = 1},
                    as_bytes(statement), stolen, identity.sealing_key->public_key);
  CHECK(code_of(outbox.apply_mail(identity, {.sequence = 1, .envelope = envelope},
                                  scene.realm.clock.wall())) == ErrorCode::kUntrusted);
  CHECK(scene.state_of(id) == RecordState::kReceived);
  scene.must_cycle();  // the true judgement
  CHECK(scene.state_of(id) == RecordState::kAccepted);
}

TEST_CASE("thief of the serving machine: records that it puts into the inbox are set aside") {
  Scene scene;
  platform::Realm& realm = scene.realm.realm();
  const SigningKey own = SigningKey::generate();
  const SealingPublicKey ingest = must(platform::service_keys(realm)).ingest;
  const platform::ServingFolder folder = RealmFolder{scene.realm.path()}.serving();
  // It tells the gateway that its key is the office's, so that the batch is taken in.
  platform::ServingHome& home = realm.serving();
  auto office = must(home.office("xinfeng"));
  REQUIRE(office.has_value());
  office->signing_key = own.public_key;
  must(home.save_office(*office));
  const Bytes envelope = seal_envelope({.type = "batch",
                                        .realm = must(home.settings().needed("realm_id")),
                                        .from = "xinfeng",
                                        .to = "platform",
                                        .chain = "forged",
                                        .sequence = 1},
                                       as_bytes("x"), own, ingest);
  platform::RealmApi api(folder, scene.realm.clock);
  REQUIRE(api.batch(envelope).status == 200);
  const platform::ValidationReport report = scene.realm.validate();
  CHECK(report.quarantined == 1);
  CHECK(report.accepted == 0);
  CHECK(scene.realm.records_of("xinfeng").empty());
}

TEST_CASE(
    "thief of a publishing machine that is off: a locked key opens under its passphrase alone") {
  Scene scene;
  const fs::path file = RealmFolder{scene.realm.path()}.key();
  const SymmetricKey key = scene.realm.realm().key().clone();
  scene.close();
  must(platform::lock_realm_key(file, key, "correct horse battery"));
  CHECK_FALSE(holds(content_of(file), key.expose()));
  CHECK_FALSE(platform::opens_unattended(file));
  const TempDir desk;
  const auto open_with = [&](std::string_view words) {
    must(write_file_atomically(desk / "words.txt", as_bytes(words)));
    ::setenv(platform::kPassphraseVariable, (desk / "words.txt").c_str(), 1);
    Result<platform::Realm> realm = platform::Realm::open(scene.realm.path());
    ::unsetenv(platform::kPassphraseVariable);
    return realm.has_error() ? std::optional(realm.error().code) : std::nullopt;
  };
  CHECK(open_with("wrong horse battery") == ErrorCode::kUntrusted);
  CHECK_FALSE(open_with("correct horse battery"));
  // The gateway goes on without it.
  platform::RealmApi api(RealmFolder{scene.realm.path()}.serving(), scene.realm.clock);
  CHECK(api.status().status == 200);
  must(platform::unlock_realm_key(file, key));
  CHECK(platform::Realm::open(scene.realm.path()).has_value());
}
