// A realm in one process: the real publisher over a real folder, the gateway's handlers, the intake
// of records, and any number of real offices (office.hpp), each behind its own link. One clock,
// which a test moves; one seed. Nothing here signs or encodes anything itself: for metadata that
// no publisher makes, see tests/sync/downlink/fixture_realm.hpp.
#pragma once

#include "platform/holders/holders.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/verification.hpp"
#include "platform/serve/api.hpp"
#include "platform/serve/keeper.hpp"
#include "tests/realm/world/office.hpp"

namespace rootlet::test {

// Two forms: the platform accepts a valid "visit" at once; a person decides about each "claim".
inline constexpr std::string_view kVisit = "visit", kClaim = "claim";

// What the platform published as one version of one partition.
struct PublishedVersion {
  People people;
  Hash256 digest{};  // of the section of grade 1
};

class LiveRealm {
 public:
  // With the dataset "people", of which nothing is published yet, and both forms.
  explicit LiveRealm(std::uint64_t seed = 1);

  // --- the data's owner and the platform's operator ---
  platform::PublishReport publish(const People& people);
  // Takes a version of the dataset back; `people` is what that version had.
  platform::PublishReport restore(Version version, const People& people);
  // Accepts any change.
  Result<platform::PublishReport> try_publish(const std::filesystem::path& csv, bool dry_run);
  // What `serve` does now and then: signs metadata that grows old.
  void renew();
  platform::Verification verify();
  // Replaces the office's grant for "people".
  void permit(const std::string& office, const Grant& grant);
  void withdraw_grant(const std::string& office);
  void suspend(const std::string& office, bool suspended = true);
  void revoke(const std::string& office);
  // The record by which its machine last reported itself lost; "" if it never did.
  std::string loss_of(const std::string& office);
  std::vector<platform::Holder> holders();  // of "people"
  // A new invitation for its next machine.
  std::string reinvite(const std::string& office);
  // Purpose "care", for a year.
  Grant grant(std::vector<std::string> divisions, Grade max_grade = 1) const;

  // Invites an office, enrols it by its request, and grants it `divisions`. The office has not
  // synced yet. It lives as long as the realm.
  LiveOffice& add_office(const std::string& id, std::vector<std::string> divisions = {"all"},
                         Grade max_grade = 1);

  // --- records ---
  // Opens and validates every batch that waits.
  platform::ValidationReport validate();
  // Decides about every record that waits for a person, by the realm's seed.
  void decide_claims();
  std::vector<platform::IntakeRecord> records_of(const std::string& office);

  // --- what it has published ---
  Version head_of(const std::string& partition) const;
  // Every version of every partition that publish() made.
  const PublishedVersion& version(const std::string& partition, Version version) const;
  const std::map<std::string, std::map<Version, PublishedVersion>>& versions() const {
    return versions_;
  }
  // Below the repository: "packs/11/1790000000.packs".
  std::string pack_file_of(const std::string& partition, Version from, Version to);
  std::filesystem::path path() const { return folder_ / "realm"; }
  std::filesystem::path repository() const { return path() / "repository"; }
  platform::Realm& realm();
  // Closes every file of the realm, as before a fork; the next call opens what it needs.
  void close();

  GatewayReply answer(const GatewayRequest& request);
  platform::IntakeSession& intake();

  FakeClock clock;
  std::mt19937_64 random;

 private:
  void remember_versions();

  People people_;  // as last published

  TempDir folder_;
  std::optional<platform::Realm> realm_;
  std::unique_ptr<platform::IntakeSession> intake_;
  std::optional<platform::RealmApi> api_;
  std::map<std::string, std::map<Version, PublishedVersion>> versions_;
  std::map<std::string, std::unique_ptr<LiveOffice>> offices_;
};

// In memory if the machine has such a folder: an fsync costs nothing there, and is still called.
std::filesystem::path fast_folder();

}  // namespace rootlet::test
