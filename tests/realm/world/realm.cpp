#include "tests/realm/world/realm.hpp"

#include "platform/office/catalogue.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/office/revocation.hpp"
#include "platform/source/csv_source.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "tests/support/test_database.hpp"

namespace rootlet::test {
namespace {

constexpr std::string_view kVisitForm = R"({
  "id": "visit", "version": 1, "title": "Visit", "purpose": "p", "basis": "b", "unit": "u",
  "contact": "c", "retention_days": 30,
  "fields": [{"name": "name", "type": "text", "required": true},
             {"name": "people", "type": "integer", "min": 0, "max": 100}]})";
constexpr std::string_view kClaimForm = R"({
  "id": "claim", "version": 1, "review": "manual", "title": "Claim", "purpose": "p", "basis": "b",
  "unit": "u", "contact": "c", "retention_days": 30,
  "fields": [{"name": "name", "type": "text", "required": true},
             {"name": "people", "type": "integer", "min": 0, "max": 100}]})";

void make_new_realm(const std::filesystem::path& path) {
  const UnixTime now = FakeClock().wall();
  must(platform::init_realm(path, {.name = "Test", .database = test_database(path)},
                            {"correct horse 1", "correct horse 2", "correct horse 3"}, now));
  platform::Realm realm = must(platform::Realm::open(path));
  must(platform::add_dataset(realm, people_definition(), now));
  for (const std::string_view form : {kVisitForm, kClaimForm}) {
    must(platform::add_form(realm, must(FormDefinition::parse(form, "form")), now));
  }
}

// Made once and copied for each test, because root keys take their time (Argon2). One for each size
// of sealed chunks, because the realm's first packs have it too.
std::filesystem::path new_realm() {
  static const TempDir kFolder{fast_folder()};
  const auto path = kFolder / std::to_string(pack_sizes().seal_chunk_bytes);
  if (!std::filesystem::exists(path)) make_new_realm(path);
  return path;
}

}  // namespace

std::filesystem::path fast_folder() {
  std::error_code ignored;
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory, ignored) ? memory
                                                        : std::filesystem::temp_directory_path();
}

LiveRealm::LiveRealm(std::uint64_t seed) : random(seed), folder_(fast_folder()) {
  std::filesystem::copy(new_realm(), path(), std::filesystem::copy_options::recursive);
}

platform::Realm& LiveRealm::realm() {
  if (!realm_) realm_.emplace(must(platform::Realm::open(path())));
  return *realm_;
}

platform::IntakeSession& LiveRealm::intake() {
  const platform::RealmFolder folder{path()};
  if (!intake_) intake_ = must(platform::IntakeSession::open(folder.intake(), folder.serving()));
  return *intake_;
}

void LiveRealm::close() {
  realm_.reset();
  intake_.reset();
  api_.reset();
}

platform::PublishReport LiveRealm::publish(const People& people) {
  const auto csv = folder_ / "people.csv";
  write_people(csv, people);
  const platform::PublishReport report = must(try_publish(csv, false));
  people_ = people;
  remember_versions();
  return report;
}

platform::PublishReport LiveRealm::restore(Version version, const People& people) {
  const platform::PublishReport report =
      must(platform::publish_dataset(realm(), "people", {.restore = version}, clock.wall()));
  people_ = people;
  remember_versions();
  return report;
}

Result<platform::PublishReport> LiveRealm::try_publish(const std::filesystem::path& csv,
                                                       bool dry_run) {
  return platform::publish_dataset(
      realm(), "people",
      {.open_source = platform::csv_file(csv), .accept_changes = 100, .dry_run = dry_run},
      clock.wall());
}

// Also those that only have new keys.
void LiveRealm::remember_versions() {
  for (const platform::StreamEntry& stream : must(realm().registry().streams("people"))) {
    auto& versions = versions_[stream.name.partition];
    if (versions.contains(stream.version)) continue;
    PublishedVersion& made = versions[stream.version];
    made.digest = stream.digest;
    for (const auto& [id, person] : people_) {
      if (partition_of(person) == stream.name.partition) made.people[id] = person;
    }
  }
}

void LiveRealm::renew() {
  const FileLock lock = must(platform::lock_realm(realm().folder()));
  must(platform::renew_repository(realm(), clock.wall()));
}

platform::Verification LiveRealm::verify() {
  return must(platform::verify_realm(realm(), clock));
}

void LiveRealm::permit(const std::string& office, const Grant& grant) {
  for (const Grant& held : must(realm().registry().grants_of(office))) {
    if (held.dataset != grant.dataset) continue;
    const auto replace = [&](Grant& changed) {
      changed = grant;
      return ok();
    };
    must(platform::change_grant(realm(), office, grant.dataset, platform::CoverageRule::kAnyway,
                                replace, clock.wall()));
    remember_versions();
    return;
  }
  must(platform::add_grant(realm(), office, grant, platform::CoverageRule::kAnyway, clock.wall()));
}

void LiveRealm::withdraw_grant(const std::string& office) {
  must(platform::remove_grant(realm(), office, "people", clock.wall()));
  remember_versions();
}

void LiveRealm::suspend(const std::string& office, bool suspended) {
  must(suspended ? platform::suspend_office(realm(), office, clock.wall())
                 : platform::resume_office(realm(), office, loss_of(office), clock.wall()));
  remember_versions();
}

std::string LiveRealm::loss_of(const std::string& office) {
  const auto losses = must(intake().intake().losses());
  const auto loss = losses.find(office);
  return loss == losses.end() ? "" : loss->second.record;
}

std::vector<platform::Holder> LiveRealm::holders() {
  return must(
      platform::load_holders(realm().registry(), intake().intake(), "people", clock.wall()));
}

void LiveRealm::revoke(const std::string& office) {
  must(platform::revoke_office(realm(), office, clock.wall()));
  remember_versions();
}

std::string LiveRealm::reinvite(const std::string& office) {
  std::string invitation = must(platform::reinvite_office(realm(), {.id = office}, clock.wall()));
  remember_versions();
  return invitation;
}

Grant LiveRealm::grant(std::vector<std::string> divisions, Grade max_grade) const {
  Grant grant;
  grant.dataset = "people";
  grant.divisions = std::move(divisions);
  grant.max_grade = max_grade;
  grant.basis = grant.scenario = grant.approver = "test";
  grant.purposes = {"care"};
  grant.may_export = true;
  grant.until = clock.wall() + std::chrono::days(365);
  return grant;
}

LiveOffice& LiveRealm::add_office(const std::string& id, std::vector<std::string> divisions,
                                  Grade max_grade) {
  const std::string invitation = must(platform::invite_office(
      realm(), {.id = id, .division = "11", .name = "Office " + id}, clock.wall()));
  auto office = std::make_unique<LiveOffice>(*this, id, folder_ / ("home-" + id), invitation);
  permit(id, grant(std::move(divisions), max_grade));
  return *offices_.emplace(id, std::move(office)).first->second;
}

platform::ValidationReport LiveRealm::validate() {
  return must(intake().validate(clock.wall()));
}

void LiveRealm::decide_claims() {
  const platform::IntakePage page =
      must(intake().intake().list({.state = platform::IntakeState::kWaiting, .limit = 1'000'000}));
  for (const platform::IntakeRecord& held : page.records) {
    const std::string& id = held.record.id;
    if (random() % 3 > 0) {
      must(intake().intake().judge_records({.ids = {id}}, intake(), intake(), clock.wall()));
      continue;
    }
    const Objection objection{.field = "name", .reason = "unclear", .words = {"unclear", "不清"}};
    must(intake().intake().judge_records({.ids = {id}, .objection = objection}, intake(), intake(),
                                         clock.wall()));
  }
}

std::vector<platform::IntakeRecord> LiveRealm::records_of(const std::string& office) {
  return must(intake().intake().list({.office = office, .limit = 1'000'000})).records;
}

Version LiveRealm::head_of(const std::string& partition) const {
  return versions_.at(partition).rbegin()->first;
}

const PublishedVersion& LiveRealm::version(const std::string& partition, Version version) const {
  return versions_.at(partition).at(version);
}

std::string LiveRealm::pack_file_of(const std::string& partition, Version from, Version to) {
  for (const platform::PackEntry& pack : must(realm().registry().packs("people"))) {
    if (pack.stream.partition == partition && pack.from == from && pack.to == to) {
      return path_of_file(pack);
    }
  }
  FAIL("there is no pack of " << partition << " from " << from << " to " << to);
  return {};
}

GatewayReply LiveRealm::answer(const GatewayRequest& request) {
  if (!api_) {
    api_.emplace(platform::RealmFolder{path()}.serving(), clock);
    api_->on_enrolment([this] { must(platform::answer_enrolments(realm(), clock.wall())); });
  }
  return answer_in_process(repository(), *api_, request);
}

}  // namespace rootlet::test
