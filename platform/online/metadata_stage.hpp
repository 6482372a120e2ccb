// Signs a role of TUF again when its content changed or its age requires it. The publishing and the
// serving home use it, each for its own roles.
#pragma once

#include "platform/homes/tables.hpp"
#include "platform/online/signing_clock.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {

// When metadata with unchanged content must be signed again.
struct Ageing {
  std::chrono::seconds life;
  std::chrono::seconds oldest;  // since it was signed
};

inline Ageing for_life(std::chrono::seconds life) {
  return {.life = life, .oldest = life * 3 / 4};
}

class MetadataStage {
 public:
  MetadataStage(MetadataTable table, SecretTable secrets, UnixTime now)
      : table_(table), secrets_(secrets), now_(now) {}
  bool signed_any() const { return signed_any_; }

  // The newest version of the role; signs a new one if necessary. `encode` turns the content into
  // the signed part. `custom` is not a part of what is compared; custom fields of `content` are.
  template <typename Content, typename Encode>
  Result<MetadataEntry> stage(std::string_view role, Content content, Encode encode,
                              const Ageing& ageing, const json::object& custom = {}) {
    content.header.version = 1;
    content.header.expires = {};
    ROOTLET_TRY(const SigningKey key, secrets_.signing_key(role));
    const Hash256 fingerprint = fingerprint_of(json::serialize(encode(content)), key.public_key);
    ROOTLET_TRY(std::optional<MetadataEntry> held, table_.newest(role));
    if (held.has_value() && held->fingerprint == fingerprint && !is_old(*held, ageing)) {
      return *std::move(held);
    }
    MetadataEntry entry{.version = held.has_value() ? held->version + 1 : 1,
                        .signed_at = now_,
                        .expires = now_ + ageing.life,
                        .file = {},
                        .fingerprint = fingerprint};
    content.header.version = entry.version;
    content.header.expires = entry.expires;
    for (const auto& field : custom) content.header.custom[field.key()] = field.value();
    const SigningKey* keys[] = {&key};
    ROOTLET_TRY(entry.file, sign_metadata(encode(content), keys));
    ROOTLET_TRY(table_.save(role, entry));
    signed_any_ = true;
    return entry;
  }

 private:
  // Another key signs again too.
  static Hash256 fingerprint_of(std::string content, const PublicKey& key) {
    content.append(as_text(ByteView(key)));
    return blake2b(as_bytes(content));
  }

  // A signature from the future is a mistake that a new one takes back.
  bool is_old(const MetadataEntry& held, const Ageing& ageing) const {
    return now_ - held.signed_at >= ageing.oldest || held.signed_at > now_ + kSigningSlack;
  }

  MetadataTable table_;
  SecretTable secrets_;
  UnixTime now_;
  bool signed_any_ = false;
};

}  // namespace rootlet::platform
