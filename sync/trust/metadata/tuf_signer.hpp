// Makes metadata of The Update Framework 1.0, signed with ed25519: values in, bytes out. Pure. The
// caller chooses versions and expiry. Any TUF client can verify the output. Consistent snapshots
// are always on.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/crypto.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet {

struct TufRoleKeys {
  std::vector<PublicKey> keys = {};
  std::int64_t threshold = 1;
};

// Fields of every kind of metadata. A custom field must not have the name of a field of the
// specification; custom fields are signed with the rest.
struct TufHeader {
  std::int64_t version = 1;
  UnixTime expires{};
  json::object custom = {};
};

struct TufRootContent {
  TufHeader header = {};
  TufRoleKeys root = {}, timestamp = {}, snapshot = {}, targets = {};
};

struct TufDelegationContent {
  std::string name;
  TufRoleKeys keys = {};
  std::vector<std::string> paths = {};               // or
  std::vector<std::string> path_hash_prefixes = {};  // never both
  bool terminating = false;
};

struct TufTargetsContent {
  TufHeader header = {};
  std::map<std::string, TufTarget> targets = {};       // by target path
  std::vector<TufDelegationContent> delegations = {};  // in search order
};

struct TufSnapshotContent {
  TufHeader header = {};
  std::map<std::string, TufFileInfo> roles = {};  // "targets" and every delegated role
};

struct TufTimestampContent {
  TufHeader header = {};
  TufFileInfo snapshot = {};
};

// The "signed" part of each kind.
json::object encode_root(const TufRootContent& content);
json::object encode_targets(const TufTargetsContent& content);
json::object encode_snapshot(const TufSnapshotContent& content);
json::object encode_timestamp(const TufTimestampContent& content);

using TufSigningKeys = std::span<const SigningKey* const>;

// The whole file. kBadInput if `signed_part` holds a floating point number.
Result<Bytes> sign_metadata(const json::object& signed_part, TufSigningKeys keys);

// The file with signatures of `keys` added or replaced, for keys that are kept in different places.
// kBadInput if it is not metadata. Does not validate what it signs.
Result<Bytes> add_signatures(ByteView file, TufSigningKeys keys);

// How a public key is written, and its id: the SHA-256 of its canonical JSON.
json::object encode_tuf_key(const PublicKey& key);
std::string tuf_key_id(const PublicKey& key);

// Length and SHA-256 of a finished file, for snapshot, timestamp or targets.
TufFileInfo describe_metadata(ByteView file, std::int64_t version);
TufTarget describe_target(ByteView file);

// "3.snapshot.json", or "timestamp.json", which alone has no version in its name.
Result<std::string> published_file_name(std::string_view role, std::int64_t version);

// Below the folder of targets: "<directories>/<sha256>.<name>".
Result<std::string> published_target_name(std::string_view target_path, const TufTarget& target);

}  // namespace rootlet
