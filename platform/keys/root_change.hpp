// What may change from one version of the root to the next, as a value; the next root that follows
// from it; and what the difference of two roots means, in words for the people who sign it. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/crypto.hpp"
#include "core/text.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet::platform {

// So many holders nobody gathers; it keeps a root far below limits::kRootBytes.
inline constexpr std::size_t kRootKeysMost = 32;

// Without any member the next root is the same for another year.
struct RootChange {
  std::vector<PublicKey> added = {};
  std::vector<std::string> removed = {};  // ids of root keys, or unique beginnings of them
  std::optional<std::int64_t> threshold = {};
  std::map<std::string, PublicKey> online = {};  // new keys of timestamp, snapshot or targets
};

// The signed part of the root after `current`. kUsage if the change contradicts it.
Result<json::object> next_root(const TufRoot& current, const json::object& signed_part,
                               std::int64_t version, const RootChange& change, UnixTime expires);

// kUntrusted unless `next` is a root that this program could have made after `current`: the next
// version, keys that verify, each once and in one role, and enough of them. Says nothing of
// signatures.
Status check_next_root(const Signed<TufRoot>& current, const Signed<TufRoot>& next);

// One sentence for each difference, then who holds root keys afterwards.
std::vector<Text> describe_change(const Signed<TufRoot>& current, const Signed<TufRoot>& next);

// The beginning of a key's id that people compare.
std::string short_id(std::string_view key_id);

// The id of the one root key that begins with `start`. kUsage if there is none or several.
Result<std::string> find_root_key(const TufRoot& root, std::string_view start);

// The key with this id, for ed25519; kUntrusted for another kind.
Result<PublicKey> root_key_of(const TufRoot& root, const std::string& id);

}  // namespace rootlet::platform
