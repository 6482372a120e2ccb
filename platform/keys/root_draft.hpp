// A draft: the next root of a realm while it travels from one key holder to the next and gathers
// signatures (docs/FORMATS.md, "Root draft").
//
// It carries every root of the realm from the first on, because a holder's machine has no realm and
// believes nobody: the first root gives the realm's id, which people compare, and each root
// verifies the next, so the words about the difference are about the realm's true root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/keys/root_change.hpp"

namespace rootlet::platform {

struct RootDraft {
  std::string realm_id;      // follows from the first root
  std::string name;          // of the realm, as its file says; not signed
  std::vector<Bytes> roots;  // published, from version 1 on
  Signed<TufRoot> current;   // the last of them
  Signed<TufRoot> next;
};

// `next` is a whole metadata file. kUntrusted unless the roots follow from each other and `next`
// may come after them.
Result<RootDraft> make_draft(std::string name, std::vector<Bytes> roots, Bytes next);

Bytes encode_draft(const RootDraft& draft);
// kBadInput if it is no draft, kUntrusted as make_draft(). `what` names it in errors.
Result<RootDraft> parse_draft(std::string_view text, const std::string& what);
Result<RootDraft> load_draft(const std::filesystem::path& path);

// How many signatures by the keys of the current and of the next root it has, and how many it
// needs.
struct DraftSignatures {
  std::int64_t current = 0, current_needed = 0;
  std::int64_t next = 0, next_needed = 0;
  bool is_enough() const { return current >= current_needed && next >= next_needed; }
};
DraftSignatures count_signatures(const RootDraft& draft);

// Is it a root key of the current root or the next?
bool names_key(const RootDraft& draft, const PublicKey& key);

// Adds the signature of `key`, or replaces it. kUsage if neither root names the key.
Status sign_draft(RootDraft& draft, const SigningKey& key);

// What the holder of a key reads before signing: realm, versions, differences.
std::vector<Text> describe_draft(const RootDraft& draft);

}  // namespace rootlet::platform
