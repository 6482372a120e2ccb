#include "tests/realm/world/office.hpp"

#include "agent/cycle/cycle_host.hpp"
#include "agent/office/enroll.hpp"
#include "agent/service/caller.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {
namespace {

constexpr std::size_t kAllRecords = 1'000'000;

// Runs no cycle: the test decides when the office syncs.
class PatientScheduler final : public agent::CycleScheduler {
 public:
  Result<json::object> sync(const agent::CycleRequest&, agent::AnswerSink&) override {
    return fail(ErrorCode::kUsage, "this office syncs when its test says so");
  }
  void nudge() override {}
};

// The agent's host, with small transactions; it notes what it hears and drops.
class WatchedHost final : public SyncHost {
 public:
  WatchedHost(agent::Office& office, LiveOffice& watched)
      : office_(&office), host_(office), watched_(&watched) {}

  Result<DatasetStore> open_directory() override { return host_.open_directory(); }
  Status drop_directory() override { return host_.drop_directory(); }
  const GrantFile* grant() override { return host_.grant(); }
  Status keep_grant(GrantFile grant, ByteView envelope) override {
    return host_.keep_grant(std::move(grant), envelope);
  }
  Result<std::vector<std::string>> held_datasets() override { return host_.held_datasets(); }
  Result<DatasetStore> open_dataset(std::string_view id, StoreLayout layout) override {
    ROOTLET_TRY(const SymmetricKey key, office_->keys().file_key(agent::dataset_key_name(id)));
    return DatasetStore::open(office_->home().dataset(id), key, std::move(layout),
                              {.step_rows = watched_->step_rows});
  }
  Status drop_dataset(std::string_view id, DropReason reason) override {
    watched_->dropped.emplace_back(std::string(id), reason);
    return host_.drop_dataset(id, reason);
  }
  Status heard(const FreshContact& contact) override {
    watched_->contacts.push_back(contact);
    return host_.heard(contact);
  }
  std::optional<UnixTime> time_of_update(const FreshContact* newest) const override {
    return host_.time_of_update(newest);
  }

 private:
  agent::Office* office_;
  agent::CycleHost host_;
  LiveOffice* watched_;
};

class RowSink final : public agent::AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array& rows) override {
    for (const json::value& row : rows) kept.insert(text_of(row.as_array()));
    return ok();
  }
  std::set<std::string> kept;

 private:
  static std::string text_of(const json::array& row) {
    std::string text;
    for (const json::value& cell : row) {
      if (&cell != &row.front()) text += '|';
      if (cell.is_string()) text += cell.as_string();
      if (cell.is_int64()) text += std::to_string(cell.as_int64());
    }
    return text;
  }
};

}  // namespace

LiveOffice::LiveOffice(LiveRealm& realm, std::string id, const std::filesystem::path& home)
    : link([&realm](const GatewayRequest& request) { return realm.answer(request); }, realm.clock,
           realm.random()),
      context{.home = agent::Home(home), .settings = {}, .clock = &realm.clock, .boot = "boot-1"},
      realm_(&realm),
      id_(std::move(id)) {
  context.settings.home = home;
  context.settings.socket = home / "agent.sock";
}

LiveOffice::LiveOffice(LiveRealm& realm, std::string id, const std::filesystem::path& home,
                       const std::string& invitation)
    : LiveOffice(realm, std::move(id), home) {
  must(context.home.prepare());
  const agent::EnrolOutcome outcome = must(agent::enroll(context.home, context.settings, invitation,
                                                         agent::EnrolMode::kOffline, realm.clock));
  HttpRequest request;
  request.url = "http://platform/v1/enroll";
  request.max_bytes = limits::kReceiptBytes;
  request.body = outcome.request;
  REQUIRE(must(link.connect()->send(request)).status == 200);
}

agent::Office LiveOffice::open() {
  return must(agent::Office::open_enrolled(context));
}

agent::CycleResult LiveOffice::cycle() {
  agent::Cycle cycle(context, [this](const HttpOptions&) { return link.connect(); });
  return cycle.run({}, {});
}

SyncReport LiveOffice::sync(const ProgressSink& progress, const StopCheck& stop) {
  const std::unique_ptr<HttpTransport> client = link.connect();
  HttpFileSource source(*client, "http://platform");
  return sync_from(source, progress, stop);
}

SyncReport LiveOffice::sync_from(FileSource& source, const ProgressSink& progress,
                                 const StopCheck& stop) {
  agent::Office office = open();
  WatchedHost host(office, *this);
  const agent::Identity& identity = office.identity();
  DownSync down({.trust_folder = home().trust(), .staging_folder = home().staging(), .gate = gate},
                {.office = identity.invitation.office_id,
                 .division = identity.invitation.office_division,
                 .realm = identity.invitation.realm_id,
                 .grant_token = grant_token(identity.signing.public_key),
                 .sealing_key = &identity.sealing,
                 .directory_keys = &identity.invitation.directory_keys},
                host, source, realm_->clock);
  return down.run(progress, stop);
}

SyncReport LiveOffice::synced() {
  const SyncReport report = sync();
  if (report.error.has_value()) FAIL(report.error->message);
  return report;
}

Result<json::object> LiveOffice::call(std::string_view command, json::object args,
                                      agent::AnswerSink& sink, std::string_view person) {
  PatientScheduler scheduler;
  agent::Service service(context, scheduler, [] { return false; });
  agent::Peer peer = agent::with_roles(agent::own_peer(), context);
  peer.user += person;
  return service.handle({{"command", command}, {"args", std::move(args)}}, peer, sink);
}

Result<json::object> LiveOffice::call(std::string_view command, json::object args) {
  RowSink ignored;
  return call(command, std::move(args), ignored);
}

std::string LiveOffice::submit(std::string_view form, const json::object& values) {
  const json::object saved =
      must(call("submit", {{"form", form}, {"records", json::array{values}}}));
  return std::string(saved.at("id").as_string());
}

void LiveOffice::fix(const std::string& record, const json::object& values) {
  must(call("outbox-fix", {{"id", record}, {"values", values}}));
}

std::vector<RecordSummary> LiveOffice::records() {
  agent::Office office = open();
  Outbox outbox = must(office.open_outbox());
  return must(outbox.list({.limit = kAllRecords}));
}

// Each time another person: one may not page through a dataset again and again.
std::set<std::string> LiveOffice::rows() {
  RowSink sink;
  const Result<json::object> outcome = call("query",
                                            {{"dataset", "people"},
                                             {"purpose", "care"},
                                             {"limit", 0},
                                             {"columns", json::array{}},
                                             {"where", json::array{}}},
                                            sink, " " + std::to_string(++readers_));
  if (outcome.has_error()) {
    const ErrorCode code = outcome.error().code;
    REQUIRE((code == ErrorCode::kUnreachable || code == ErrorCode::kLeaseEnded));
  }
  return std::move(sink.kept);
}

// As rows(), but past the service, with every value that the grade allows.
std::set<std::string> LiveOffice::full_rows(const Grant& grant) {
  agent::Office office = open();
  const SymmetricKey key = must(office.keys().file_key(agent::dataset_key_name("people")));
  DatasetReader reader = must(DatasetReader::open(home().dataset("people"), key));
  const VisibleRows visible = must(reader.visible_rows(
      people_definition(), {.max_grade = grant.max_grade, .divisions = grant.divisions}));
  Statement all = must(reader.database().prepare(
      "SELECT concat_ws('|', id, code, ifnull(members, ''), ifnull(phone, '')) FROM " +
      visible.sql));
  std::set<std::string> rows;
  while (must(all.step())) rows.emplace(all.text(0));
  return rows;
}

std::map<std::string, HeldStream> LiveOffice::streams() {
  std::map<std::string, HeldStream> held;
  if (!std::filesystem::exists(home().dataset("people"))) return held;
  agent::Office office = open();
  const SymmetricKey key = must(office.keys().file_key(agent::dataset_key_name("people")));
  DatasetReader reader = must(DatasetReader::open(home().dataset("people"), key));
  for (HeldStream& stream : must(reader.streams())) {
    const std::string partition = stream.partition;
    held.emplace(partition, std::move(stream));
  }
  return held;
}

std::map<std::string, Version> LiveOffice::versions() {
  std::map<std::string, Version> versions;
  for (const auto& [partition, stream] : streams()) versions[partition] = stream.version;
  return versions;
}

bool LiveOffice::holds_exactly(const std::vector<std::string>& partitions) {
  std::map<std::string, Version> wanted;
  for (const std::string& partition : partitions) wanted[partition] = realm_->head_of(partition);
  if (versions() != wanted) return false;
  const std::string difference = mismatch();
  if (!difference.empty()) MESSAGE(difference);
  return difference.empty();
}

DatasetStore LiveOffice::open_dataset() {
  agent::Office office = open();
  const Grant* grant = office.grants().for_dataset("people");
  REQUIRE(grant != nullptr);
  const SymmetricKey key = must(office.keys().file_key(agent::dataset_key_name("people")));
  return must(DatasetStore::open(home().dataset("people"), key,
                                 dataset_layout(people_definition(), grant->max_grade)));
}

std::vector<StreamHead> LiveOffice::heads() {
  agent::Office office = open();
  std::optional<DatasetReader> directory = must(office.open_directory());
  REQUIRE(directory.has_value());
  return must(DirectoryView(directory->database()).heads("people"));
}

std::vector<PackEntry> LiveOffice::packs_of(const std::string& partition) {
  agent::Office office = open();
  std::optional<DatasetReader> directory = must(office.open_directory());
  REQUIRE(directory.has_value());
  return must(DirectoryView(directory->database()).packs({"people", partition}));
}

std::string LiveOffice::mismatch() {
  const std::map<std::string, HeldStream> held = streams();
  if (held.empty()) return "";
  const agent::Office office = open();
  const Grant* grant = office.grants().for_dataset("people");
  if (grant == nullptr) return "rows are held without a grant";
  // Streams move one by one, so a row that changed its partition may be held in both or in none.
  std::set<std::string> expected, shown;
  for (const auto& [partition, stream] : held) {
    const PublishedVersion& published = realm_->version(partition, stream.version);
    if (stream.digests.front().digest.value() != published.digest) {
      return "the digest of " + partition + " is not that of version " +
             std::to_string(stream.version);
    }
    expected.merge(rows_of(published.people, grant->max_grade < 3));
    shown.merge(rows_of(published.people, true));
  }
  if (full_rows(*grant) != expected) return "the rows are not those of the versions held";
  if (rows() != shown) return "the rows shown are not those held, masked";
  const json::object verified = must(call("verify", {{"dataset", "people"}}));
  return verified.at("equal").as_bool() ? "" : "the digests do not fit the rows";
}

}  // namespace rootlet::test
