// Delegated roles of the realm: `directory`, `grants` and one `publisher-<unit>` for each provider
// unit.
#include "sync/downlink/fetch/realm_trust.hpp"

#include <algorithm>
#include <charconv>

#include "core/limits.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_hashes.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kDirectoryRole = "directory";
constexpr std::string_view kGrantsRole = "grants";

std::string publisher_role(std::string_view provider_code) {
  std::string role = "publisher-";
  for (const char c : provider_code) {
    role.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return role;
}

Result<PublicKey> key_of(const TufKeys& keys, const std::string& id, std::string_view role) {
  const auto known = keys.find(id);
  if (known == keys.end() || known->second.type != "ed25519") {
    return fail(ErrorCode::kUntrusted, std::string(role) + ": has a key that cannot sign packs");
  }
  ROOTLET_TRY(const Bytes bytes, from_hex(known->second.material));
  return public_key_from(bytes);
}

}  // namespace

Result<std::vector<PublicKey>> RealmTrust::delegated_keys(std::string_view role,
                                                          std::string_view path) {
  ROOTLET_TRY(const Signed<TufTargets>* targets, client_.load_role(kTufTargets, kTufRoot));
  const TufDelegation* delegation = targets->body.delegation(role);
  if (delegation == nullptr || !delegation->covers(path)) {
    return fail(ErrorCode::kUntrusted,
                std::string(role) + ": is not entrusted with " + std::string(path));
  }
  // A pack or grant has one signature.
  if (delegation->role.threshold != 1) {
    return fail(ErrorCode::kUntrusted, std::string(role) + ": needs more than one signature");
  }
  std::vector<PublicKey> keys;
  for (const std::string& id : delegation->role.key_ids) {
    ROOTLET_TRY(const PublicKey key, key_of(targets->body.keys, id, role));
    keys.push_back(key);
  }
  return keys;
}

Result<std::vector<PublicKey>> RealmTrust::directory_signers() {
  return delegated_keys(kDirectoryRole, kRootNodeTarget);
}

Result<TufTarget> RealmTrust::root_node_target() {
  ROOTLET_TRY(directory_signers());  // the role is entrusted with the path
  ROOTLET_TRY(const Signed<TufTargets>* role, client_.load_role(kDirectoryRole));
  const auto found = role->body.targets.find(std::string(kRootNodeTarget));
  if (found == role->body.targets.end()) {
    return fail(ErrorCode::kUntrusted, "directory: it has no root node");
  }
  return found->second;
}

Result<std::string> RealmTrust::root_node_hash() {
  ROOTLET_TRY(const TufTarget target, root_node_target());
  for (const auto& [algorithm, hex] : target.hashes) {
    if (algorithm == "sha256") return hex;
  }
  return fail(ErrorCode::kUntrusted, "directory: its root node has no SHA-256");
}

Result<Bytes> RealmTrust::fetch_root_node() {
  ROOTLET_TRY(const TufTarget target, root_node_target());
  if (target.length > limits::kNodeBytes) {
    return fail(ErrorCode::kUntrusted, "directory: its root node is larger than allowed");
  }
  const Bytes* brought = from_news(node_stream("all"));
  if (brought != nullptr &&
      check_length_and_hashes(*brought, target.length, target.hashes, kRootNodeTarget)
          .has_value()) {
    return *brought;
  }
  Bytes bytes;
  ROOTLET_TRY(client_.download(
      {.path = std::string(kRootNodeTarget), .role = std::string(kDirectoryRole), .target = target},
      [&](ByteView piece) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return ok();
      }));
  return bytes;
}

Result<std::vector<PublicKey>> RealmTrust::publishers(const DatasetDefinition& dataset,
                                                      const StreamName& stream) {
  return delegated_keys(publisher_role(dataset.provider_code), "streams/" + stream.text());
}

Result<std::vector<PublicKey>> RealmTrust::grant_signers(std::string_view path) {
  return delegated_keys(kGrantsRole, path);
}

Result<std::optional<ServiceKeys>> RealmTrust::service_keys() {
  ROOTLET_TRY(const Signed<TufTargets>* targets, client_.load_role(kTufTargets, kTufRoot));
  if (!targets->signed_part.contains(kServiceKeysField)) return std::optional<ServiceKeys>();
  const json::object fields{{kServiceKeysField, targets->signed_part.at(kServiceKeysField)}};
  const json::value document(fields);
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "targets"));
  Result<ServiceKeys> keys = read_service_keys(object, kServiceKeysField);
  if (keys.has_error()) return fail(ErrorCode::kUntrusted, keys.error().message);
  return std::optional<ServiceKeys>(std::move(keys).value());
}

std::string RealmTrust::fingerprint() const {
  const std::optional<Bytes> file = TufStore(folder_).load(kTufTimestamp);
  return file.has_value() ? to_hex(sha256(*file)) : std::string();
}

}  // namespace rootlet
