// The note is JSON in a setting of the registry.
#include "platform/keys/recovery.hpp"

#include <algorithm>

#include "platform/keys/key_rotation.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kSettingTheft = "recovery";
constexpr std::size_t kMost = 10'000;  // roles and datasets of a realm
// A thief of another key needs these to publish, and their change is what makes clients
// drop what a thief published.
constexpr std::string_view kAlways[] = {kTufTimestamp, kTufSnapshot};

Result<std::uint32_t> newest_epoch(Registry& registry, const std::string& dataset) {
  std::uint32_t newest = 0;
  ROOTLET_TRY(const std::vector<ContentKey> keys, registry.content_keys(dataset));
  for (const ContentKey& key : keys) newest = std::max(newest, key.epoch);
  return newest;
}

Status add_content(Registry& registry, Theft& theft) {
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const std::uint32_t epoch, newest_epoch(registry, id));
    if (epoch > 0) theft.epochs[id] = epoch;
  }
  return ok();
}

Result<Signed<TufRoot>> newest_root(Registry& registry) {
  ROOTLET_TRY(const auto entry, registry.newest_metadata(kTufRoot));
  if (!entry.has_value()) return fail(ErrorCode::kStorageDamaged, "the realm has no root");
  return parse_metadata<TufRoot>(entry->file, kTufRoot);
}

std::string encode(const Theft& theft) {
  json::object roles, epochs;
  json::array root_keys;
  for (const auto& [role, id] : theft.roles) roles[role] = id;
  for (const auto& [dataset, epoch] : theft.epochs) epochs[dataset] = epoch;
  for (const std::string& id : theft.root_keys) root_keys.emplace_back(id);
  return json::serialize(
      json::object{{"roles", roles}, {"root_keys", root_keys}, {"epochs", epochs}});
}

Result<Theft> parse(std::string_view text) {
  ROOTLET_TRY(const json::value document, parse_json(text, "recovery"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "recovery"));
  Theft theft;
  ROOTLET_TRY(theft.root_keys, object.texts("root_keys", kMost));
  for (const auto& member : document.at("roles").as_object()) {
    theft.roles.emplace(member.key(), std::string(member.value().as_string()));
  }
  for (const auto& member : document.at("epochs").as_object()) {
    theft.epochs.emplace(member.key(), static_cast<std::uint32_t>(member.value().as_int64()));
  }
  return theft;
}

}  // namespace

std::string_view name_of(RecoveryStep step) {
  switch (step) {
    case RecoveryStep::kRoot:
      return "root";
    case RecoveryStep::kRoles:
      return "roles";
    case RecoveryStep::kContent:
      return "content";
    case RecoveryStep::kDone:
      break;
  }
  return "done";
}

RecoveryStep RecoveryState::next() const {
  if (!root_roles.empty() || !root_keys.empty()) return RecoveryStep::kRoot;
  if (!roles.empty()) return RecoveryStep::kRoles;
  return datasets.empty() ? RecoveryStep::kDone : RecoveryStep::kContent;
}

Result<Theft> theft_of(Realm& realm, const std::vector<std::string>& stolen,
                       const std::vector<std::string>& root_keys) {
  Registry& registry = realm.registry();
  Theft theft;
  ROOTLET_TRY(const std::vector<RoleKey> keys, role_keys(realm));
  const auto take = [&](auto is_stolen) {
    for (const RoleKey& key : keys) {
      if (is_stolen(key.role)) theft.roles[key.role] = key.key_id;
    }
  };
  const auto is_serving = [](const std::string& role) {
    return role == kTufTimestamp || role == kTufSnapshot || role == "receipt";
  };
  const auto is_intake = [](const std::string& role) {
    return role == "ingest" || role == "judgement";
  };
  for (const std::string& word : stolen) {
    const bool all = word == "all";
    if (all || word == "serving") take(is_serving);
    if (all || word == "intake") take(is_intake);
    if (all || word == "publishing") {
      take([&](const std::string& role) { return !is_serving(role) && !is_intake(role); });
      ROOTLET_TRY(add_content(registry, theft));
    }
    if (all || word == "serving" || word == "intake" || word == "publishing") continue;
    ROOTLET_TRY(check_roles(registry, {word}));
    take([&](const std::string& role) { return role == word; });
  }
  take([](const std::string& role) {
    return std::ranges::find(kAlways, role) != std::end(kAlways);
  });
  ROOTLET_TRY(const Signed<TufRoot> root, newest_root(registry));
  for (const std::string& start : root_keys) {
    ROOTLET_TRY(std::string id, find_root_key(root.body, start));
    theft.root_keys.push_back(std::move(id));
  }
  return theft;
}

Status note_theft(Realm& realm, const Theft& theft) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::optional<Theft> noted, noted_theft(registry));
  Theft all = noted.value_or(Theft());
  // Of a role that was stolen before, the key of now is the new one, unless it is stolen again.
  for (const auto& [role, id] : theft.roles) all.roles[role] = id;
  for (const auto& [dataset, epoch] : theft.epochs) all.epochs[dataset] = epoch;
  for (const std::string& id : theft.root_keys) {
    if (std::ranges::find(all.root_keys, id) == all.root_keys.end()) all.root_keys.push_back(id);
  }
  return registry.save_setting(kSettingTheft, encode(all));
}

Result<std::optional<Theft>> noted_theft(Registry& registry) {
  ROOTLET_TRY(const std::optional<std::string> text, registry.setting(kSettingTheft));
  if (!text.has_value() || text->empty()) return std::optional<Theft>();
  ROOTLET_TRY(Theft theft, parse(*text));
  return std::optional<Theft>(std::move(theft));
}

Result<RecoveryState> recovery_state(Realm& realm, const Theft& theft) {
  Registry& registry = realm.registry();
  RecoveryState state;
  ROOTLET_TRY(const std::vector<RoleKey> keys, role_keys(realm));
  for (const RoleKey& key : keys) {
    const auto stolen = theft.roles.find(key.role);
    if (stolen == theft.roles.end() || stolen->second != key.key_id) continue;
    (key.is_named_by_root ? state.root_roles : state.roles).push_back(key.role);
  }
  ROOTLET_TRY(const Signed<TufRoot> root, newest_root(registry));
  const auto& named = root.body.role(kTufRoot).key_ids;
  for (const std::string& id : theft.root_keys) {
    if (std::ranges::find(named, id) != named.end()) state.root_keys.push_back(id);
  }
  ROOTLET_TRY(const std::vector<std::string> waiting, registry.datasets_to_rekey());
  for (const auto& [dataset, epoch] : theft.epochs) {
    ROOTLET_TRY(const std::uint32_t newest, newest_epoch(registry, dataset));
    const bool waits = std::ranges::find(waiting, dataset) != waiting.end();
    if (newest <= epoch || waits) state.datasets.push_back(dataset);
  }
  return state;
}

Result<RootChange> recovery_root(Realm& realm, const RecoveryState& state) {
  ROOTLET_TRY(const Signed<TufRoot> root, newest_root(realm.registry()));
  const TufRole& role = root.body.role(kTufRoot);
  const auto left = static_cast<std::int64_t>(role.key_ids.size() - state.root_keys.size());
  if (left < role.threshold) {
    return fail(ErrorCode::kUsage,
                "without the stolen root keys " + std::to_string(left) + " are left, and " +
                    std::to_string(role.threshold) +
                    " must sign: add new ones first with \"root add-key\". If a thief has " +
                    std::to_string(role.threshold) +
                    " of them, the realm is lost: make a new one and enrol the offices there. "
                    "Nothing was changed.");
  }
  ROOTLET_TRY(RootChange change, prepare_online_keys(realm, state.root_roles));
  change.removed = state.root_keys;
  return change;
}

Status recover_roles(Realm& realm, const RecoveryState& state, UnixTime now) {
  ROOTLET_TRY(rotate_delegated_keys(realm, state.roles, OldKeys::kForget, now));
  return ok();
}

Result<std::size_t> recover_content(Realm& realm, const RecoveryState& state, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(Transaction transaction, registry.begin());
  for (const std::string& dataset : state.datasets) {
    ROOTLET_TRY(registry.queue_rekeys(dataset, {"all"}));
  }
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  return finish_rekeys(realm, now);
}

Status forget_theft(Realm& realm) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  return realm.registry().save_setting(kSettingTheft, "");
}

}  // namespace rootlet::platform
