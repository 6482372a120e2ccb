// Edits the JSON of the current root, so that fields which this program does not know stay.
#include "platform/keys/root_change.hpp"

#include <algorithm>
#include <set>

#include "core/format/json_values.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kShortId = 12;  // 48 bits: enough to tell the keys of one realm apart
constexpr std::string_view kOnlineRoles[] = {kTufTimestamp, kTufSnapshot, kTufTargets};

Error wrong(std::string what) {
  return fail(ErrorCode::kUsage, std::move(what) + "; nothing was changed");
}

using Ids = std::vector<std::string>;

Result<Ids> without_removed(const TufRoot& current, const RootChange& change) {
  Ids ids = current.role(kTufRoot).key_ids;
  for (const std::string& start : change.removed) {
    ROOTLET_TRY(const std::string id, find_root_key(current, start));
    std::erase(ids, id);
  }
  return ids;
}

Status add_keys(const TufRoot& current, const RootChange& change, Ids& ids) {
  for (const PublicKey& key : change.added) {
    const std::string id = tuf_key_id(key);
    if (std::ranges::find(ids, id) != ids.end()) {
      return wrong("key " + short_id(id) + " is a root key already");
    }
    if (current.keys.contains(id)) {
      return wrong("key " + short_id(id) + " is the key of another role");
    }
    ids.push_back(id);
  }
  return ok();
}

Result<std::int64_t> checked_threshold(std::int64_t wanted, std::size_t keys) {
  if (keys > kRootKeysMost) {
    return wrong("a root has at most " + std::to_string(kRootKeysMost) + " keys");
  }
  if (wanted >= 1 && wanted <= static_cast<std::int64_t>(keys)) return wanted;
  return wrong("a root with " + std::to_string(keys) + " keys cannot need " +
               std::to_string(wanted) + " signatures: change that first with \"root threshold\"");
}

json::array json_ids(const Ids& ids) {
  json::array array;
  for (const std::string& id : ids) array.emplace_back(id);
  return array;
}

// Only keys that a role names stay.
void keep_named_keys(json::object& root) {
  std::set<std::string> named;
  for (const auto& role : root.at("roles").as_object()) {
    for (const json::value& id : role.value().at("keyids").as_array()) {
      named.emplace(id.as_string());
    }
  }
  json::object kept;
  for (const auto& key : root.at("keys").as_object()) {
    if (named.contains(std::string(key.key()))) kept[key.key()] = key.value();
  }
  root["keys"] = std::move(kept);
}

std::string joined(const Ids& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + short_id(id);
  return text;
}

Ids not_in(const Ids& all, const Ids& others) {
  Ids found;
  for (const std::string& id : all) {
    if (std::ranges::find(others, id) == others.end()) found.push_back(id);
  }
  return found;
}

void describe_online(const TufRoot& before, const TufRoot& after, std::vector<Text>& lines) {
  for (const std::string_view role : kOnlineRoles) {
    const Ids gone = not_in(before.role(role).key_ids, after.role(role).key_ids);
    const Ids come = not_in(after.role(role).key_ids, before.role(role).key_ids);
    if (gone.empty() && come.empty()) continue;
    const std::string name(role);
    lines.push_back(
        {.en = "role " + name + ": key " + joined(gone) + " goes, " + joined(come) +
               " takes its place",
         .zh = "角色 " + name + "：停用密钥 " + joined(gone) + "，改用 " + joined(come)});
  }
}

}  // namespace

std::string short_id(std::string_view key_id) {
  return std::string(key_id.substr(0, kShortId));
}

Result<std::string> find_root_key(const TufRoot& root, std::string_view start) {
  Ids found;
  for (const std::string& id : root.role(kTufRoot).key_ids) {
    if (id.starts_with(start)) found.push_back(id);
  }
  if (found.size() == 1 && !start.empty()) return found.front();
  return wrong("\"" + std::string(start.substr(0, 80)) + "\" names " +
               (found.empty() ? "no root key" : "several root keys") +
               "; \"root list\" shows them");
}

Result<PublicKey> root_key_of(const TufRoot& root, const std::string& id) {
  const auto key = root.keys.find(id);
  if (key == root.keys.end() || key->second.type != "ed25519") {
    return fail(ErrorCode::kUntrusted, "root: key " + short_id(id) + " is no ed25519 key");
  }
  ROOTLET_TRY(const Bytes bytes, from_hex(key->second.material));
  return public_key_from(bytes);
}

Result<json::object> next_root(const TufRoot& current, const json::object& signed_part,
                               std::int64_t version, const RootChange& change, UnixTime expires) {
  ROOTLET_TRY(Ids ids, without_removed(current, change));
  ROOTLET_TRY(add_keys(current, change, ids));
  ROOTLET_TRY(
      const std::int64_t threshold,
      checked_threshold(change.threshold.value_or(current.role(kTufRoot).threshold), ids.size()));
  json::object root = signed_part;
  root["version"] = version;
  root["expires"] = format_time(expires);
  json::object& keys = root.at("keys").as_object();
  json::object& roles = root.at("roles").as_object();
  for (const PublicKey& key : change.added) keys[tuf_key_id(key)] = encode_tuf_key(key);
  roles[kTufRoot] = json::object{{"keyids", json_ids(ids)}, {"threshold", threshold}};
  for (const auto& [role, key] : change.online) {
    keys[tuf_key_id(key)] = encode_tuf_key(key);
    roles[role] = json::object{{"keyids", json_ids({tuf_key_id(key)})}, {"threshold", 1}};
  }
  keep_named_keys(root);
  return root;
}

Status check_next_root(const Signed<TufRoot>& current, const Signed<TufRoot>& next) {
  const auto refuse = [](const std::string& why) {
    return fail(ErrorCode::kUntrusted, "root: " + why);
  };
  if (next.version != current.version + 1) {
    return refuse("version " + std::to_string(next.version) + " where " +
                  std::to_string(current.version + 1) + " belongs");
  }
  if (!next.body.consistent_snapshot) return refuse("without consistent snapshots");
  std::set<Bytes> materials;
  for (const std::string_view name : {kTufRoot, kTufTimestamp, kTufSnapshot, kTufTargets}) {
    const TufRole& role = next.body.role(name);
    if (role.threshold < 1 || role.threshold > static_cast<std::int64_t>(role.key_ids.size())) {
      return refuse("role " + std::string(name) + " has fewer keys than it needs");
    }
    if (role.key_ids.size() > kRootKeysMost) return refuse("too many keys");
    for (const std::string& id : role.key_ids) {
      ROOTLET_TRY(const PublicKey key, root_key_of(next.body, id));
      if (!materials.insert(to_bytes(key)).second) {
        return refuse("key " + short_id(id) + " stands in it twice");
      }
    }
  }
  return ok();
}

std::vector<Text> describe_change(const Signed<TufRoot>& current, const Signed<TufRoot>& next) {
  const TufRole &before = current.body.role(kTufRoot), &after = next.body.role(kTufRoot);
  std::vector<Text> lines;
  for (const std::string& id : not_in(after.key_ids, before.key_ids)) {
    lines.push_back(
        {.en = "root key " + short_id(id) + " comes", .zh = "新增根密钥 " + short_id(id)});
  }
  for (const std::string& id : not_in(before.key_ids, after.key_ids)) {
    lines.push_back(
        {.en = "root key " + short_id(id) + " goes", .zh = "停用根密钥 " + short_id(id)});
  }
  if (before.threshold != after.threshold) {
    const std::string was = std::to_string(before.threshold), is = std::to_string(after.threshold);
    lines.push_back({.en = "a change of the root needs " + is + " signatures, so far " + was,
                     .zh = "变更 root 所需签名数由 " + was + " 改为 " + is});
  }
  describe_online(current.body, next.body, lines);
  if (lines.empty()) {
    lines.push_back({.en = "no key changes", .zh = "密钥均不变"});
  }
  const std::string until = format_time(next.expires), was = format_time(current.expires);
  lines.push_back({.en = "it ends at " + until + " (the root before it at " + was + ")",
                   .zh = "有效期至 " + until + "（原 root 至 " + was + "）"});
  const std::string need = std::to_string(after.threshold);
  lines.push_back(
      {.en = "after it the root keys are " + joined(after.key_ids) + "; any " + need +
             " of them can change what the realm trusts",
       .zh = "此后根密钥为 " + joined(after.key_ids) + "，其中任意 " + need + " 把可变更信任关系"});
  return lines;
}

}  // namespace rootlet::platform
