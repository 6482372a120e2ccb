// The commands realm backup, restore, lock, pin and unlock.
#include <unistd.h>

#include "core/file/owner.hpp"
#include "core/limits.hpp"
#include "platform/backup/realm_backup.hpp"
#include "platform/backup/realm_restore.hpp"
#include "platform/cli/cli.hpp"
#include "platform/realm/realm_key.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/token/pin.hpp"

namespace rootlet::platform {
namespace {

Result<std::string> backup_passphrase(const CommandRun& run, bool is_new) {
  if (run.arguments.has("passphrase-file")) {
    ROOTLET_TRY(const std::vector<std::string> lines,
                read_passphrase_lines(run.arguments.value("passphrase-file")));
    if (lines.size() == 1) return lines.front();
    return fail(ErrorCode::kUsage,
                "the file of the backup's passphrase must have one line. Nothing was written.");
  }
  if (::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kUsage,
                "a backup needs a passphrase: give --passphrase-file, or run "
                "this on a terminal. Nothing was written.");
  }
  return is_new ? ask_new_passphrase("the backup") : ask_passphrase("the backup");
}

Status run_backup(const CommandRun& run) {
  ROOTLET_TRY(const std::string passphrase, backup_passphrase(run, true));
  ROOTLET_TRY(Realm realm, run.open_realm());
  const fs::path file = run.arguments.value("FILE");
  ROOTLET_TRY(const BackupReport made, back_up_realm(realm, file, passphrase));
  const std::string files = std::to_string(made.files), bytes = std::to_string(made.bytes);
  return run.output.report(
      json::object{{"file", file.string()},
                   {"files", json_count(made.files)},
                   {"bytes", json_count(made.bytes)}},
      run.output.words({.en = "The realm is in " + file.string() + ": " + files + " files, " +
                              bytes + " bytes. Keep it apart from its passphrase.\n",
                        .zh = "域已备份至 " + file.string() + "：" + files + " 个文件，" + bytes +
                              " 字节。请与口令分开保管。\n"}));
}

Result<std::string> new_realm_passphrase(const CommandRun& run) {
  if (!run.arguments.has("new-passphrase-file")) return ask_new_passphrase("the realm's key");
  ROOTLET_TRY(std::vector<std::string> lines,
              read_passphrase_lines(run.arguments.value("new-passphrase-file")));
  if (lines.size() == 1) return std::move(lines.front());
  return fail(ErrorCode::kUsage,
              "the file of the new passphrase must have one line. Nothing was changed.");
}

Status lock_with_passphrase(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::string passphrase, new_realm_passphrase(run));
  ROOTLET_TRY(lock_realm_key(realm.folder().key(), realm.key(), passphrase));
  return run.output.report(
      json::object{{"locked", true}},
      run.output.words(
          {.en =
               "The publishing keys are under this passphrase now. Commands ask for it, or read it "
               "from the file that " +
               std::string(kPassphraseVariable) + " names.\n",
           .zh = "发布密钥已由此口令保护。命令运行时会询问口令，或从 " +
                 std::string(kPassphraseVariable) + " 指定的文件读取。\n"}));
}

Status lock_with_token(const CommandRun& run) {
  const TokenKeyPlace place{.module = run.arguments.value("pkcs11"),
                            .token = run.arguments.value("token"),
                            .key = run.arguments.value("key", "rootlet")};
  if (place.key.empty() || place.key.size() > limits::kTokenLabelBytes) {
    return bad_input("key: 1 to " + std::to_string(limits::kTokenLabelBytes) + " bytes", "key");
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  const NewPair pair = run.arguments.has("make-key") ? NewPair::kMake : NewPair::kNo;
  ROOTLET_TRY(const TokenKeyPlace used,
              lock_realm_key_with_token(realm.folder().key(), realm.key(), place, pair));
  return run.output.report(
      json::object{{"locked", true},
                   {"module", used.module.string()},
                   {"token", used.token},
                   {"key", used.key}},
      run.output.words(
          {.en = "Only key " + used.key + " on token " + used.token +
                 " opens the publishing keys now. Commands ask for its PIN, or read it from the "
                 "file that " +
                 kPinVariable + " names. Take a backup: it opens without the token.\n",
           .zh = "现在只有令牌 " + used.token + " 上的密钥 " + used.key +
                 " 能打开发布密钥。命令运行时会询问 PIN，或从 " + kPinVariable +
                 " 指定的文件读取。请做一次备份：备份无需令牌即可恢复。\n"}));
}

Status run_lock(const CommandRun& run) {
  const bool with_token = run.arguments.has("pkcs11");
  for (const char* option : {"token", "key", "make-key"}) {
    if (!with_token && run.arguments.has(option)) {
      return fail(ErrorCode::kUsage, "--" + std::string(option) + " goes with --pkcs11 only");
    }
  }
  if (with_token && run.arguments.has("new-passphrase-file")) {
    return fail(ErrorCode::kUsage, "a realm is locked with a passphrase or a token, not with both");
  }
  return with_token ? lock_with_token(run) : lock_with_passphrase(run);
}

Status run_pin(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(try_realm_pin(RealmFolder{folder}.key()));
  return run.output.report(
      json::object{{"opened", true}},
      run.output.words({.en = "The token took the PIN and opened the realm's key.\n",
                        .zh = "令牌接受了 PIN，并打开了域密钥。\n"}));
}

Status run_unlock(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(unlock_realm_key(realm.folder().key(), realm.key()));
  return run.output.report(
      json::object{{"locked", false}},
      run.output.words({.en =
                            "The publishing keys need no passphrase and no token now: who can read "
                            "realm.key has them. A key on a token stays there.\n",
                        .zh = "发布密钥不再需要口令或令牌：能读取 realm.key "
                              "者即拥有这些密钥。令牌中的密钥仍在令牌中。\n"}));
}

Text foreign_words(const RestoreReport& made) {
  if (made.foreign_roles.empty()) return {};
  std::string roles;
  for (const std::string& role : made.foreign_roles) roles += (roles.empty() ? "" : ", ") + role;
  return {.en = "The newest root names other keys for " + roles +
                " than the backup has. Before you serve: key rotate for each, with root keys.\n",
          .zh = "最新 root 指定的 " + roles +
                " 密钥不在备份中。提供服务前，请用根密钥逐一运行 key rotate。\n"};
}

Status run_restore(const CommandRun& run) {
  ROOTLET_TRY(const std::string passphrase, backup_passphrase(run, false));
  const fs::path folder = run.arguments.value("DIR");
  std::error_code failed;
  ROOTLET_TRY(act_as_owner_of(fs::absolute(folder, failed)));
  ROOTLET_TRY(const RestoreReport made,
              restore_realm(run.arguments.value("FILE"), passphrase, folder,
                            run.arguments.value("newer"), run.signing_clock(), run.now()));
  const std::string streams = std::to_string(made.streams);
  return run.output.report(
      json::object{{"folder", folder.string()},
                   {"streams", json_count(made.streams)},
                   {"root_version", made.root_version},
                   {"foreign_roles", json_texts(made.foreign_roles)}},
      run.output.words({.en = "The realm is in " + folder.string() +
                              ". All its numbers have jumped above what "
                              "offices may have seen; " +
                              streams + " streams have a new version.\n",
                        .zh = "域已恢复至 " + folder.string() +
                              "。各版本号均已跳至各单位可能见过的版本之上，" + streams +
                              " 个数据流有新版本。\n"}) +
          run.output.words(foreign_words(made)) +
          run.output.words(
              {.en = "Do again what was done after the backup: datasets, offices, grants, keys. "
                     "Offices that enrolled after it must enrol again. Records that arrived after "
                     "it come again from the offices.\n",
               .zh =
                   "备份之后的操作须重做：数据集、单位、授权、密钥。备份之后注册的单位须重新注册，"
                   "备份之后收到的记录由各单位自动重报。\n"}));
}

OptionSpec passphrase_option() {
  return {.name = "passphrase-file",
          .value_name = "F",
          .help = {.en = "the backup's passphrase, in one line", .zh = "备份口令文件，一行"},
          .type = ValueType::kFile};
}

}  // namespace

std::vector<Command> backup_commands() {
  return {
      {.name = "realm backup",
       .summary = {.en = "Write the whole realm to one file under a passphrase",
                   .zh = "将整个域备份为一个受口令保护的文件"},
       .details = {.en = "While the realm works. It holds every key: who has it and its passphrase "
                         "is the realm.",
                   .zh = "可在运行中备份。备份包含全部密钥：持有备份及口令者即可掌控该域。"},
       .example = {.en = "rootlet-platform realm backup realm.backup --passphrase-file backup.txt"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .options = {passphrase_option()},
       .run = with_clock(run_backup)},
      {.name = "realm lock",
       .summary = {.en = "Put the publishing keys under a passphrase or a token",
                   .zh = "以口令或令牌保护发布密钥"},
       .details =
           {.en = "Who then takes the machine or its disk cannot publish. Each command of the "
                  "publishing home needs the passphrase, or the token and its PIN, and so does the "
                  "keeper; the gateway and the worker do not. Again: another passphrase or token. "
                  "A PIN is read from the file that ROOTLET_REALM_PIN_FILE names, from the systemd "
                  "credential rootlet-realm-pin, or asked; a wrong one is tried once.",
            .zh = "此后即使机器或磁盘被盗，他人也无法发布。发布类命令和 keeper "
                  "需要口令，或令牌及其 PIN，网关和 worker 不需要。再次运行可更换口令或令牌。PIN "
                  "取自 ROOTLET_REALM_PIN_FILE 指定的文件、systemd 凭据 rootlet-realm-pin，"
                  "或由人输入；错误的 PIN 只尝试一次。"},
       .example = {.en = "rootlet-platform realm lock --pkcs11 /usr/lib/softhsm/libsofthsm2.so "
                         "--token realm --make-key"},
       .options = {{.name = "new-passphrase-file",
                    .value_name = "F",
                    .help = {.en = "the new passphrase, in one line", .zh = "新口令文件，一行"},
                    .type = ValueType::kFile},
                   {.name = "pkcs11",
                    .value_name = "MODULE",
                    .help = {.en = "lock with a token; the full path of its PKCS#11 module",
                             .zh = "以令牌锁定；其 PKCS#11 模块的完整路径"},
                    .type = ValueType::kFile},
                   {.name = "token",
                    .value_name = "LABEL",
                    .help = {.en = "the token, if the module has several",
                             .zh = "模块有多个令牌时指定令牌"}},
                   {.name = "key",
                    .value_name = "LABEL",
                    .help = {.en = "the RSA key on the token (rootlet)",
                             .zh = "令牌中的 RSA 密钥（默认 rootlet）"}},
                   {.name = "make-key",
                    .help = {.en = "make that key on the token first",
                             .zh = "先在令牌中生成该密钥"}}},
       .run = with_clock(run_lock)},
      {.name = "realm pin",
       .summary = {.en = "Try the token's PIN once, also after a wrong one",
                   .zh = "尝试一次令牌 PIN（之前输错后也可）"},
       .details =
           {.en = "After a wrong PIN from a file or credential no program tries one from there "
                  "again, because tokens lock themselves. Correct the PIN, then run this.",
            .zh = "文件或凭据中的 PIN 出错后，程序不再自动尝试，以免令牌锁定。改正 PIN "
                  "后运行此命令。"},
       .example = {.en = "rootlet-platform realm pin"},
       .run = with_clock(run_pin)},
      {.name = "realm unlock",
       .summary = {.en = "Leave the publishing keys without passphrase or token",
                   .zh = "取消发布密钥的口令或令牌保护"},
       .example = {.en = "rootlet-platform realm unlock"},
       .run = with_clock(run_unlock)},
      {.name = "realm restore",
       .summary = {.en = "Make a realm of a backup, above all that it ever signed",
                   .zh = "由备份恢复域，版本高于曾经签署的全部内容"},
       .details = {.en = "Only when the realm itself is lost: two realms of one kind confuse every "
                         "office. A copy of the published files that is newer than the backup, for "
                         "example of a mirror, brings roots and versions: --newer.",
                   .zh = "仅在原域丢失后使用：同一个域并存两份会使各单位混乱。如有比备份更新的发布"
                         "文件副本（例如镜像），用 --newer 提供其中的 root 和版本。"},
       .example = {.en = "rootlet-platform realm restore realm.backup restored --passphrase-file "
                         "backup.txt"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile},
                       {.name = "DIR", .type = ValueType::kFolder}},
       .options = {passphrase_option(),
                   {.name = "newer",
                    .value_name = "REPOSITORY",
                    .help = {.en = "a later copy of the realm's repository folder",
                             .zh = "该域 repository 目录的较新副本"},
                    .type = ValueType::kFolder}},
       .run = with_clock(run_restore)}};
}

}  // namespace rootlet::platform
