// Makes an office's grant file when its content changed, and only then: docs/FORMATS.md,
// "Envelope".
#include <algorithm>
#include <map>

#include "platform/repository/repository.hpp"
#include "sync/trust/office/envelope.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFullMode = "full";

// A masked grant gives only the key of grade 1, which has the masked values, whatever its grade.
Grade highest_grade(const Grant& grant) {
  return grant.mode == kFullMode ? grant.max_grade : Grade{1};
}

// Loads the streams and keys of each dataset once for all offices.
class GrantMaker {
 public:
  GrantMaker(Realm& realm, UnixTime now) : realm_(realm), now_(now) {}

  Result<GrantFile> make(const OfficeEntry& office) {
    GrantFile file;
    file.office = office.id;
    file.suspended = office.state == OfficeState::kSuspended;
    ROOTLET_TRY(file.grants, realm_.registry().grants_of(office.id));
    for (const Grant& grant : file.grants) {
      if (grant.until <= now_) continue;
      ROOTLET_TRY(add_keys(grant, file.keys));
    }
    return file;
  }

 private:
  struct Dataset {
    std::map<std::string, std::uint32_t> epochs;  // of the streams that exist
    std::vector<ContentKey> keys;
  };

  Result<const Dataset*> dataset(const std::string& id) {
    const auto found = datasets_.find(id);
    if (found != datasets_.end()) return &found->second;
    Dataset dataset;
    ROOTLET_TRY(const std::vector<StreamEntry> streams, realm_.registry().streams(id));
    for (const StreamEntry& stream : streams) dataset.epochs[stream.name.partition] = stream.epoch;
    ROOTLET_TRY(dataset.keys, realm_.registry().content_keys(id));
    return &datasets_.emplace(id, std::move(dataset)).first->second;
  }

  Status add_keys(const Grant& grant, std::vector<ContentKey>& keys) {
    ROOTLET_TRY(const Dataset* held, dataset(grant.dataset));
    for (const ContentKey& key : held->keys) {
      const auto epoch = held->epochs.find(key.stream.partition);
      const bool is_current = epoch != held->epochs.end() && epoch->second == key.epoch;
      if (!is_current || key.grade > highest_grade(grant)) continue;
      if (!grant_covers(grant, key.stream.partition)) continue;
      keys.push_back({key.stream, key.grade, key.epoch, key.key.clone()});
    }
    return ok();
  }

  Realm& realm_;
  UnixTime now_;
  std::map<std::string, Dataset> datasets_;
};

Status seal_grant(Realm& realm, OfficeEntry& office, const GrantFile& file) {
  ROOTLET_TRY(const SigningKey signer, realm.registry().signing_key("grants"));
  ROOTLET_TRY(const std::string realm_id, realm.registry().needed_setting(kSettingRealmId));
  const EnvelopeHeader header{.type = "grant",
                              .realm = realm_id,
                              .from = "platform",
                              .to = office.id,
                              .chain = "",
                              .sequence = file.version};
  office.grant_file =
      seal_envelope(header, as_bytes(encode_grant_file(file)), signer, *office.sealing_key);
  return ok();
}

}  // namespace

Status stage_grants(Realm& realm, UnixTime now) {
  GrantMaker maker(realm, now);
  ROOTLET_TRY(std::vector<OfficeEntry> offices, realm.registry().offices());
  for (OfficeEntry& office : offices) {
    if (!office.sealing_key.has_value() || office.state == OfficeState::kRevoked) continue;
    ROOTLET_TRY(GrantFile file, maker.make(office));
    const Hash256 fingerprint = blake2b(as_bytes(encode_grant_file(file)));
    if (!office.grant_file.empty() && fingerprint == office.grant_fingerprint) continue;
    file.version = ++office.grant_version;
    file.issued = office.grant_issued = now;
    office.grant_fingerprint = fingerprint;
    ROOTLET_TRY(seal_grant(realm, office, file));
    ROOTLET_TRY(realm.registry().save_office(office));
  }
  return ok();
}

}  // namespace rootlet::platform
