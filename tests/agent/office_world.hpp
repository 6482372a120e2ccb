// An enrolled home with a catalogue and rows, made without a network, for the tests of the service.
#pragma once

#include "agent/cycle/cycle_host.hpp"
#include "agent/office/identity.hpp"
#include "agent/service/caller.hpp"
#include "agent/service/service.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using namespace agent;

inline constexpr std::string_view kRoster = R"json({
  "id": "roster", "title": {"zh": "名册", "en": "Roster"},
  "provider": {"code": "11100000MB0123", "name": {"zh": "民政部门", "en": "Civil affairs"}},
  "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["verification", "lookup"]},
  "grade": "general", "assessment": "2026-017",
  "division": {"column": "village", "digits": 4},
  "columns": [
    {"name": "id", "type": "text", "key": true, "search": true},
    {"name": "name", "type": "text", "search": true, "title": {"zh": "姓名", "en": "Name"}},
    {"name": "village", "type": "text"},
    {"name": "members", "type": "integer"},
    {"name": "area", "type": "decimal(2)"},
    {"name": "rural", "type": "boolean"},
    {"name": "phone", "type": "text", "grade": 3, "mask": "phone"},
    {"name": "secret", "type": "text", "grade": 4}
  ]})json";

inline constexpr std::string_view kVisitForm = R"({
  "id": "visit", "version": 1, "title": {"zh": "走访", "en": "Visit"}, "purpose": "verification",
  "basis": "x", "retention_days": 30, "unit": "town", "contact": "1",
  "fields": [
    {"name": "name", "title": {"zh": "姓名", "en": "Name"}, "type": "text", "required": true},
    {"name": "members", "title": {"zh": "人口", "en": "Members"}, "type": "integer",
     "required": true, "min": 1, "max": 30}
  ]})";

// The realm's keys and root, and the invitations it makes.
struct TestRealm {
  SigningKey root = SigningKey::generate();
  SigningKey statement = SigningKey::generate();
  SealingKey ingest = SealingKey::generate();
  std::string url = "http://127.0.0.1:9";

  std::string root_file() const {
    TufRootContent content;
    content.header = {.version = 1, .expires = UnixTime(std::chrono::seconds(2'000'000'000))};
    const TufRoleKeys keys{.keys = {root.public_key}, .threshold = 1};
    content.root = content.timestamp = content.snapshot = content.targets = keys;
    const SigningKey* const signers[] = {&root};
    return std::string(as_text(must(sign_metadata(encode_root(content), signers))));
  }
  std::string id() const { return to_hex(sha256(as_bytes(root_file()))).substr(0, 16); }
  std::string invitation(const std::string& office = "jiaxing") const {
    const json::object text{
        {"format", "rootlet-enroll/3"},
        {"realm", json::object{{"id", id()}, {"name", "Test"}}},
        {"office", json::object{{"id", office}, {"division", "3304"}, {"name", "嘉兴"}}},
        {"url", url},
        {"token", to_base64(random_bytes(32))},
        {"expires", "2030-01-01T00:00:00Z"},
        {"root", root_file()},
        {"directory_keys", json::array()},
        {"keys", encode_service_keys({.enrolment = ingest.public_key,
                                      .answer = statement.public_key,
                                      .ingest = ingest.public_key,
                                      .receipt = {statement.public_key},
                                      .judgement = {statement.public_key}})}};
    return json::serialize(text);
  }
};

class NullScheduler final : public CycleScheduler {
 public:
  Result<json::object> sync(const CycleRequest& request, AnswerSink&) override {
    return json::object{{"from", request.from}};
  }
  void nudge() override { ++nudges; }
  int nudges = 0;
};

// Keeps everything that a command streams.
class KeepingSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object& head) override {
    heads.push_back(head);
    return ok();
  }
  Status rows(const json::array& rows) override {
    for (const json::value& row : rows) kept.push_back(row);
    return ok();
  }
  std::vector<json::object> heads;
  json::array kept;
};

class OfficeWorld {
 public:
  OfficeWorld() {
    context.settings.home = context.home.folder();
    context.settings.socket = context.home.folder() / "agent.sock";
    must(context.home.prepare());
    const SymmetricKey machine = must(make_machine_key(context.home));
    KeyStore keys = must(KeyStore::open(context.home, machine));
    must(create_identity(keys, must(parse_invitation(realm.invitation(), "invitation"))));
    must(save_enrolment_state(keys, EnrolmentState::kEnrolled));
    hear_platform();
    give_grant(2, "full");
    fill_directory();
    fill_roster();
  }

  // A fresh timestamp of the platform arrives.
  void hear_platform() {
    const UnixTime expires = clock.wall() + std::chrono::days(7);
    must(open().hear({.root_version = 1,
                      .version = ++timestamp_version_,
                      .issued = clock.wall(),
                      .expires = expires},
                     expires));
  }

  Office open() { return must(Office::open_enrolled(context)); }

  void give_grant(Grade max_grade, const std::string& mode, bool suspended = false,
                  bool may_export = false) {
    Grant grant;
    grant.dataset = "roster";
    grant.divisions = {"3304"};
    grant.max_grade = max_grade;
    grant.purposes = {"verification"};
    grant.mode = mode;
    grant.until = clock.wall() + std::chrono::days(365);
    grant.lease_days = 30;
    grant.may_export = may_export;
    GrantFile file;
    file.office = "jiaxing";
    file.version = ++grant_version_;
    file.issued = clock.wall();
    file.suspended = suspended;
    file.grants.push_back(grant);
    Office office = open();
    must(office.save_grants(file));
  }

  Result<json::object> call(std::string_view command, json::object args, KeepingSink& sink) {
    Service service(context, scheduler, [] { return false; });
    return service.handle({{"command", command}, {"args", std::move(args)}},
                          with_roles(own_peer(), context), sink);
  }
  Result<json::object> call(std::string_view command, json::object args) {
    KeepingSink sink;
    return call(command, std::move(args), sink);
  }

  TempDir folder;
  FakeClock clock;
  TestRealm realm;
  NullScheduler scheduler;
  AgentContext context{
      .home = Home(folder / "home"), .settings = {}, .clock = &clock, .boot = "boot-1"};

 private:
  void fill_directory() {
    Office office = open();
    CycleHost host(office);
    DatasetStore store = must(host.open_directory());
    must(prepare_node_tables(store.database()));
    HeldNode node{.stream = node_stream("3304"), .version = 1};
    node.rows = {{.kind = DirectoryKind::kDefinition, .id = "roster", .body = std::string(kRoster)},
                 {.kind = DirectoryKind::kListing,
                  .id = "roster",
                  .a = 1,
                  .size = 1,
                  .hash = std::string(kPinnedDigestBytes, 'x'),
                  .body = must(listing_of(kRoster))},
                 {.kind = DirectoryKind::kStream,
                  .id = "roster/3304",
                  .a = 1,
                  .b = 3,
                  .size = 1,
                  .time = clock.wall().time_since_epoch().count(),
                  .hash = std::string(kPinnedDigestBytes, 'x')},
                 {.kind = DirectoryKind::kForm, .id = "visit", .body = std::string(kVisitForm)}};
    must(save_node(store.database(), node));
  }

  void fill_roster() {
    Office office = open();
    CycleHost host(office);
    const DatasetDefinition definition =
        must(DatasetDefinition::parse(std::string(kRoster), "roster"));
    DatasetStore store = must(host.open_dataset("roster", dataset_layout(definition, 2)));
    RowBlock block;
    block.columns.resize(store.layout().sections.front().columns.size());
    add_person(store, block, 0, "a1", "王小明", "330402001001", 3, "13812341234");
    add_person(store, block, 1, "b2", "Li \"Q\", 丽", "330402001002", 5, "13900000000");
    add_person(store, block, 2, "c,3", "张三", "330411001001", 1, "13711112222");
    put(store, "3304", block);
  }

  static void add_person(DatasetStore& store, RowBlock& block, Rid rid, std::string_view id,
                         std::string_view name, std::string_view village, std::int64_t members,
                         std::string_view phone) {
    block.rids.push_back(rid);
    const auto& columns = store.layout().sections.front().columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string& column = columns[i].name;
      CellColumn& cells = block.columns[i];
      if (column == "id")
        cells.push_text(id);
      else if (column == "name")
        cells.push_text(name);
      else if (column == "village")
        cells.push_text(village);
      else if (column == "members")
        cells.push_integer(members);
      else if (column == "area")
        cells.push_integer(members * 150);
      else if (column == "rural")
        cells.push_integer(members % 2);
      else if (column == "phone~")
        cells.push_text(mask_text("phone", phone));
      else
        cells.push_null();
    }
  }

  void put(DatasetStore& store, const std::string& partition, const RowBlock& block) {
    Transaction transaction = must(Transaction::begin(store.database()));
    const Slot slot = must(store.new_slot());
    RowTable table =
        must(RowTable::open(store.database(), store.table(), store.layout().sections.front(),
                            store.layout().key, slot));
    if (!block.rids.empty()) must(table.insert(block, 0, block.rids.size()));
    auto indexer = must(SlotIndexer::open(store.database(), store.generation(), slot));
    while (indexer && must(indexer->step(limits::kBlockRows)) > 0) continue;
    HeldStream stream;
    stream.partition = partition;
    stream.slot = slot;
    stream.version = 1;
    stream.epoch = 1;
    stream.as_of = clock.wall();
    stream.received = clock.wall();
    stream.rows = block.rids.size();
    stream.digests.push_back({.grade = 1, .digest = {}});
    must(store.put_stream(stream));
    must(transaction.commit());
  }

  std::uint64_t grant_version_ = 0;
  std::int64_t timestamp_version_ = 0;
};

}  // namespace rootlet::test
