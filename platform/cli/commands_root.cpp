// The commands of the root: who may change what the realm trusts. `root sign` and `root new-key`
// need no realm: they run where a holder keeps the key.
#include <unistd.h>

#include <charconv>
#include <iostream>

#include "core/file/output_file.hpp"
#include "platform/cli/root_signing.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

Result<Signed<TufRoot>> newest_root(Realm& realm) {
  ROOTLET_TRY(const auto entry, realm.registry().newest_metadata(kTufRoot));
  if (!entry.has_value()) return fail(ErrorCode::kStorageDamaged, "the realm has no root");
  return parse_metadata<TufRoot>(entry->file, kTufRoot);
}

// The file in DIR/keys that has this key's public half; empty if none.
std::string file_of(const Realm& realm, const std::string& id) {
  std::error_code ignored;
  for (fs::directory_iterator at(realm.folder().keys(), ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const Result<PublicKey> key = load_public_half(at->path());
    if (key.has_value() && tuf_key_id(key.value()) == id) return at->path().filename().string();
  }
  return "";
}

Status run_root_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const Signed<TufRoot> root, newest_root(realm));
  ROOTLET_TRY(const std::string realm_id, realm.registry().needed_setting(kSettingRealmId));
  const TufRole& role = root.body.role(kTufRoot);
  json::array keys;
  TextTable table =
      table_of(run.output, {"ROOT KEY", "FILE IN DIR/keys"}, {"根密钥", "DIR/keys 下的文件"});
  for (const std::string& id : role.key_ids) {
    const std::string file = file_of(realm, id);
    keys.push_back(json::object{{"id", id}, {"file", file}});
    table.add({short_id(id), file.empty() ? "-" : file});
  }
  const std::string until = format_time(root.expires);
  const std::string need = std::to_string(role.threshold), version = std::to_string(root.version);
  ROOTLET_TRY(run.output.report(json::object{{"realm", realm_id},
                                             {"version", root.version},
                                             {"expires", until},
                                             {"threshold", role.threshold},
                                             {"keys", keys}},
                                table, ""));
  run.output.note(
      run.output.words({.en = "Realm " + realm_id + ": root version " + version + " ends at " +
                              until + "; a change needs " + need + " of these keys.",
                        .zh = "域 " + realm_id + "：root 第 " + version + " 版有效期至 " + until +
                              "；变更须 " + need + " 把密钥签名。"}));
  return ok();
}

Status run_root_renew(const CommandRun& run) {
  return change_or_draft(run, [](Realm&) { return RootChange{}; });
}

Result<std::string> new_passphrase(const CommandRun& run, const std::string& name) {
  if (run.arguments.has("new-passphrase-file")) {
    ROOTLET_TRY(const std::vector<std::string> lines,
                read_passphrase_lines(run.arguments.value("new-passphrase-file")));
    if (lines.size() == 1) return lines.front();
    return fail(ErrorCode::kUsage, "the file of the new key's passphrase must have one line");
  }
  if (::isatty(STDIN_FILENO) == 1) return ask_new_passphrase(name);
  return fail(
      ErrorCode::kUsage,
      "a new key needs a passphrase: give --new-passphrase-file, or run this on a terminal. "
      "Nothing was changed.");
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

// The key and its passphrase never leave the two files that it writes.
Result<SigningKey> make_key_file(const CommandRun& run, const fs::path& file) {
  if (is_there(file)) {
    return fail(ErrorCode::kUsage, file.string() + " exists already; nothing was changed");
  }
  ROOTLET_TRY(const std::string passphrase, new_passphrase(run, file.filename().string()));
  SigningKey key = SigningKey::generate();
  ROOTLET_TRY(save_root_key(file, key, passphrase));
  fs::path open = file;
  open += ".pub";
  ROOTLET_TRY(save_public_half(open, key.public_key));
  return key;
}

Status run_root_new_key(const CommandRun& run) {
  const fs::path file = run.arguments.value("FILE");
  ROOTLET_TRY(const SigningKey key, make_key_file(run, file));
  const std::string id = tuf_key_id(key.public_key), open = file.string() + ".pub";
  return run.output.report(
      json::object{{"id", id}, {"file", file.string()}, {"public", open}},
      run.output.words({.en = "Key " + short_id(id) + " is in " + file.string() +
                              ", under its passphrase: keep both apart.\nGive " + open +
                              " to the operator, and tell the key's name by another way.\n",
                        .zh = "密钥 " + short_id(id) + " 已写入 " + file.string() +
                              "，受口令保护，请分开保管。\n将 " + open +
                              " 交给平台管理员，并以其他途径核对密钥名。\n"}));
}

Status run_root_add_key(const CommandRun& run) {
  ROOTLET_TRY(check_signing_given(run));  // before a key is made
  const fs::path file = run.arguments.value("FILE");
  std::vector<SigningKey> made;
  PublicKey key{};
  if (is_there(file)) {
    ROOTLET_TRY(key, load_public_half(file));
  } else {
    ROOTLET_TRY(SigningKey fresh, make_key_file(run, file));
    key = fresh.public_key;
    made.push_back(std::move(fresh));
  }
  return change_or_draft(
      run, [&](Realm&) { return RootChange{.added = {key}}; }, std::move(made));
}

Status run_root_remove_key(const CommandRun& run) {
  std::string key = run.arguments.value("KEY");
  if (is_there(key)) {
    ROOTLET_TRY(const PublicKey public_half, load_public_half(key));
    key = tuf_key_id(public_half);
  }
  return change_or_draft(run, [&](Realm&) { return RootChange{.removed = {key}}; });
}

Status run_root_threshold(const CommandRun& run) {
  std::int64_t threshold = 0;
  const std::string text = run.arguments.value("N");
  const auto read = std::from_chars(text.data(), text.data() + text.size(), threshold);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return bad_input("N: how many root keys must sign, such as 2", "N");
  }
  return change_or_draft(run, [&](Realm&) { return RootChange{.threshold = threshold}; });
}

// Shows what is about to be signed and waits for a yes.
Status confirm(const CommandRun& run, const RootDraft& draft) {
  const std::string lines = listed(run, describe_draft(draft));
  run.output.note(run.output.words({.en = "You are about to sign:", .zh = "您即将签名："}) + "\n" +
                  lines);
  if (run.arguments.has("yes")) return ok();
  if (::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kUsage,
                "read the above and run this again with --yes, or on a terminal. Nothing was "
                "signed.");
  }
  std::cerr << run.output.words({.en = "Compare the realm and each key with your own notes. Sign? "
                                       "Type yes: ",
                                 .zh = "请与自己的记录核对域和各密钥。确认签名请输入 yes："})
            << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "yes") return ok();
  return fail(ErrorCode::kUsage, "nothing was signed");
}

Status run_root_sign(const CommandRun& run) {
  const fs::path file = run.arguments.value("DRAFT");
  ROOTLET_TRY(RootDraft draft, load_draft(file));
  ROOTLET_TRY(confirm(run, draft));
  ROOTLET_TRY(const std::vector<SigningKey> keys, given_root_keys(run));
  for (const SigningKey& key : keys) {
    ROOTLET_TRY(sign_draft(draft, key));
  }
  ROOTLET_TRY(write_file_atomically(file, encode_draft(draft)));
  const DraftSignatures count = count_signatures(draft);
  const std::int64_t missing =
      std::max(count.current_needed - count.current, count.next_needed - count.next);
  const Text next = missing > 0 ? Text{.en = std::to_string(missing) + " more must sign.",
                                       .zh = "还需 " + std::to_string(missing) + " 人签名。"}
                                : Text{.en = "It has all signatures: rootlet-platform root publish",
                                       .zh = "签名已齐：rootlet-platform root publish"};
  return run.output.report(
      json::object{{"draft", file.string()},
                   {"realm", draft.realm_id},
                   {"version", draft.next.version},
                   {"changes", json_lines(run, describe_draft(draft))},
                   {"signatures", std::max<std::int64_t>(0, count.current)},
                   {"signatures_needed", count.current_needed},
                   {"complete", count.is_enough()}},
      run.output.words({.en = "Signed. ", .zh = "已签名。"}) + run.output.words(next) + "\n");
}

Status run_root_publish(const CommandRun& run) {
  ROOTLET_TRY(const RootDraft draft, load_draft(run.arguments.value("DRAFT")));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(publish_draft(realm, draft, run.now()));
  const std::string until = format_time(draft.next.expires);
  const std::string version = std::to_string(draft.next.version);
  return run.output.report(
      json::object{{"version", draft.next.version}, {"expires", until}},
      run.output.words({.en = "Root version " + version + " is published; it ends at " + until +
                              ". Offices follow at their next sync.\n",
                        .zh = "root 第 " + version + " 版已发布，有效期至 " + until +
                              "。各单位下次同步时自动跟进。\n"}));
}

OptionSpec new_passphrase_option() {
  return {
      .name = "new-passphrase-file",
      .value_name = "F",
      .help = {.en = "the passphrase of the new key, in one line", .zh = "新密钥的口令文件，一行"},
      .type = ValueType::kFile};
}

std::vector<OptionSpec> with(std::vector<OptionSpec> options, OptionSpec one) {
  options.push_back(std::move(one));
  return options;
}

std::vector<OptionSpec> sign_options() {
  std::vector<OptionSpec> options = root_signing_options();
  options.pop_back();  // --out
  options.front().is_required = true;
  return with(std::move(options),
              {.name = "yes", .help = {.en = "sign without asking", .zh = "不再询问，直接签名"}});
}

}  // namespace

std::vector<Command> root_commands() {
  return {
      {.name = "root list",
       .summary = {.en = "Show the root keys, how many must sign, and when the root ends",
                   .zh = "显示根密钥、所需签名数和到期时间"},
       .example = {.en = "rootlet-platform root list"},
       .run = with_clock(run_root_list)},
      {.name = "root renew",
       .summary = {.en = "Let the root live another year", .zh = "将 root 续期一年"},
       .details = {.en =
                       "With --passphrase-file it signs here and now, with the key files of --key "
                       "or those in DIR/keys; a line of the file for each key, in any order. "
                       "With --out it writes a draft, which holders sign with \"root sign\" where "
                       "they keep their keys, and \"root publish\" takes in.",
                   .zh = "指定 --passphrase-file 时立即签名发布，密钥取自 --key 或 DIR/keys，口令每"
                         "行一个，顺序不限。指定 --out 时写出草案，由各保管人在密钥所在处运行 root "
                         "sign 签名，再由 root publish 发布。"},
       .example = {.en = "rootlet-platform --realm /srv/realm root renew --passphrase-file "
                         "passphrases.txt"},
       .options = root_signing_options(),
       .run = with_bucket(run_root_renew)},
      {.name = "root add-key",
       .summary = {.en = "Give the realm one more root key", .zh = "新增一把根密钥"},
       .details = {.en =
                       "FILE is the public half that \"root new-key\" made elsewhere. If there is "
                       "no such file, the key is made here, in FILE, under a passphrase of its "
                       "own. Signed as \"root renew\".",
                   .zh = "FILE 为 root new-key 在别处生成的公钥文件；若文件不存在，则在此生成新密钥"
                         "写入 FILE，并设独立口令。签名方式同 root renew。"},
       .example = {.en = "rootlet-platform root add-key fourth.json.pub --passphrase-file "
                         "passphrases.txt"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .options = with(root_signing_options(), new_passphrase_option()),
       .run = with_clock(run_root_add_key)},
      {.name = "root remove-key",
       .summary = {.en = "Take a root key away, for good", .zh = "停用一把根密钥"},
       .details = {.en = "KEY is its name in \"root list\", or a file with its public half. Signed "
                         "as \"root renew\", by the keys that stay if they are enough.",
                   .zh = "KEY 为 root list 中的密钥名，或其公钥文件。签名方式同 root renew，"
                         "留用密钥足够时由其签名。"},
       .example = {.en = "rootlet-platform root remove-key fourth.json.pub --passphrase-file "
                         "passphrases.txt"},
       .positionals = {{.name = "KEY"}},
       .options = root_signing_options(),
       .run = with_clock(run_root_remove_key)},
      {.name = "root threshold",
       .summary = {.en = "Set how many root keys must sign", .zh = "设定所需的根密钥签名数"},
       .example = {.en = "rootlet-platform root threshold 2 --passphrase-file passphrases.txt"},
       .positionals = {{.name = "N"}},
       .options = root_signing_options(),
       .run = with_clock(run_root_threshold)},
      {.name = "root new-key",
       .summary = {.en = "Make a root key on any machine", .zh = "在任意机器上生成根密钥"},
       .details = {.en =
                       "Writes FILE, the key under its passphrase, and FILE.pub, which goes to the "
                       "operator for \"root add-key\". Needs no realm.",
                   .zh = "写出 FILE（受口令保护的密钥）和 FILE.pub（交平台管理员用于 root "
                         "add-key）。无需域。"},
       .example = {.en = "rootlet-platform root new-key fourth.json --new-passphrase-file "
                         "fourth.txt"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .options = {new_passphrase_option()},
       .run = with_clock(run_root_new_key)},
      {.name = "root sign",
       .summary = {.en = "Sign a draft of the next root, after showing it in words",
                   .zh = "说明内容后，为 root 草案签名"},
       .details = {.en = "Runs where the key is kept and needs no realm. The draft carries every "
                         "root of the realm since the first, so what is shown is compared with the "
                         "true one. Without --yes it asks on the terminal.",
                   .zh = "在密钥所在处运行，无需域。草案携带自首版以来的全部 root，据此比较并说明"
                         "变更。未指定 --yes 时在终端询问。"},
       .example = {.en = "rootlet-platform root sign renewal.json --key root-1.json "
                         "--passphrase-file first.txt --yes"},
       .positionals = {{.name = "DRAFT", .type = ValueType::kFile}},
       .options = sign_options(),
       .run = with_clock(run_root_sign)},
      {.name = "root publish",
       .summary = {.en = "Publish a draft that has enough signatures",
                   .zh = "发布签名已齐的 root 草案"},
       .details = {.en = "Checks it as an office does: signed by enough keys of the root before it "
                         "and by enough of its own, and the next version.",
                   .zh = "按单位端规则核验：前一版与本版所需签名数均满足，且版本连续。"},
       .example = {.en = "rootlet-platform root publish renewal.json"},
       .positionals = {{.name = "DRAFT", .type = ValueType::kFile}},
       .run = with_bucket(run_root_publish)}};
}

}  // namespace rootlet::platform
