// Parses metadata files (TUF specification 1.0, sections 4.2 to 4.6) and names the field of every
// error.
#include "sync/trust/metadata/tuf_metadata.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

#include "core/limits.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {
namespace {

constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();
// The file size bounds these counts anyway; a limit of its own names the list that is too long.
constexpr std::size_t kMaxSignatures = 1024;
constexpr std::size_t kMaxKeyIds = 1024;
constexpr std::size_t kMaxPaths = limits::kTargetsBytes;
constexpr std::size_t kMaxNameBytes = 4 * limits::kKiB;
constexpr std::size_t kMaxHashHex = 128;  // 512 bits, the longest in use

Result<JsonObject> member_object(const json::key_value_pair& member, const JsonObject& parent) {
  return JsonObject::from(member.value(), parent.what(), parent.path_of(member.key()));
}

Result<const json::object*> raw_object(JsonObject& parent, std::string_view key) {
  const json::value* value = parent.find(key);
  if (value == nullptr || !value->is_object()) return parent.error(key, "must be an object");
  return &value->get_object();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

Result<TufHashes> parse_hashes(JsonObject& parent) {
  TufHashes hashes;
  ROOTLET_TRY(const json::object* object, raw_object(parent, "hashes"));
  for (const auto& member : *object) {
    if (!member.value().is_string()) return parent.error("hashes", "must hold strings only");
    std::string hex = lower(std::string(member.value().get_string()));
    // A hash becomes part of an address (6.2.1), so it must be hex and nothing else.
    if (hex.empty() || hex.size() > kMaxHashHex || from_hex(hex).has_error()) {
      return parent.error("hashes", "must hold hex only");
    }
    hashes.emplace_back(member.key(), std::move(hex));
  }
  if (hashes.empty()) return parent.error("hashes", "must not be empty");
  return hashes;
}

Result<std::uint64_t> parse_length(JsonObject& parent) {
  ROOTLET_TRY(const std::int64_t length, parent.integer("length", 0, kMaxInteger));
  return static_cast<std::uint64_t>(length);
}

Result<TufFileInfo> parse_file_info(JsonObject object) {
  TufFileInfo info;
  ROOTLET_TRY(info.version, object.integer("version", 1, kMaxInteger));
  if (object.has("length")) {
    ROOTLET_TRY(info.length, parse_length(object));
  }
  if (object.has("hashes")) {
    ROOTLET_TRY(info.hashes, parse_hashes(object));
  }
  return info;
}

Result<TufRole> parse_role(JsonObject& object) {
  TufRole role;
  ROOTLET_TRY(role.key_ids, object.texts("keyids", kMaxKeyIds));
  ROOTLET_TRY(role.threshold, object.integer("threshold", 1, kMaxInteger));
  const std::set<std::string> unique(role.key_ids.begin(), role.key_ids.end());
  if (unique.size() != role.key_ids.size()) return object.error("keyids", "names a key twice");
  return role;
}

Result<TufKeys> parse_keys(JsonObject& parent) {
  TufKeys keys;
  ROOTLET_TRY(const json::object* object, raw_object(parent, "keys"));
  for (const auto& member : *object) {
    ROOTLET_TRY(JsonObject entry, member_object(member, parent));
    ROOTLET_TRY(TufKey key, parse_tuf_key(entry));
    keys.emplace(member.key(), std::move(key));
  }
  return keys;
}

Result<TufRoot> parse_body(JsonObject& object, TufRoot root) {
  ROOTLET_TRY(root.keys, parse_keys(object));
  ROOTLET_TRY(const json::object* roles, raw_object(object, "roles"));
  for (const auto& member : *roles) {
    ROOTLET_TRY(JsonObject entry, member_object(member, object));
    ROOTLET_TRY(TufRole role, parse_role(entry));
    root.roles.emplace(member.key(), std::move(role));
  }
  for (const std::string_view name : {kTufRoot, kTufTimestamp, kTufSnapshot, kTufTargets}) {
    if (!root.roles.contains(std::string(name))) {
      return object.error("roles", "lacks " + std::string(name));
    }
  }
  if (object.has("consistent_snapshot")) {
    ROOTLET_TRY(root.consistent_snapshot, object.boolean("consistent_snapshot"));
  }
  return root;
}

Result<TufTimestamp> parse_body(JsonObject& object, TufTimestamp timestamp) {
  ROOTLET_TRY(JsonObject meta, object.object("meta"));
  ROOTLET_TRY(JsonObject info, meta.object("snapshot.json"));
  ROOTLET_TRY(timestamp.snapshot, parse_file_info(info));
  return timestamp;
}

Result<TufSnapshot> parse_body(JsonObject& object, TufSnapshot snapshot) {
  ROOTLET_TRY(const json::object* meta, raw_object(object, "meta"));
  for (const auto& member : *meta) {
    ROOTLET_TRY(JsonObject entry, member_object(member, object));
    ROOTLET_TRY(TufFileInfo info, parse_file_info(entry));
    snapshot.meta.emplace(member.key(), std::move(info));
  }
  if (snapshot.find(kTufTargets) == nullptr) return object.error("meta", "lacks targets.json");
  return snapshot;
}

Result<TufTarget> parse_target(JsonObject object) {
  TufTarget target;
  ROOTLET_TRY(target.length, parse_length(object));
  ROOTLET_TRY(target.hashes, parse_hashes(object));
  if (object.has("custom")) {
    ROOTLET_TRY(const json::object* custom, raw_object(object, "custom"));
    target.custom = *custom;
  }
  return target;
}

Result<TufDelegation> parse_delegation(JsonObject object) {
  TufDelegation delegation;
  ROOTLET_TRY(delegation.name, object.text("name", kMaxNameBytes));
  if (delegation.name.empty() || is_top_level_role(delegation.name)) {
    return object.error("name", "cannot be the name of a delegated role");
  }
  ROOTLET_TRY(delegation.role, parse_role(object));
  if (object.has("paths") && object.has("path_hash_prefixes")) {
    return object.error("paths", "stands beside path_hash_prefixes; only one of them may");
  }
  if (object.has("paths")) {
    ROOTLET_TRY(delegation.paths, object.texts("paths", kMaxPaths));
  } else if (object.has("path_hash_prefixes")) {
    ROOTLET_TRY(delegation.path_hash_prefixes, object.texts("path_hash_prefixes", kMaxPaths));
    for (std::string& prefix : delegation.path_hash_prefixes) prefix = lower(std::move(prefix));
  }
  if (object.has("terminating")) {
    ROOTLET_TRY(delegation.terminating, object.boolean("terminating"));
  }
  return delegation;
}

Status parse_delegations(JsonObject object, TufTargets& targets) {
  ROOTLET_TRY(targets.keys, parse_keys(object));
  ROOTLET_TRY(const json::array* roles, object.array("roles", kMaxPaths));
  std::set<std::string> names;
  for (const json::value& item : *roles) {
    ROOTLET_TRY(JsonObject entry, JsonObject::from(item, object.what(), object.path_of("roles")));
    ROOTLET_TRY(TufDelegation delegation, parse_delegation(entry));
    if (!names.insert(delegation.name).second) return object.error("roles", "names a role twice");
    targets.delegations.push_back(std::move(delegation));
  }
  return ok();
}

Result<TufTargets> parse_body(JsonObject& object, TufTargets targets) {
  ROOTLET_TRY(const json::object* files, raw_object(object, "targets"));
  for (const auto& member : *files) {
    ROOTLET_TRY(JsonObject entry, member_object(member, object));
    ROOTLET_TRY(TufTarget target, parse_target(entry));
    targets.targets.emplace(member.key(), std::move(target));
  }
  if (object.has("delegations")) {
    ROOTLET_TRY(JsonObject delegations, object.object("delegations"));
    ROOTLET_TRY(parse_delegations(delegations, targets));
  }
  return targets;
}

// Section 4.3: the specification's own version; ours is 1.
Status check_spec_version(JsonObject& object) {
  ROOTLET_TRY(const std::string version, object.text("spec_version"));
  if (version.starts_with("1.")) return ok();
  return object.error("spec_version", "is not 1.x");
}

// Section 4.2: one signature for one key id.
Result<std::vector<TufSignature>> parse_signatures(JsonObject& envelope) {
  std::vector<TufSignature> signatures;
  std::set<std::string> key_ids;
  ROOTLET_TRY(const json::array* items, envelope.array("signatures", kMaxSignatures));
  for (const json::value& item : *items) {
    ROOTLET_TRY(JsonObject entry, JsonObject::from(item, envelope.what(), "signatures"));
    TufSignature signature;
    ROOTLET_TRY(signature.key_id, entry.text("keyid"));
    ROOTLET_TRY(signature.hex, entry.text("sig", limits::kRootBytes));
    if (!key_ids.insert(signature.key_id).second) {
      return envelope.error("signatures", "has two of the same keyid");
    }
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

// Section 4.2 writes whole seconds. Some repositories add a fraction. Cutting it off can only make
// the metadata expire earlier.
std::string whole_seconds(const std::string& time) {
  const std::size_t point = time.find('.');
  if (point == std::string::npos || !time.ends_with('Z')) return time;
  const std::size_t end = time.find_first_not_of("0123456789", point + 1);
  return end == time.size() - 1 && end > point + 1 ? time.substr(0, point) + "Z" : time;
}

template <typename T>
Status parse_signed_part(JsonObject& object, Signed<T>& metadata) {
  ROOTLET_TRY(const std::string type, object.text("_type"));
  if (type != T::kType) return object.error("_type", "is not " + std::string(T::kType));
  ROOTLET_TRY(check_spec_version(object));
  ROOTLET_TRY(metadata.version, object.integer("version", 1, kMaxInteger));
  ROOTLET_TRY(const std::string expires, object.text("expires"));
  const Result<UnixTime> time = parse_time(whole_seconds(expires));
  if (time.has_error()) return object.error("expires", "is " + time.error().message);
  metadata.expires = time.value();
  ROOTLET_TRY(metadata.body, parse_body(object, T{}));
  return ok();
}

template <typename T>
Result<Signed<T>> parse_envelope(ByteView file, std::string_view what) {
  ROOTLET_TRY(json::value document, parse_json(as_text(file), what));
  ROOTLET_TRY(JsonObject envelope, JsonObject::from(document, what));
  Signed<T> metadata;
  ROOTLET_TRY(metadata.signatures, parse_signatures(envelope));
  ROOTLET_TRY(JsonObject object, envelope.object("signed"));
  ROOTLET_TRY(parse_signed_part(object, metadata));
  json::value& signed_part = document.get_object().at("signed");
  ROOTLET_TRY(metadata.signed_bytes, canonical_json(signed_part));
  metadata.signed_part = std::move(signed_part.get_object());
  metadata.file = to_bytes(file);
  return metadata;
}

}  // namespace

bool is_top_level_role(std::string_view role) {
  return role == kTufRoot || role == kTufTimestamp || role == kTufSnapshot || role == kTufTargets;
}

const TufRole& TufRoot::role(std::string_view name) const {
  const auto found = roles.find(std::string(name));
  if (found == roles.end()) std::abort();  // parsing guarantees the top-level roles
  return found->second;
}

const TufFileInfo* TufSnapshot::find(std::string_view role) const {
  const auto found = meta.find(std::string(role) + ".json");
  return found == meta.end() ? nullptr : &found->second;
}

bool TufDelegation::covers(std::string_view target_path) const {
  if (!path_hash_prefixes.empty()) return hash_prefix_matches(path_hash_prefixes, target_path);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& pattern) {
    return path_matches(pattern, target_path);
  });
}

const TufTarget* TufTargets::find(std::string_view target_path) const {
  const auto found = targets.find(std::string(target_path));
  return found == targets.end() ? nullptr : &found->second;
}

const TufDelegation* TufTargets::delegation(std::string_view role) const {
  const auto found = std::find_if(delegations.begin(), delegations.end(),
                                  [&](const TufDelegation& item) { return item.name == role; });
  return found == delegations.end() ? nullptr : &*found;
}

template <typename T>
Result<Signed<T>> parse_metadata(ByteView file, std::string_view what) {
  Result<Signed<T>> metadata = parse_envelope<T>(file, what);
  if (metadata.has_error()) return fail(ErrorCode::kUntrusted, metadata.error().message);
  return metadata;
}

template Result<Signed<TufRoot>> parse_metadata(ByteView, std::string_view);
template Result<Signed<TufTimestamp>> parse_metadata(ByteView, std::string_view);
template Result<Signed<TufSnapshot>> parse_metadata(ByteView, std::string_view);
template Result<Signed<TufTargets>> parse_metadata(ByteView, std::string_view);

}  // namespace rootlet
