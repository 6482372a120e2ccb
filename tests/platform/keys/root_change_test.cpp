// Who may change the root, and what a draft is worth that was tampered with.
#include "platform/keys/root_change.hpp"

#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/platform/keys/holders.hpp"

using namespace rootlet;
using namespace rootlet::test;
using platform::RootChange;
using platform::RootDraft;

namespace {

RootDraft draft_of(LiveRealm& realm, const RootChange& change) {
  return must(platform::draft_root(realm.realm(), change, realm.clock.wall()));
}

std::int64_t root_version(LiveRealm& realm) {
  return must(realm.realm().registry().newest_metadata("root"))->version;
}

std::string words_of(const RootDraft& draft) {
  std::string words;
  for (const Text& line : platform::describe_draft(draft)) words += line.en + "\n" + line.zh + "\n";
  return words;
}

// The draft with another next root, as somebody on its way might write it.
Result<RootDraft> tampered(const RootDraft& draft,
                           const std::function<void(json::object&)>& change) {
  json::object next = draft.next.signed_part;
  change(next);
  return platform::make_draft(draft.name, draft.roots, must(sign_metadata(next, {})));
}

}  // namespace

TEST_CASE("root: a draft with one signature of two is not published, with two it is") {
  LiveRealm realm;
  RootDraft draft = draft_of(realm, {});
  must(platform::sign_draft(draft, holder(realm, 1)));
  must(platform::sign_draft(draft, holder(realm, 1)));  // the same key counts once
  const Status early = platform::publish_draft(realm.realm(), draft, realm.clock.wall());
  CHECK(code_of(early) == ErrorCode::kUsage);
  CHECK(root_version(realm) == 1);
  must(platform::sign_draft(draft, holder(realm, 2)));
  must(platform::publish_draft(realm.realm(), draft, realm.clock.wall()));
  CHECK(root_version(realm) == 2);
  // The same draft, and one that was made beside it, come too late.
  CHECK(code_of(platform::publish_draft(realm.realm(), draft, realm.clock.wall())) ==
        ErrorCode::kUsage);
  CHECK(realm.verify().problems.empty());
}

TEST_CASE("root: a stranger's key does not sign, and a stranger's signature does not count") {
  LiveRealm realm;
  RootDraft draft = draft_of(realm, {});
  const SigningKey stranger = SigningKey::generate();
  CHECK(code_of(platform::sign_draft(draft, stranger)) == ErrorCode::kUsage);
  const SigningKey* keys[] = {&stranger};
  draft.next = must(parse_metadata<TufRoot>(must(add_signatures(draft.next.file, keys)), "root"));
  must(platform::sign_draft(draft, holder(realm, 1)));
  CHECK(code_of(platform::publish_draft(realm.realm(), draft, realm.clock.wall())) ==
        ErrorCode::kUsage);
}

TEST_CASE("root: a key that comes and a threshold that rises need the new keys too") {
  LiveRealm realm;
  const SigningKey fourth = SigningKey::generate();
  RootDraft draft = draft_of(realm, {.added = {fourth.public_key}, .threshold = 3});
  CHECK(words_of(draft).find("root key " + platform::short_id(tuf_key_id(fourth.public_key)) +
                             " comes") != std::string::npos);
  CHECK(words_of(draft).find("needs 3 signatures, so far 2") != std::string::npos);
  must(platform::sign_draft(draft, holder(realm, 1)));
  must(platform::sign_draft(draft, holder(realm, 2)));
  CHECK(platform::count_signatures(draft).current == 2);
  CHECK_FALSE(platform::count_signatures(draft).is_enough());
  must(platform::sign_draft(draft, fourth));
  must(platform::publish_draft(realm.realm(), draft, realm.clock.wall()));
  // A lost key goes: the three that stay are enough.
  RootDraft second =
      draft_of(realm, {.removed = {tuf_key_id(holder(realm, 3).public_key)}, .threshold = 2});
  CHECK(words_of(second).find("goes") != std::string::npos);
  for (const SigningKey* key : {&holder(realm, 1), &holder(realm, 2), &fourth}) {
    must(platform::sign_draft(second, *key));
  }
  must(platform::publish_draft(realm.realm(), second, realm.clock.wall()));
  CHECK(realm.verify().problems.empty());
}

TEST_CASE("root: changes that no root can have are refused before anybody signs") {
  LiveRealm realm;
  const PublicKey first = holder(realm, 1).public_key;
  const std::string id = tuf_key_id(first);
  for (const RootChange& change :
       {RootChange{.added = {first}}, RootChange{.threshold = 4}, RootChange{.threshold = 0},
        RootChange{.removed = {"no such key"}}, RootChange{.removed = {""}},
        RootChange{.removed = {id, tuf_key_id(holder(realm, 2).public_key)}}}) {
    CHECK(code_of(platform::draft_root(realm.realm(), change, realm.clock.wall())) ==
          ErrorCode::kUsage);
  }
}

TEST_CASE("root: a draft that was tampered with is refused where it is read") {
  LiveRealm realm;
  const RootDraft draft = draft_of(realm, {});
  const SigningKey thief = SigningKey::generate();
  CHECK(code_of(tampered(draft, [](json::object& next) { next["version"] = 7; })) ==
        ErrorCode::kUntrusted);
  CHECK(code_of(tampered(draft, [](json::object& next) { next["consistent_snapshot"] = false; })) ==
        ErrorCode::kUntrusted);
  CHECK(code_of(tampered(draft, [](json::object& next) {
          next["roles"].as_object()["root"].as_object()["threshold"] = 9;
        })) == ErrorCode::kUntrusted);
  // One key under two names would count twice.
  CHECK(code_of(tampered(draft, [&](json::object& next) {
          const json::value key = encode_tuf_key(holder(realm, 1).public_key);
          next["keys"].as_object()["alias"] = key;
          next["roles"].as_object()["root"].as_object()["keyids"].as_array().emplace_back("alias");
        })) == ErrorCode::kUntrusted);
  // A current root that the realm never had, so that the words would hide the thief's key: it does
  // not follow from the first root.
  RootDraft forged = draft_of(realm, {.added = {thief.public_key}});
  const SigningKey* keys[] = {&thief};
  const Bytes current = must(add_signatures(forged.next.file, keys));
  CHECK(code_of(platform::make_draft(draft.name, {draft.roots.front(), current}, current)) ==
        ErrorCode::kUntrusted);
}

TEST_CASE("root: a draft that names an online key which the realm does not hold is refused") {
  LiveRealm realm;
  RootDraft draft = draft_of(realm, {.online = {{"timestamp", SigningKey::generate().public_key}}});
  must(platform::sign_draft(draft, holder(realm, 1)));
  must(platform::sign_draft(draft, holder(realm, 2)));
  CHECK(code_of(platform::publish_draft(realm.realm(), draft, realm.clock.wall())) ==
        ErrorCode::kUsage);
  CHECK(root_version(realm) == 1);
  CHECK(realm.verify().problems.empty());
}
