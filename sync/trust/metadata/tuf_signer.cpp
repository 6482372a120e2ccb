// Writes metadata (TUF specification 1.0, section 4). Signatures cover the canonical JSON of the
// "signed" part; the file itself is plain JSON.
#include "sync/trust/metadata/tuf_signer.hpp"

#include <cstdlib>

#include "sync/trust/metadata/bare_signature.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kSpecVersion = "1.0.31";

json::object encode_header(std::string_view type, const TufHeader& header) {
  json::object object = header.custom;
  object["_type"] = type;
  object["spec_version"] = kSpecVersion;
  object["version"] = header.version;
  object["expires"] = format_time(header.expires);
  return object;
}

json::object encode_role(const TufRoleKeys& role) {
  json::array ids;
  for (const PublicKey& key : role.keys) ids.emplace_back(tuf_key_id(key));
  return {{"keyids", std::move(ids)}, {"threshold", role.threshold}};
}

void add_keys(const TufRoleKeys& role, json::object& keys) {
  for (const PublicKey& key : role.keys) keys[tuf_key_id(key)] = encode_tuf_key(key);
}

json::object encode_hashes(const TufHashes& hashes) {
  json::object object;
  for (const auto& [algorithm, hex] : hashes) object[algorithm] = hex;
  return object;
}

json::object encode_file_info(const TufFileInfo& info) {
  json::object object{{"version", info.version}};
  if (info.length.has_value()) object["length"] = static_cast<std::int64_t>(*info.length);
  if (!info.hashes.empty()) object["hashes"] = encode_hashes(info.hashes);
  return object;
}

json::object encode_target(const TufTarget& target) {
  json::object object{{"length", static_cast<std::int64_t>(target.length)},
                      {"hashes", encode_hashes(target.hashes)}};
  if (!target.custom.empty()) object["custom"] = target.custom;
  return object;
}

json::array encode_texts(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object encode_delegation(const TufDelegationContent& delegation) {
  json::object object = encode_role(delegation.keys);
  object["name"] = delegation.name;
  object["terminating"] = delegation.terminating;
  if (delegation.path_hash_prefixes.empty()) {
    object["paths"] = encode_texts(delegation.paths);
  } else {
    object["path_hash_prefixes"] = encode_texts(delegation.path_hash_prefixes);
  }
  return object;
}

// Signatures by other keys first, in their order, then those by `keys`.
Result<Bytes> assemble(const json::object& signed_part, const json::array& others,
                       TufSigningKeys keys) {
  ROOTLET_TRY(const std::string message, canonical_json(signed_part));
  json::array signatures = others;
  for (const SigningKey* key : keys) {
    signatures.push_back({{"keyid", tuf_key_id(key->public_key)},
                          {"sig", to_hex(sign_bare(*key, as_bytes(message)))}});
  }
  const json::object envelope{{"signatures", std::move(signatures)}, {"signed", signed_part}};
  // Not canonical_json: it escapes no control characters, so its output is not always valid JSON.
  return to_bytes(json::serialize(envelope));
}

bool is_signature_of(const json::value& signature, TufSigningKeys keys) {
  const json::object* object = signature.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("keyid");
  if (id == nullptr || !id->is_string()) return false;
  for (const SigningKey* key : keys) {
    if (id->get_string() == tuf_key_id(key->public_key)) return true;
  }
  return false;
}

}  // namespace

json::object encode_tuf_key(const PublicKey& key) {
  return {{"keytype", "ed25519"}, {"scheme", "ed25519"}, {"keyval", {{"public", to_hex(key)}}}};
}

std::string tuf_key_id(const PublicKey& key) {
  const Result<std::string> canonical = canonical_json(encode_tuf_key(key));
  if (canonical.has_error()) std::abort();  // strings only
  return to_hex(sha256(as_bytes(canonical.value())));
}

json::object encode_root(const TufRootContent& content) {
  json::object object = encode_header(kTufRoot, content.header);
  json::object keys;
  for (const TufRoleKeys* role :
       {&content.root, &content.timestamp, &content.snapshot, &content.targets}) {
    add_keys(*role, keys);
  }
  object["keys"] = std::move(keys);
  object["roles"] = json::object{{kTufRoot, encode_role(content.root)},
                                 {kTufTimestamp, encode_role(content.timestamp)},
                                 {kTufSnapshot, encode_role(content.snapshot)},
                                 {kTufTargets, encode_role(content.targets)}};
  object["consistent_snapshot"] = true;
  return object;
}

json::object encode_targets(const TufTargetsContent& content) {
  json::object object = encode_header(kTufTargets, content.header);
  json::object targets;
  for (const auto& [path, target] : content.targets) targets[path] = encode_target(target);
  object["targets"] = std::move(targets);
  if (content.delegations.empty()) return object;
  json::object keys;
  json::array roles;
  for (const TufDelegationContent& delegation : content.delegations) {
    add_keys(delegation.keys, keys);
    roles.emplace_back(encode_delegation(delegation));
  }
  object["delegations"] = json::object{{"keys", std::move(keys)}, {"roles", std::move(roles)}};
  return object;
}

json::object encode_snapshot(const TufSnapshotContent& content) {
  json::object object = encode_header(kTufSnapshot, content.header);
  json::object meta;
  for (const auto& [role, info] : content.roles) meta[role + ".json"] = encode_file_info(info);
  object["meta"] = std::move(meta);
  return object;
}

json::object encode_timestamp(const TufTimestampContent& content) {
  json::object object = encode_header(kTufTimestamp, content.header);
  object["meta"] = json::object{{"snapshot.json", encode_file_info(content.snapshot)}};
  return object;
}

Result<Bytes> sign_metadata(const json::object& signed_part, TufSigningKeys keys) {
  return assemble(signed_part, {}, keys);
}

Result<Bytes> add_signatures(ByteView file, TufSigningKeys keys) {
  ROOTLET_TRY(const json::value document, parse_json(as_text(file), "metadata"));
  ROOTLET_TRY(JsonObject envelope, JsonObject::from(document, "metadata"));
  ROOTLET_TRY(envelope.object("signed"));
  ROOTLET_TRY(const json::array* signatures, envelope.array("signatures", file.size()));
  json::array others;
  for (const json::value& signature : *signatures) {
    if (!is_signature_of(signature, keys)) others.push_back(signature);
  }
  return assemble(document.get_object().at("signed").get_object(), others, keys);
}

TufFileInfo describe_metadata(ByteView file, std::int64_t version) {
  return {.version = version, .length = file.size(), .hashes = {{"sha256", to_hex(sha256(file))}}};
}

TufTarget describe_target(ByteView file) {
  return {.length = file.size(), .hashes = {{"sha256", to_hex(sha256(file))}}, .custom = {}};
}

Result<std::string> published_file_name(std::string_view role, std::int64_t version) {
  ROOTLET_TRY(std::string name, metadata_file_name(role));
  return role == kTufTimestamp ? name : std::to_string(version) + "." + name;
}

Result<std::string> published_target_name(std::string_view target_path, const TufTarget& target) {
  if (target.hashes.empty()) return bad_input("a target needs a hash", "hashes");
  return target_address(target_path, target.hashes.front().second);
}

}  // namespace rootlet
