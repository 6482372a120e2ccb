// Delegated roles of the realm: `directory`, `grants` and one `publisher-<unit>` for each provider
// unit.
#include "sync/downlink/fetch/realm_trust.hpp"

#include <algorithm>
#include <charconv>

#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kDirectoryRole = "directory";
constexpr std::string_view kGrantsRole = "grants";
constexpr std::string_view kDirectoryFolder = "directory/";
constexpr std::string_view kPackEnding = ".pack";

std::string publisher_role(std::string_view provider_code) {
  std::string role = "publisher-";
  for (const char c : provider_code) {
    role.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return role;
}

// "directory/6-7.pack"
std::optional<std::pair<Version, Version>> versions_in(std::string_view path) {
  if (!path.starts_with(kDirectoryFolder) || !path.ends_with(kPackEnding)) return std::nullopt;
  path.remove_prefix(kDirectoryFolder.size());
  path.remove_suffix(kPackEnding.size());
  Version from = 0, to = 0;
  const char* end = path.data() + path.size();
  const auto first = std::from_chars(path.data(), end, from);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, to);
  if (second.ec != std::errc{} || second.ptr != end || from >= to) return std::nullopt;
  return std::pair(from, to);
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

Result<std::vector<DirectoryPackRequest>> RealmTrust::directory_packs() {
  ROOTLET_TRY(const std::vector<PublicKey> signers,
              delegated_keys(kDirectoryRole, "directory/0-1.pack"));
  ROOTLET_TRY(const Signed<TufTargets>* role, client_.load_role(kDirectoryRole));
  const bool prefixed = client_.trusted().root().body.consistent_snapshot;
  std::vector<DirectoryPackRequest> requests;
  for (const auto& [path, target] : role->body.targets) {
    const auto versions = versions_in(path);
    if (!versions.has_value()) continue;  // a target for a newer program
    DirectoryPackRequest request{.path = path,
                                 .from = versions->first,
                                 .to = versions->second,
                                 .target = target,
                                 .signers = signers};
    ROOTLET_TRY(const StagedFile file, staged_file(request));
    ROOTLET_TRY(request.path, target_address(path, prefixed ? file.name : std::string()));
    requests.push_back(std::move(request));
  }
  return requests;
}

Result<std::vector<PublicKey>> RealmTrust::publishers(const DatasetDefinition& dataset,
                                                      const StreamName& stream) {
  return delegated_keys(publisher_role(dataset.provider_code), "streams/" + stream.text());
}

Result<std::vector<PublicKey>> RealmTrust::grant_signers(std::string_view path) {
  return delegated_keys(kGrantsRole, path);
}

std::string RealmTrust::fingerprint() const {
  const std::optional<Bytes> file = TufStore(folder_).load(kTufTimestamp);
  return file.has_value() ? to_hex(sha256(*file)) : std::string();
}

}  // namespace rootlet
