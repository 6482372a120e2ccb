// The commands of the keys that sign online.
#include "platform/cli/root_signing.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/keys/key_rotation.hpp"

namespace rootlet::platform {
namespace {

Status run_key_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<RoleKey> found, role_keys(realm));
  json::array keys;
  TextTable table =
      table_of(run.output, {"ROLE", "KEY", "NAMED BY"}, {"角色", "密钥", "由何者指定"});
  for (const RoleKey& key : found) {
    const std::string by = key.is_named_by_root ? "root" : "targets";
    keys.push_back(json::object{{"role", key.role}, {"id", key.key_id}, {"named_by", by}});
    table.add({key.role, short_id(key.key_id), by});
  }
  return run.output.report(json::object{{"keys", keys}}, table, "");
}

Status rotate_online(const CommandRun& run, const std::string& role) {
  return change_or_draft(run, [&](Realm& realm) { return prepare_online_keys(realm, {role}); });
}

Status rotate_delegated(const CommandRun& run, Realm& realm, const std::string& role) {
  ROOTLET_TRY(const KeyRotation done,
              rotate_delegated_keys(realm, {role}, OldKeys::kKeepForService, run.now()));
  ROOTLET_TRY(const std::vector<RoleKey> keys, role_keys(realm));
  const auto now = std::ranges::find(keys, role, &RoleKey::role);
  const std::string id = now == keys.end() ? "" : now->key_id;
  const bool is_service = is_service_key(role);
  std::string text = run.output.words(
      {.en = (is_service ? "Key " : "Role ") + role + " is " + short_id(id) + " from now on; " +
             (is_service ? "the old one still serves what is on its way." : "the old key is gone."),
       .zh = (is_service ? "密钥 " : "角色 ") + role + " 改用 " + short_id(id) +
             (is_service ? "，旧密钥仍用于在途数据。" : "，旧密钥已销毁。")});
  if (done.packs > 0) {
    const std::string packs = std::to_string(done.packs);
    text += run.output.words(
        {.en = " " + packs + " packs have new signatures.", .zh = packs + " 个数据包已重新签名。"});
  }
  if (done.damaged > 0) {
    const std::string packs = std::to_string(done.damaged);
    text += run.output.words(
        {.en = " " + packs +
               " packs are damaged on disk: the next publish of their dataset makes "
               "others.",
         .zh = packs + " 个数据包已损坏，下次发布该数据集时重建。"});
  }
  return run.output.report(json::object{{"role", role},
                                        {"id", id},
                                        {"packs", json_count(done.packs)},
                                        {"damaged", json_count(done.damaged)}},
                           text + "\n");
}

Status run_key_rotate(const CommandRun& run) {
  const std::string role = run.arguments.value("ROLE");
  if (is_named_by_root(role)) return rotate_online(run, role);
  for (const char* option : {"key", "passphrase-file", "out"}) {
    if (!run.arguments.has(option)) continue;
    return fail(ErrorCode::kUsage, "--" + std::string(option) +
                                       " is for timestamp, snapshot and targets: role " + role +
                                       " needs no root key. Nothing was changed.");
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(check_roles(realm.registry(), {role}));
  return rotate_delegated(run, realm, role);
}

}  // namespace

std::vector<Command> key_commands() {
  return {
      {.name = "key list",
       .summary = {.en = "Show the keys that sign online, and who names them",
                   .zh = "显示在线签名密钥及其指定者"},
       .example = {.en = "rootlet-platform key list"},
       .run = with_clock(run_key_list)},
      {.name = "key rotate",
       .summary = {.en = "Give a role a new key; offices follow by themselves",
                   .zh = "为角色更换密钥，各单位自动跟进"},
       .details = {.en = "The old key is destroyed. What it signed and is still in use is signed "
                         "anew. The root names the keys of timestamp, snapshot and targets: these "
                         "need root keys, as \"root renew\" does. The old keys of receipt, "
                         "judgement, ingest, enrolment and answer stay for what is on its way.",
                   .zh = "旧密钥随即销毁，仍在使用的内容重新签名。timestamp、snapshot、targets "
                         "的密钥由 root 指定，须用根密钥，方式同 root renew。receipt、judgement、"
                         "ingest、enrolment、answer 的旧密钥保留，供在途数据使用。"},
       .example = {.en = "rootlet-platform key rotate directory\n"
                         "rootlet-platform key rotate timestamp --passphrase-file passphrases.txt"},
       .positionals = {{.name = "ROLE"}},
       .options = root_signing_options(),
       .run = with_bucket(run_key_rotate)}};
}

}  // namespace rootlet::platform
