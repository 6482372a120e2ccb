// The holders of a test realm's root keys, each with a key file and its passphrase.
#pragma once

#include "platform/keys/root_ceremony.hpp"
#include "platform/realm/root_keys.hpp"
#include "tests/realm/world/realm.hpp"

namespace rootlet::test {

// Holder 1, 2 or 3. Opening a key takes its time (Argon2), so each file is opened once; realms that
// are copies of one have the same files.
inline const SigningKey& holder(LiveRealm& realm, int number) {
  static std::map<std::string, SigningKey> opened;
  const std::string name = std::to_string(number);
  const std::filesystem::path path = realm.path() / "keys" / ("root-" + name + ".json");
  const std::string file = must(read_text_file(path, limits::kMiB));
  const auto known = opened.find(file);
  if (known != opened.end()) return known->second;
  return opened.emplace(file, must(platform::load_root_key(path, "correct horse " + name)))
      .first->second;
}

// What two holders do where they keep their keys: the draft travels as a file.
inline void sign_and_publish(LiveRealm& realm, const platform::RootChange& change,
                             std::initializer_list<int> holders = {1, 3}) {
  const TempDir desk;
  const auto file = desk / "draft.json";
  must(write_file_atomically(file, platform::encode_draft(must(platform::draft_root(
                                       realm.realm(), change, realm.clock.wall())))));
  for (const int number : holders) {
    platform::RootDraft draft = must(platform::load_draft(file));
    must(platform::sign_draft(draft, holder(realm, number)));
    must(write_file_atomically(file, platform::encode_draft(draft)));
  }
  must(
      platform::publish_draft(realm.realm(), must(platform::load_draft(file)), realm.clock.wall()));
}

}  // namespace rootlet::test
