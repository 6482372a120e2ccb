// Metadata of The Update Framework (TUF 1.0, section 4). Signs a role again when its content
// changed or its age requires it.
#include <algorithm>

#include "platform/repository/repository.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::days kTimestampAge{1};
constexpr std::string_view kSettingClockReading = "clock_reading";  // when the realm last signed

// When metadata with unchanged content must be signed again.
struct Ageing {
  std::chrono::seconds life;
  std::chrono::seconds oldest;  // since it was signed
};

Ageing for_life(std::chrono::seconds life) {
  return {.life = life, .oldest = life * 3 / 4};
}

class MetadataStage {
 public:
  MetadataStage(Realm& realm, UnixTime now) : realm_(realm), now_(now) {}
  bool signed_any() const { return signed_any_; }

  // The newest version of the role; signs a new one if necessary. `encode` turns the content into
  // the signed part.
  template <typename Content, typename Encode>
  Result<MetadataEntry> stage(std::string_view role, Content content, Encode encode,
                              const Ageing& ageing, json::object custom = {}) {
    content.header = {.version = 1, .expires = {}, .custom = {}};
    const Hash256 fingerprint = blake2b(as_bytes(json::serialize(encode(content))));
    ROOTLET_TRY(std::optional<MetadataEntry> held, realm_.registry().newest_metadata(role));
    if (held.has_value() && held->fingerprint == fingerprint && !is_old(*held, ageing)) {
      return *std::move(held);
    }
    MetadataEntry entry{.version = held.has_value() ? held->version + 1 : 1,
                        .signed_at = now_,
                        .expires = now_ + ageing.life,
                        .file = {},
                        .fingerprint = fingerprint};
    content.header = {
        .version = entry.version, .expires = entry.expires, .custom = std::move(custom)};
    ROOTLET_TRY(const SigningKey key, realm_.registry().signing_key(role));
    const SigningKey* keys[] = {&key};
    ROOTLET_TRY(entry.file, sign_metadata(encode(content), keys));
    ROOTLET_TRY(realm_.registry().save_metadata(role, entry));
    signed_any_ = true;
    return entry;
  }

 private:
  // A signature from the future is a mistake that a new one takes back.
  bool is_old(const MetadataEntry& held, const Ageing& ageing) const {
    return now_ - held.signed_at >= ageing.oldest || held.signed_at > now_ + kSigningSlack;
  }

  Realm& realm_;
  UnixTime now_;
  bool signed_any_ = false;
};

// Refuses a time that the realm's past does not explain, and notes the clocks for the next time.
Status check_signing_clock(Realm& realm, UnixTime now) {
  const SigningClock& source = realm.signing_clock();
  if (source.clock == nullptr) return ok();
  Registry& registry = realm.registry();
  SigningFacts facts;
  facts.now = {.wall = now, .since_boot = source.clock->since_boot(), .boot = source.boot};
  ROOTLET_TRY(const std::optional<MetadataEntry> newest, registry.newest_metadata(kTufTimestamp));
  if (newest.has_value()) facts.newest_signed = newest->signed_at;
  ROOTLET_TRY(const std::optional<std::string> last, registry.setting(kSettingClockReading));
  if (last.has_value()) facts.last_reading = parse_clock_reading(*last);
  const SigningDoubt doubt = decide_signing(facts);
  if (doubt != SigningDoubt::kNone && !source.is_accepted) {
    return fail(ErrorCode::kUsage, explain(doubt, facts));
  }
  return registry.save_setting(kSettingClockReading, encode_clock_reading(facts.now));
}

Result<TufDelegationContent> delegation(Registry& registry, std::string role,
                                        std::vector<std::string> paths) {
  ROOTLET_TRY(const SigningKey key, registry.signing_key(role));
  return TufDelegationContent{.name = std::move(role),
                              .keys = {.keys = {key.public_key}, .threshold = 1},
                              .paths = std::move(paths),
                              .terminating = true};
}

// The publisher roles with the paths of their datasets, withdrawn ones too: clients refuse a snapshot
// that leaves out a role which it listed before (TUF 5.5.5).
Result<std::map<std::string, std::vector<std::string>>> publisher_paths(Registry& registry) {
  std::map<std::string, std::vector<std::string>> paths;
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const std::optional<std::string> text, registry.dataset(id));
    ROOTLET_TRY(const DatasetDefinition definition,
                DatasetDefinition::parse(text.value_or(""), "dataset " + id));
    paths[publisher_role(definition.provider_code)].push_back("streams/" + id + "/*");
  }
  ROOTLET_TRY(const std::vector<WithdrawnDataset> withdrawn, registry.withdrawn_datasets());
  for (const WithdrawnDataset& one : withdrawn) {
    ROOTLET_TRY(const DatasetDefinition definition,
                DatasetDefinition::parse(one.definition, "dataset " + one.id));
    paths[publisher_role(definition.provider_code)].push_back("streams/" + one.id + "/*");
  }
  return paths;
}

Result<TufTargetsContent> targets_content(Registry& registry) {
  TufTargetsContent content;
  ROOTLET_TRY(TufDelegationContent directory, delegation(registry, "directory", {"directory/*"}));
  content.delegations.push_back(std::move(directory));
  ROOTLET_TRY(TufDelegationContent grants, delegation(registry, "grants", {"offices/*"}));
  content.delegations.push_back(std::move(grants));
  ROOTLET_TRY(const auto publishers, publisher_paths(registry));
  for (const auto& [role, paths] : publishers) {
    ROOTLET_TRY(TufDelegationContent publisher, delegation(registry, role, paths));
    content.delegations.push_back(std::move(publisher));
  }
  return content;
}

// The root node pins everything else.
Result<TufTargetsContent> directory_content(Registry& registry) {
  TufTargetsContent content;
  ROOTLET_TRY(const std::optional<Bytes> root, registry.tree().node_pack("all"));
  if (root.has_value()) content.targets.emplace(kRootNodeTarget, describe_target(*root));
  return content;
}

// Stages the delegated roles. Publishers sign packs, not metadata targets, but a TUF client that
// follows one of their paths must find metadata.
Status stage_delegated(Realm& realm, MetadataStage& stage, const TufTargetsContent& targets,
                       TufSnapshotContent& snapshot) {
  for (const TufDelegationContent& delegated : targets.delegations) {
    TufTargetsContent content;
    Ageing ageing = for_life(kTargetsLife);
    if (delegated.name == "directory") {
      ROOTLET_TRY(content, directory_content(realm.registry()));
      ageing = for_life(kDirectoryLife);
    }
    ROOTLET_TRY(const MetadataEntry entry,
                stage.stage(delegated.name, content, encode_targets, ageing));
    snapshot.roles[delegated.name] = {.version = entry.version, .length = {}, .hashes = {}};
  }
  return ok();
}

}  // namespace

Result<bool> stage_metadata(Realm& realm, UnixTime now) {
  ROOTLET_TRY(check_signing_clock(realm, now));
  MetadataStage stage(realm, now);
  ROOTLET_TRY(const TufTargetsContent targets, targets_content(realm.registry()));
  TufSnapshotContent snapshot;
  ROOTLET_TRY(const MetadataEntry top,
              stage.stage(kTufTargets, targets, encode_targets, for_life(kTargetsLife)));
  snapshot.roles[std::string(kTufTargets)] = {.version = top.version, .length = {}, .hashes = {}};
  ROOTLET_TRY(stage_delegated(realm, stage, targets, snapshot));
  ROOTLET_TRY(const MetadataEntry listed,
              stage.stage(kTufSnapshot, snapshot, encode_snapshot, for_life(kSnapshotLife)));

  TufTimestampContent timestamp;
  timestamp.snapshot = {.version = listed.version, .length = {}, .hashes = {}};
  ROOTLET_TRY(const std::uint64_t days,
              realm.registry().number_setting(kSettingTimestampDays, kDefaultTimestampDays));
  Ageing ageing = for_life(std::chrono::days(static_cast<int>(days)));
  ageing.oldest = std::min<std::chrono::seconds>(ageing.life / 4, kTimestampAge);
  ROOTLET_TRY(stage.stage(kTufTimestamp, timestamp, encode_timestamp, ageing,
                          {{kIssuedField, format_time(now)}}));
  return stage.signed_any();
}

}  // namespace rootlet::platform
