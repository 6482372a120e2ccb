// Making the next root of a realm and publishing it once enough holders of root keys have signed.
// Daily work never does this. Each function takes the realm's lock as far as it writes.
#pragma once

#include <span>

#include "platform/keys/root_draft.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// The draft of the root after the realm's newest one, without signatures; it ends a year after
// `now`.
Result<RootDraft> draft_root(Realm& realm, const RootChange& change, UnixTime now);

// Publishes the draft's root, and what must be signed again under new online keys: kUsage if it
// lacks signatures, does not come next, has ended or names an online key that the realm does not
// hold. Offices follow at their next sync.
Status publish_draft(Realm& realm, const RootDraft& draft, UnixTime now);

// Each file opened by one of `passphrases`; kUntrusted if none of them opens one.
Result<std::vector<SigningKey>> open_key_files(const std::vector<std::filesystem::path>& files,
                                               const std::vector<std::string>& passphrases);

struct RootRenewal {
  std::int64_t version = 0;
  UnixTime expires{};
};

// Draft, signatures and publication in one step, for holders who meet at the realm's machine. Those
// of `keys` that are root keys before or after it sign; kUsage if they are fewer than the realm
// needs.
Result<RootRenewal> change_root(Realm& realm, const RootChange& change,
                                std::span<const SigningKey> keys, UnixTime now);

// The same for a root that only lives on.
Result<RootRenewal> renew_root(Realm& realm, const std::vector<std::filesystem::path>& key_files,
                               const std::vector<std::string>& passphrases, UnixTime now);

}  // namespace rootlet::platform
