// Makes an office's grant file when its content changed, and only then: docs/FORMATS.md,
// "Envelope". Looks only at offices that were touched, that a grant of has ended, or whose grants
// cover a stream with new keys.
#include <algorithm>
#include <map>
#include <set>

#include "platform/repository/repository.hpp"
#include "storage/row_values.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/office/envelope.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kSettingGrantsChecked = "grants_checked";  // when, in Unix seconds

class GrantMaker {
 public:
  static Result<GrantMaker> make(Registry& registry, UnixTime now) {
    ROOTLET_TRY(SigningKey signer, registry.signing_key("grants"));
    ROOTLET_TRY(SymmetricKey secret, registry.secret("directory-content"));
    ROOTLET_TRY(std::string realm_id, registry.needed_setting(kSettingRealmId));
    return GrantMaker(registry, now, std::move(signer), std::move(secret), std::move(realm_id));
  }

  // Saves a new version if the content changed.
  Status make_for(OfficeEntry& office) {
    if (!office.sealing_key.has_value() || !office.signing_key.has_value()) return ok();
    ROOTLET_TRY(GrantFile file, content_for(office));
    const Hash256 fingerprint = blake2b(as_bytes(encode_grant_file(file)));
    if (office.grant_bytes > 0 && fingerprint == office.grant_fingerprint) return ok();
    file.version = ++office.grant_version;
    file.issued = office.grant_issued = now_;
    office.grant_fingerprint = fingerprint;
    const Bytes sealed = seal(office, file);
    office.grant_bytes = sealed.size();
    office.grant_hash = sha256(sealed);
    ROOTLET_TRY(registry_.save_holdings(office, file, now_));
    return registry_.save_grant_file(office, sealed);
  }

 private:
  GrantMaker(Registry& registry, UnixTime now, SigningKey signer, SymmetricKey secret,
             std::string realm_id)
      : registry_(registry),
        now_(now),
        signer_(std::move(signer)),
        secret_(std::move(secret)),
        realm_id_(std::move(realm_id)) {}

  Result<GrantFile> content_for(const OfficeEntry& office) {
    GrantFile file;
    file.office = office.id;
    file.suspended = office.state == OfficeState::kSuspended;
    file.revoked = office.state == OfficeState::kRevoked;
    file.settled_loss = office.settled_loss;
    if (file.revoked) return file;  // its last: what it leaves out, the office erases
    ROOTLET_TRY(file.grants, registry_.grants_of(office.id));
    std::set<StreamName> directory;
    for (const Grant& grant : file.grants) {
      if (grant.until <= now_ || file.suspended || !grant.lands()) continue;
      ROOTLET_TRY(add_keys(grant, file.keys));
      add_directory(grant, directory);
    }
    for (const std::string& node : path_of(office.division)) directory.erase(node_stream(node));
    for (const StreamName& stream : directory) {
      file.directory_keys.push_back({stream, derive_directory_key(secret_, stream)});
    }
    return file;
  }

  // Of each division that no other division of the grant covers: what is published there is under
  // epochs in use, and what will be is under the newest.
  Status add_keys(const Grant& grant, std::vector<ContentKey>& keys) {
    ROOTLET_TRY(const std::vector<ContentKey> roots, registry_.content_keys(grant.dataset));
    std::uint32_t newest = 0;
    for (const ContentKey& root : roots) newest = std::max(newest, root.epoch);
    for (const std::string& division : outermost(grant.divisions)) {
      ROOTLET_TRY(std::set<std::uint32_t> epochs, registry_.epochs_in({grant.dataset, division}));
      epochs.insert(newest);
      for (const ContentKey& root : roots) {
        if (root.grade > grant.opened_grade() || !epochs.contains(root.epoch)) continue;
        keys.push_back({.stream = {grant.dataset, division},
                        .grade = root.grade,
                        .epoch = root.epoch,
                        .key = content_key_within(root.key, "all", division)});
      }
    }
    return ok();
  }

  static std::set<std::string> outermost(const std::vector<std::string>& divisions) {
    std::set<std::string> found;
    for (const std::string& division : divisions) {
      const bool is_within =
          std::any_of(divisions.begin(), divisions.end(), [&](const std::string& other) {
            return other != division && division_covers(other, division);
          });
      if (!is_within) found.insert(division);
    }
    return found;
  }

  static void add_directory(const Grant& grant, std::set<StreamName>& streams) {
    for (const std::string& division : grant.divisions) {
      for (const std::string& node : path_of(division)) streams.insert(node_stream(node));
      streams.insert(heads_stream(grant.dataset, division));
    }
  }

  Bytes seal(const OfficeEntry& office, const GrantFile& file) const {
    const EnvelopeHeader header{.type = "grant",
                                .realm = realm_id_,
                                .from = "platform",
                                .to = office.id,
                                .chain = "",
                                .sequence = file.version};
    return seal_envelope(header, as_bytes(encode_grant_file(file)), signer_, *office.sealing_key);
  }

  Registry& registry_;
  UnixTime now_;
  SigningKey signer_;
  SymmetricKey secret_;
  std::string realm_id_;
};

// Offices whose grants cover divisions with new keys, or lie within them.
Status add_offices_of_keys(Registry& registry, std::set<std::string>& offices) {
  ROOTLET_TRY(const std::vector<Touch> streams, registry.tree().touched(Touched::kKeys));
  std::set<std::pair<std::string, std::string>> divisions;
  for (const Touch& stream : streams) {
    for (std::string& division : path_of(stream.division)) {
      divisions.emplace(stream.dataset, std::move(division));
    }
    ROOTLET_TRY(const std::vector<std::string> named, registry.divisions_named_for(stream.dataset));
    for (const std::string& division : named) {
      if (division_covers(stream.division, division)) divisions.emplace(stream.dataset, division);
    }
  }
  for (const auto& [dataset, division] : divisions) {
    ROOTLET_TRY(const std::vector<std::string> some, registry.offices_naming(dataset, division));
    offices.insert(some.begin(), some.end());
  }
  return ok();
}

// Offices of which a grant ended since the last stage, or would come back if the clock went back.
Status add_offices_of_ended(Registry& registry, UnixTime now, std::set<std::string>& offices) {
  ROOTLET_TRY(const std::uint64_t last, registry.number_setting(kSettingGrantsChecked, 0));
  const UnixTime before{std::chrono::seconds(static_cast<std::int64_t>(last))};
  ROOTLET_TRY(const std::vector<Registry::Naming> ended,
              registry.grants_ending(std::min(before, now), std::max(before, now)));
  for (const Registry::Naming& one : ended) offices.insert(one.office);
  return registry.save_setting(kSettingGrantsChecked, std::to_string(unix_s(now)));
}

}  // namespace

Status stage_grants(Realm& realm, UnixTime now) {
  Registry& registry = realm.registry();
  std::set<std::string> offices;
  ROOTLET_TRY(const std::vector<Touch> touched, registry.tree().touched(Touched::kOffice));
  for (const Touch& touch : touched) offices.insert(touch.division);
  ROOTLET_TRY(add_offices_of_keys(registry, offices));
  ROOTLET_TRY(add_offices_of_ended(registry, now, offices));
  if (offices.empty()) return ok();
  ROOTLET_TRY(GrantMaker maker, GrantMaker::make(registry, now));
  for (const std::string& id : offices) {
    ROOTLET_TRY(std::optional<OfficeEntry> office, registry.office(id));
    if (!office.has_value()) continue;
    ROOTLET_TRY(maker.make_for(*office));
  }
  return ok();
}

}  // namespace rootlet::platform
