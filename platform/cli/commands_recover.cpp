// The command recover: says which step is next and why, and takes it.
#include "platform/cli/root_signing.hpp"
#include "platform/keys/recovery.hpp"

namespace rootlet::platform {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> short_ids(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) names.push_back(short_id(id));
  return names;
}

Text words_for_root(const RecoveryState& state) {
  const std::string roles = joined(state.root_roles), keys = joined(short_ids(state.root_keys));
  Text words{
      .en =
          "Next: a new root. With the stolen keys a thief can publish in the realm's name until a "
          "root names others. When they see new keys of timestamp and snapshot, offices drop what "
          "the thief fed them.\n",
      .zh =
          "下一步：发布新的 root。新 root 停用被盗密钥前，窃取者可冒名发布；各单位见到新的 "
          "timestamp 和 snapshot 密钥后，自动丢弃窃取者发布的内容。\n"};
  if (!roles.empty()) {
    words.en += "  new keys: " + roles + "\n";
    words.zh += "  更换密钥：" + roles + "\n";
  }
  if (!keys.empty()) {
    words.en += "  root keys that go: " + keys + "\n";
    words.zh += "  停用根密钥：" + keys + "\n";
  }
  const std::string command =
      "  rootlet-platform recover --passphrase-file FILE, or recover --out DRAFT\n";
  words.en += command;
  words.zh += command;
  return words;
}

Text words_for(const RecoveryState& state) {
  switch (state.next()) {
    case RecoveryStep::kRoot:
      return words_for_root(state);
    case RecoveryStep::kRoles:
      return {.en = "Next: new keys for " + joined(state.roles) +
                    ", so that nothing counts any more that the old ones sign. No root key is "
                    "needed.\n  rootlet-platform recover\n",
              .zh = "下一步：为 " + joined(state.roles) +
                    " 更换密钥，使旧密钥的签名失效；无需根密钥。\n  rootlet-platform recover\n"};
    case RecoveryStep::kContent:
      return {.en = "Next: new content keys for " + joined(state.datasets) +
                    ", so that who has the old ones opens nothing that comes later.\n"
                    "  rootlet-platform recover\n",
              .zh = "下一步：为 " + joined(state.datasets) +
                    " 更换内容密钥，使持旧密钥者无法打开此后发布的内容。\n"
                    "  rootlet-platform recover\n"};
    case RecoveryStep::kDone:
      break;
  }
  return {.en =
              "The recovery is complete: no stolen key is in use. Offices heal at their next sync. "
              "Not changed: the directory's reading keys.\n",
          .zh = "恢复完成：被盗密钥均已停用，各单位下次同步时自动恢复。未更换：目录读取密钥。\n"};
}

Status report(const CommandRun& run, const RecoveryState& state) {
  return run.output.report(json::object{{"next", name_of(state.next())},
                                        {"root_roles", json_texts(state.root_roles)},
                                        {"root_keys", json_texts(state.root_keys)},
                                        {"roles", json_texts(state.roles)},
                                        {"datasets", json_texts(state.datasets)}},
                           run.output.words(words_for(state)));
}

Result<RecoveryState> state_of(Realm& realm) {
  ROOTLET_TRY(const std::optional<Theft> theft, noted_theft(realm.registry()));
  if (theft.has_value()) return recovery_state(realm, *theft);
  return fail(ErrorCode::kUsage,
              "no theft is noted: say what was stolen with --stolen (serving, intake, publishing, "
              "all, or a "
              "role of \"key list\") or --stolen-root-key. Nothing was changed.");
}

Status begin(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const Theft theft, theft_of(realm, run.arguments.list("stolen"),
                                          run.arguments.values("stolen-root-key")));
  ROOTLET_TRY(note_theft(realm, theft));
  ROOTLET_TRY(const RecoveryState state, state_of(realm));
  return report(run, state);
}

Status sign_root(const CommandRun& run) {
  return change_or_draft(run, [](Realm& realm) -> Result<RootChange> {
    ROOTLET_TRY(const RecoveryState state, state_of(realm));
    if (state.next() == RecoveryStep::kRoot) return recovery_root(realm, state);
    return fail(ErrorCode::kUsage,
                "this step of the recovery needs no root key: run \"recover\" alone. Nothing was "
                "changed.");
  });
}

Status run_recover(const CommandRun& run) {
  if (run.arguments.has("stolen") || run.arguments.has("stolen-root-key")) return begin(run);
  if (check_signing_given(run).has_value()) return sign_root(run);
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(RecoveryState state, state_of(realm));
  const RecoveryStep step = state.next();
  if (step == RecoveryStep::kRoot || run.arguments.has("show")) return report(run, state);
  if (step == RecoveryStep::kRoles) {
    ROOTLET_TRY(recover_roles(realm, state, run.now()));
  } else if (step == RecoveryStep::kContent) {
    ROOTLET_TRY(recover_content(realm, state, run.now()));
  }
  ROOTLET_TRY(state, state_of(realm));
  if (state.next() == RecoveryStep::kDone) {
    ROOTLET_TRY(forget_theft(realm));
  }
  return report(run, state);
}

std::vector<OptionSpec> recover_options() {
  std::vector<OptionSpec> options = {
      {.name = "stolen",
       .value_name = "WHAT",
       .help = {.en = "begin: serving, intake, publishing, all, or roles with commas",
                .zh = "开始恢复：serving、intake、publishing、all 或以逗号分隔的角色"}},
      {.name = "stolen-root-key",
       .value_name = "KEY",
       .help = {.en = "begin: a root key, by its name in \"root list\"",
                .zh = "开始恢复：被盗根密钥在 root list 中的名称"},
       .may_repeat = true},
      {.name = "show", .help = {.en = "only say what is next", .zh = "只显示下一步"}}};
  for (OptionSpec& option : root_signing_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::vector<Command> recover_commands() {
  return {
      {.name = "recover",
       .summary = {.en = "Recover from a theft of keys, step by step", .zh = "密钥被盗后逐步恢复"},
       .details = {.en = "Begin with --stolen: serving (timestamp, snapshot, receipt), "
                         "intake (ingest, judgement), publishing (all others and the content "
                         "keys), all, or single ones of \"key list\". Then each call takes the "
                         "next step and says why. The step of "
                         "the root is signed as \"root renew\" is.",
                   .zh =
                       "以 --stolen 开始：serving（timestamp、snapshot、receipt）、intake"
                       "（ingest、judgement）、publishing（其余密钥和内容密钥）、all，或 key list "
                       "中的单个名称。此后每次运行执行"
                       "下一步并说明原因。root 一步的签名方式同 root renew。"},
       .example = {.en = "rootlet-platform recover --stolen serving\n"
                         "rootlet-platform recover --passphrase-file passphrases.txt\n"
                         "rootlet-platform recover"},
       .options = recover_options(),
       .run = with_bucket(run_recover)}};
}

}  // namespace rootlet::platform
