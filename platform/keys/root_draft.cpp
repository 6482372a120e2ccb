// A draft's file is JSON: the published roots as base64, so that their exact bytes stay, and the
// next root as it will be published.
#include "platform/keys/root_draft.hpp"

#include <algorithm>

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "sync/trust/client/tuf_trusted_set.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kFormat = "rootlet-root-draft/1";
constexpr std::size_t kRealmIdDigits = 16;

// Walks the roots as a TUF client does.
Result<Signed<TufRoot>> follow(const std::vector<Bytes>& roots) {
  if (roots.empty()) return fail(ErrorCode::kUntrusted, "draft: it names no root");
  ROOTLET_TRY(TufTrustedSet trusted, TufTrustedSet::from_root(roots.front(), UnixTime{}));
  if (trusted.root().version != 1) {
    return fail(ErrorCode::kUntrusted, "draft: its first root is not version 1");
  }
  for (std::size_t i = 1; i < roots.size(); ++i) {
    ROOTLET_TRY(const TufRootUpdate update, trusted.update_root(roots[i]));
    if (!update.is_new) return fail(ErrorCode::kUntrusted, "draft: a root stands in it twice");
  }
  return parse_metadata<TufRoot>(roots.back(), kTufRoot);
}

std::int64_t count_signers(const Signed<TufRoot>& next, const TufRoot& by) {
  TufRole role = by.role(kTufRoot);
  role.threshold = 1;
  std::int64_t count = 0;
  for (const std::string& id : by.role(kTufRoot).key_ids) {
    role.key_ids = {id};
    count += verify_threshold(role, by.keys, as_bytes(next.signed_bytes), next.signatures, kTufRoot)
                     .has_value()
                 ? 1
                 : 0;
  }
  return count;
}

}  // namespace

Result<RootDraft> make_draft(std::string name, std::vector<Bytes> roots, Bytes next) {
  ROOTLET_TRY(Signed<TufRoot> current, follow(roots));
  ROOTLET_TRY(Signed<TufRoot> after, parse_metadata<TufRoot>(next, kTufRoot));
  ROOTLET_TRY(check_next_root(current, after));
  return RootDraft{.realm_id = to_hex(sha256(roots.front())).substr(0, kRealmIdDigits),
                   .name = std::move(name),
                   .roots = std::move(roots),
                   .current = std::move(current),
                   .next = std::move(after)};
}

Bytes encode_draft(const RootDraft& draft) {
  json::array roots;
  for (const Bytes& root : draft.roots) roots.emplace_back(to_base64(root));
  const Result<json::value> next = parse_json(as_text(draft.next.file), "root");
  const json::object file{{"format", kFormat},
                          {"name", draft.name},
                          {"roots", std::move(roots)},
                          {"next", next.has_value() ? next.value() : json::value()}};
  return to_bytes(pretty_json(file));
}

Result<RootDraft> load_draft(const std::filesystem::path& path) {
  ROOTLET_TRY(const std::string text, read_text_file(path, limits::kRootDraftBytes));
  return parse_draft(text, path.filename().string());
}

Result<RootDraft> parse_draft(std::string_view text, const std::string& what) {
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  ROOTLET_TRY(const std::string format, object.text("format"));
  if (format != kFormat) return object.error("format", "is not " + std::string(kFormat));
  ROOTLET_TRY(std::string name, object.text("name"));
  ROOTLET_TRY(const json::array* encoded, object.array("roots", limits::kRootDraftRoots));
  const json::value* next = object.find("next");
  if (next == nullptr || !next->is_object()) return object.error("next", "must be an object");
  ROOTLET_TRY(object.finish());
  std::vector<Bytes> roots;
  for (const json::value& one : *encoded) {
    if (!one.is_string()) return object.error("roots", "must hold texts");
    ROOTLET_TRY(Bytes root, from_base64(one.get_string()));
    roots.push_back(std::move(root));
  }
  Result<RootDraft> draft =
      make_draft(std::move(name), std::move(roots), to_bytes(json::serialize(*next)));
  if (draft.has_error()) return within(what, draft.error());
  return draft;
}

DraftSignatures count_signatures(const RootDraft& draft) {
  return {.current = count_signers(draft.next, draft.current.body),
          .current_needed = draft.current.body.role(kTufRoot).threshold,
          .next = count_signers(draft.next, draft.next.body),
          .next_needed = draft.next.body.role(kTufRoot).threshold};
}

bool names_key(const RootDraft& draft, const PublicKey& key) {
  const std::string id = tuf_key_id(key);
  const auto names = [&](const Signed<TufRoot>& root) {
    const auto& ids = root.body.role(kTufRoot).key_ids;
    return std::ranges::find(ids, id) != ids.end();
  };
  return names(draft.current) || names(draft.next);
}

Status sign_draft(RootDraft& draft, const SigningKey& key) {
  if (!names_key(draft, key.public_key)) {
    return fail(ErrorCode::kUsage, "key " + short_id(tuf_key_id(key.public_key)) +
                                       " is no root key of realm " + draft.realm_id +
                                       "; the draft was not changed");
  }
  const SigningKey* keys[] = {&key};
  ROOTLET_TRY(const Bytes file, add_signatures(draft.next.file, keys));
  ROOTLET_TRY(draft.next, parse_metadata<TufRoot>(file, kTufRoot));
  return ok();
}

std::vector<Text> describe_draft(const RootDraft& draft) {
  const std::string from = std::to_string(draft.current.version),
                    to = std::to_string(draft.next.version);
  std::vector<Text> lines{{.en = "the root of realm " + draft.realm_id + " (" + draft.name +
                                 "), from version " + from + " to version " + to,
                           .zh = "域 " + draft.realm_id + "（" + draft.name + "）的 root，由第 " +
                                 from + " 版到第 " + to + " 版"}};
  for (Text& line : describe_change(draft.current, draft.next)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace rootlet::platform
