#include "tests/realm/world/office.hpp"

#include "agent/cycle/cycle_host.hpp"
#include "agent/office/enroll.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {
namespace {

constexpr std::size_t kAllRecords = 1'000'000;

// Runs no cycle by itself: tests decide when the office syncs.
class PatientScheduler final : public agent::CycleScheduler {
 public:
  Result<json::object> sync(const agent::CycleRequest&, agent::AnswerSink&) override {
    return fail(ErrorCode::kUsage, "this office syncs when its test says so");
  }
  void nudge() override {}
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

LiveOffice::LiveOffice(LiveRealm& realm, std::string id, const std::filesystem::path& home,
                       const std::string& invitation)
    : link([&realm](const GatewayRequest& request) { return realm.answer(request); }, realm.clock,
           realm.random()),
      context{.home = agent::Home(home), .settings = {}, .clock = &realm.clock, .boot = "boot-1"},
      realm_(&realm),
      id_(std::move(id)) {
  context.settings.home = home;
  context.settings.socket = home / "agent.sock";
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
  agent::Office office = open();
  agent::CycleHost host(office);
  const std::unique_ptr<HttpTransport> client = link.connect();
  HttpFileSource source(*client, "http://platform");
  const agent::Identity& identity = office.identity();
  DownSync down({.trust_folder = home().trust(), .staging_folder = home().staging(), .gate = gate},
                {.office = identity.invitation.office_id,
                 .realm = identity.invitation.realm_id,
                 .sealing_key = &identity.sealing,
                 .directory_key = &identity.invitation.directory_key},
                host, source, realm_->clock);
  return down.run(progress, stop);
}

SyncReport LiveOffice::synced() {
  const SyncReport report = sync();
  if (report.error.has_value()) FAIL(report.error->message);
  return report;
}

Result<json::object> LiveOffice::call(std::string_view command, json::object args,
                                      agent::AnswerSink& sink) {
  PatientScheduler scheduler;
  agent::Service service(context, scheduler, [] { return false; });
  return service.handle({{"command", command}, {"args", std::move(args)}}, agent::own_peer(), sink);
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

std::set<std::string> LiveOffice::rows() {
  RowSink sink;
  const Result<json::object> outcome = call("query",
                                            {{"dataset", "people"},
                                             {"purpose", "care"},
                                             {"limit", 0},
                                             {"columns", json::array{}},
                                             {"where", json::array{}}},
                                            sink);
  if (outcome.has_error()) REQUIRE(outcome.error().code == ErrorCode::kUnreachable);
  return std::move(sink.kept);
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
  check_versions();
  return true;
}

void LiveOffice::check_versions() {
  const std::map<std::string, HeldStream> held = streams();
  if (held.empty()) return;
  const agent::Office office = open();
  const Grant* grant = office.grants().for_dataset("people");
  REQUIRE(grant != nullptr);
  // Streams move one by one, so a row that changed its partition may be held in both or in none.
  std::set<std::string> expected;
  for (const auto& [partition, stream] : held) {
    CAPTURE(partition);
    const PublishedVersion& published = realm_->version(partition, stream.version);
    REQUIRE(stream.digests.front().digest.value() == published.digest);
    expected.merge(rows_of(published.people, grant->max_grade < 3));
  }
  REQUIRE(rows() == expected);
  const json::object verified = must(call("verify", {{"dataset", "people"}}));
  REQUIRE(verified.at("equal").as_bool());
}

}  // namespace rootlet::test
