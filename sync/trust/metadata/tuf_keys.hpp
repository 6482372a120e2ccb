// Public keys and signatures as The Update Framework writes them (specification 1.0, section 4.2):
// ed25519, ecdsa-sha2-nistp256, rsassa-pss-sha256 and rsa-pkcs1v15-sha256. Metadata may list
// keys of other kinds, but they never verify anything. RSA keys below 2048 bits verify nothing
// either.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/format/json.hpp"

namespace rootlet {

struct TufKey {
  std::string type;  // "keytype"
  std::string scheme;
  std::string material;  // "keyval"."public": hex for ed25519, else PEM
};

// Key ids come from the metadata that lists them. They are only names: a key id need not be the
// hash of its key, because threshold counting compares the keys themselves (TAP 12).
using TufKeys = std::map<std::string, TufKey>;

struct TufSignature {
  std::string key_id;
  std::string hex;  // may be empty or not hex; then it verifies nothing
};

// Who may sign a role, and how many of them must.
struct TufRole {
  std::vector<std::string> key_ids;
  std::int64_t threshold = 1;
};

// True if `signature` is a valid signature of `message` by `key`. Never fails: returns false for
// keys and signatures that it cannot read.
bool verify_tuf_signature(const TufKey& key, ByteView message, ByteView signature);

// The key's bytes in one unique form, empty if the key cannot be read. Two entries with the same
// form are the same key, whatever their ids, schemes and PEM line breaks.
Bytes unique_form(const TufKey& key);

// ok if at least `role.threshold` different keys of the role signed `message`, else kUntrusted.
// `what` names the metadata in the error.
Status verify_threshold(const TufRole& role, const TufKeys& keys, ByteView message,
                        const std::vector<TufSignature>& signatures, std::string_view what);

// One {"keytype", "scheme", "keyval"} object; kBadInput.
Result<TufKey> parse_tuf_key(JsonObject object);

}  // namespace rootlet
