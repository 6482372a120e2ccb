// The commands that set up and maintain the agent: enroll, run, sync, status, ledger, doctor,
// check-config, lost.
#include <unistd.h>

#include <cerrno>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/text/status_text.hpp"
#include "agent/cli/text/words.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/service/doctor.hpp"
#include "config/output/local_time.hpp"
#include "config/output/pager.hpp"
#include "config/output/progress_bar.hpp"
#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/file/output_file.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

Result<int> report(const CliOutput& output, const json::object& answer, const std::string& text) {
  ROOTLET_TRY(output.report(answer, text));
  return 0;
}

// How long the download will take, from the speed of earlier ones; "" before the first.
std::string expected_time(std::int64_t seconds, bool zh) {
  if (seconds <= 0) return "";
  const std::int64_t minutes = (seconds + 59) / 60;
  if (minutes <= 1) return zh ? "，不到 1 分钟" : ", less than a minute";
  const std::string count = std::to_string(minutes);
  return zh ? "，约 " + count + " 分钟" : ", about " + count + " minutes";
}

// Says once how much will be downloaded, then draws a bar while the cycle runs.
class SyncProgressSink final : public AnswerSink {
 public:
  explicit SyncProgressSink(const CliOutput& output) : output_(output), bar_(output) {}

  Status progress(const json::object& progress) override {
    const auto done = static_cast<std::uint64_t>(integer_at(progress, "bytes_done"));
    const auto total = static_cast<std::uint64_t>(integer_at(progress, "bytes_total"));
    if (total == 0) {
      bar_.show(word_in(text_at(progress, "phase"), output_.language), 0, 0);
      return ok();
    }
    if (!announced_ && !output_.json) announce(progress, total);
    announced_ = true;
    bar_.show("", done, total,
              format_bytes(done) + "  " + text_at(progress, "packs_done") + "/" +
                  text_at(progress, "packs_total") + "  " + text_at(progress, "stream"));
    return ok();
  }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }

 private:
  void announce(const json::object& progress, std::uint64_t total) {
    const bool zh = output_.is_chinese();
    const std::string packs = text_at(progress, "packs_total");
    const std::string time = expected_time(integer_at(progress, "seconds_expected"), zh);
    bar_.clear();
    output_.note(zh ? "将下载 " + packs + " 个数据包，共 " + format_bytes(total) + time
                    : packs + " packs to fetch, " + format_bytes(total) + time);
  }

  const CliOutput& output_;
  ProgressBar bar_;
  bool announced_ = false;
};

// An invitation is a secret, so it usually belongs to root alone.
Result<std::string> read_invitation(const CliOutput& output, const fs::path& path) {
  Result<PlainText> text = read_plain_text(path, limits::kDefinitionBytes);
  if (text.has_value()) {
    if (!text.value().notice.empty()) output.note(output.words(text.value().notice));
    return std::move(text.value().text);
  }
  Error error = text.error();
  error.code = ErrorCode::kBadInput;
  if (::access(path.c_str(), R_OK) != 0 && errno == EACCES) {
    error.hint = {.en = "Run it as root: sudo rootlet enroll " + path.string() +
                        ". The agent still acts as the owner of its home.",
                  .zh = "请以 root 运行：sudo rootlet enroll " + path.string() +
                        "。程序仍以其目录所有者的身份工作。"};
  }
  return error;
}

Result<int> run_enroll(const CommandRun& run) {
  // Both files are those of the caller, so they are opened before root becomes the home's owner.
  ROOTLET_TRY(const std::string invitation,
              read_invitation(run.output, run.arguments.value("FILE")));
  const bool offline = run.arguments.has("offline");
  std::optional<OutputFile> request_file;
  if (offline) {
    ROOTLET_TRY(OutputFile opened,
                OutputFile::open(run.arguments.value("offline"), FileMode::kPublic));
    request_file.emplace(std::move(opened));
  }
  ROOTLET_TRY(json::object answer,
              call_service(run, "enroll",
                           {{"invitation", invitation},
                            {"offline", offline},
                            {"accept_loss", run.arguments.has("accept-loss")}}));
  const std::string request = text_at(answer, "request");
  answer.erase("request");
  if (request_file) {
    ROOTLET_TRY(const Bytes bytes, from_base64(request));
    ROOTLET_TRY(request_file->finish(bytes));
  }
  const bool zh = run.output.is_chinese();
  const std::string office =
      text_at(answer, "office") + " (" + text_at(answer, "office_name") + ")";
  std::string text;
  if (boolean_at(answer, "already")) {
    text =
        zh ? "本机已注册为 " + office + "\n" : "This machine is already office " + office + ".\n";
  } else if (offline) {
    text = zh ? "请将 " + run.arguments.value("offline") +
                    " 带给平台管理员批准（rootlet-platform office approve " +
                    run.arguments.value("offline") +
                    " --out ANSWER），再用带回的答复完成注册：rootlet enroll ANSWER\n"
              : "Carry " + run.arguments.value("offline") +
                    " to the platform's operator. The answer (`rootlet-platform office approve " +
                    run.arguments.value("offline") +
                    " --out ANSWER`) completes the enrolment here: rootlet enroll ANSWER\n";
  } else if (boolean_at(answer, "waits")) {
    text = zh ? "平台已收到 " + office +
                    " 的注册申请，尚未答复；答复后本机会自动继续（rootlet status 可查看）。\n"
              : "The platform has the request of office " + office +
                    " and has not answered it yet. This machine goes on by itself when it does; "
                    "rootlet status shows it.\n";
  } else {
    text = zh ? "已注册为 " + office + "，接下来请运行 rootlet sync\n"
              : "Enrolled as office " + office + ". Next: rootlet sync\n";
  }
  const std::string kept_in = text_at(answer, "kept_in");
  if (!kept_in.empty()) {
    text += zh ? "无法读取的旧文件保留在 " + kept_in + "\n"
               : "The files that could not be read are kept in " + kept_in + "\n";
  }
  return report(run.output, answer, text);
}

Result<int> run_run(const CommandRun& run) {
  for (const std::string& notice : run.loaded.notices) log_warning(notice);
  ROOTLET_TRY(run_daemon(run.context));
  return 0;
}

Result<int> run_sync(const CommandRun& run) {
  std::string from = run.arguments.value("from");
  if (!from.empty() && from.find("://") == std::string::npos) {
    // The daemon has another working folder.
    std::error_code failed;
    from = fs::absolute(from, failed).string();
  }
  json::object answer;
  {
    SyncProgressSink sink(run.output);
    json::object args{{"from", from}, {"now", run.arguments.has("now")}};
    ROOTLET_TRY(answer, AgentClient(run.context).call("sync", std::move(args), sink));
  }
  return report(run.output, answer, sync_text(answer, run.output.language));
}

Result<int> run_status(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "status", {}));
  ROOTLET_TRY(
      run.output.report(answer, status_text(answer, run.output.language, run.output.out_width)));
  return text_at(answer, "state") == "none" ? exit_code_of(ErrorCode::kNotEnrolled) : 0;
}

// Each stream that a sync changed, the newest sync first.
Result<int> run_sheets(const CommandRun& run) {
  ROOTLET_TRY(const std::int64_t most, run.arguments.number("last", 1, 500, 20));
  ROOTLET_TRY(const json::object answer, call_service(run, "sheets", {{"most", most}}));
  TextTable table = run.output.is_chinese()
                        ? TextTable({"时间", "数据集", "分区", "原版本", "现版本", "行数", "摘要"})
                        : TextTable({"AT", "DATASET", "PARTITION", "FROM", "TO", "ROWS", "DIGEST"});
  for (const json::value& sheet : array_at(answer, "sheets")) {
    for (const json::value& stream : array_at(sheet.as_object(), "streams")) {
      const json::object& one = stream.as_object();
      table.add({text_at(sheet.as_object(), "at"), text_at(one, "dataset"),
                 text_at(one, "partition"), text_at(one, "from"), text_at(one, "to"),
                 text_at(one, "rows"), text_at(one, "digest")});
    }
  }
  ROOTLET_TRY(run.output.report(
      answer, table,
      run.output.words({.en = "No sync has changed anything yet.\n", .zh = "尚无同步变化。\n"})));
  return 0;
}

// "show ×999" for look-ups that share an entry, "reveal phone", "query, export".
std::string used_command(const json::object& entry, Language language) {
  std::string out = word_in(text_at(entry, "command"), language);
  if (entry.contains("column")) out += " " + text_at(entry, "column");
  if (boolean_at(entry, "export")) out += ", " + word_in("export", language);
  if (integer_at(entry, "times") > 1) out += " ×" + text_at(entry, "times");
  return out;
}

Result<int> list_ledger(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "ledger-list", {{"limit", 0}}));
  const bool zh = run.output.is_chinese();
  TextTable table(zh ? std::vector<std::string>{"序号", "时间", "用户", "命令", "数据集", "用途",
                                                "行数", "结果"}
                     : std::vector<std::string>{"no", "at", "user", "command", "dataset", "purpose",
                                                "rows", "outcome"});
  std::vector<std::string> damaged;
  for (const json::value& value : array_at(answer, "entries")) {
    const json::object& entry = value.get_object();
    if (boolean_at(entry, "damaged")) {
      damaged.push_back(text_at(entry, "sequence"));
      table.add({damaged.back(), "", "", "", "", "", "", zh ? "已损坏" : "damaged"});
      continue;
    }
    const Language language = run.output.language;
    table.add({text_at(entry, "sequence"),
               with_local_times(text_at(entry, "at"), TimeDetail::kSeconds), text_at(entry, "user"),
               used_command(entry, language), text_at(entry, "dataset"), text_at(entry, "purpose"),
               text_at(entry, "count"), word_in(text_at(entry, "outcome"), language)});
  }
  if (!damaged.empty()) {
    const std::string which = joined(damaged, ", ");
    run.output.note(zh ? "台账中有条目已损坏，无法读取：" + which + "；其余条目均已列出"
                       : "damaged entries that cannot be read: " + which +
                             "; all others are listed");
  }
  const Pager pager(run.output);
  return report(run.output, answer, table.text(run.output.out_width));
}

Result<int> verify_ledger(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "ledger-verify", {}));
  const std::string entries = text_at(answer, "entries");
  const std::string head = text_at(answer, "head").substr(0, 16);
  std::string lost;
  for (const json::value& value : array_at(answer, "gaps")) {
    const json::object& gap = value.get_object();
    const std::string from = text_at(gap, "first"), to = text_at(gap, "last"),
                      at = text_at(gap, "accepted");
    lost += run.output.is_chinese()
                ? "第 " + from + " 至 " + to + " 条已丢失，于 " + at + " 确认\n"
                : "Entries " + from + " to " + to + " are lost; accepted on " + at + "\n";
  }
  if (!lost.empty()) return report(run.output, answer, lost);
  return report(run.output, answer,
                run.output.is_chinese()
                    ? "台账完整：" + entries + " 条，末条 " + head + "…\n"
                    : "The ledger is whole: " + entries + " entries, the last is " + head + "…\n");
}

Result<int> restart_ledger(const CommandRun& run) {
  ROOTLET_TRY(require_accept_loss(run));
  ROOTLET_TRY(const json::object answer, call_service(run, "ledger-restart", {}));
  const std::string kept_in = text_at(answer, "kept_in");
  std::string text = run.output.is_chinese() ? "台账继续编号；缺口见 rootlet ledger verify\n"
                                             : "The ledger goes on; `rootlet ledger verify` shows "
                                               "the gap.\n";
  if (!kept_in.empty()) {
    text += (run.output.is_chinese() ? "残留文件保留在 " : "What was left is kept in ") + kept_in +
            "\n";
  }
  return report(run.output, answer, text);
}

// The daemon's findings; nullopt if it closes the connection without an answer.
Result<std::optional<json::object>> ask_daemon(const CommandRun& run, bool full) {
  Result<json::object> answer = call_service(run, "doctor", {{"full", full}});
  if (answer.has_value()) return std::optional(std::move(answer.value()));
  if (answer.error().code == ErrorCode::kUnreachable) return std::optional<json::object>();
  return answer.error();
}

Result<int> run_doctor_command(const CommandRun& run) {
  // Without the daemon this process checks, and takes no lock: a doctor must not need a healthy
  // home.
  const bool has_socket = AgentClient(run.context).daemon_is_there();
  const bool full = run.arguments.has("full");
  std::optional<json::object> answer;
  if (has_socket) {
    ROOTLET_TRY(answer, ask_daemon(run, full));
  }
  if (!answer) {
    ROOTLET_TRY(run.context.home.act_as_owner());
    answer = run_doctor(run.context, has_socket ? DaemonState::kSilent : DaemonState::kNotRunning,
                        full ? kAllPages : kPagesAtOnce);
  }
  ROOTLET_TRY(run.output.report(*answer, doctor_text(*answer, run.output.language)));
  return static_cast<int>(integer_at(*answer, "exit_code"));
}

Result<int> run_check_config(const CommandRun& run) {
  json::object settings;
  for (const SettingOrigin& origin : run.loaded.origins) {
    settings[origin.key] =
        json::object{{"value", origin.value}, {"from", origin.from}, {"where", origin.where}};
  }
  json::array mistakes;
  for (const SettingMistake& mistake : run.loaded.mistakes) {
    mistakes.push_back(
        json::object{{"where", mistake.where}, {"key", mistake.key}, {"message", mistake.message}});
  }
  const json::object answer{
      {"ok", mistakes.empty()},
      {"settings", std::move(settings)},
      {"mistakes", std::move(mistakes)},
      {"notices", json::array(run.loaded.notices.begin(), run.loaded.notices.end())}};
  const bool zh = run.output.is_chinese();
  TextTable table(zh ? std::vector<std::string>{"设置项", "取值", "来源"}
                     : std::vector<std::string>{"setting", "value", "from"});
  for (const SettingOrigin& origin : run.loaded.origins) {
    table.add({origin.key, origin.value.empty() ? "-" : origin.value,
               origin.where.empty() ? origin.from : origin.where});
  }
  ROOTLET_TRY(run.output.report(answer, table.text(run.output.out_width)));
  for (const std::string& notice : run.loaded.notices)
    run.output.note((zh ? "注意：" : "note: ") + notice);
  if (run.loaded.mistakes.empty()) return 0;
  if (!run.output.json) return mistakes_error(run.loaded.mistakes);
  return exit_code_of(ErrorCode::kUsage);
}

Command enroll_command() {
  return {
      .name = "enroll",
      .summary = {.en = "Join a realm", .zh = "注册到平台"},
      .details =
          {.en = "Joins the realm that FILE, an invitation, names. The keys are made here "
                 "and never leave this machine. An interrupted enrolment can be run "
                 "again. Without a link, --offline writes a request that is carried to "
                 "the platform's operator; the answer that comes back is FILE of a "
                 "second run. A new invitation of the same office (`rootlet-platform "
                 "office reinvite`) gives the machine new keys; its records are kept.",
           .zh = "用邀请文件注册。密钥在本机生成，不会离开本机；可中断后重新运行。没有网络时"
                 "用 --offline 生成申请文件，交平台管理员批准，再以带回的答复文件运行一次。"
                 "同一单位的新邀请（rootlet-platform office reinvite）为本机更换密钥，记录保留。"},
      .example = {.en = "rootlet enroll jiaxing.enroll"},
      .positionals = {{.name = "FILE", .type = ValueType::kFile}},
      .options = {{.name = "offline",
                   .value_name = "OUT",
                   .help = {.en = "write the request to OUT instead of sending it",
                            .zh = "将申请写入 OUT，不联网"},
                   .type = ValueType::kFile},
                  {.name = "accept-loss",
                   .help = {.en = "if machine.key or keys.db is lost: keep the unreadable files "
                                  "in a folder lost-… of the home, and begin anew",
                            .zh = "machine.key 或 keys.db 丢失时：将无法读取的文件保留在 lost-… "
                                  "目录中，重新开始"}}},
      .run = with_settings(run_enroll)};
}

Command run_command() {
  return {.name = "run",
          .summary = {.en = "Run the daemon", .zh = "后台程序"},
          .details = {.en = "Keeps the local copies fresh, sends records and answers the other "
                            "commands, until SIGTERM. systemd starts it.",
                      .zh = "持续同步、发送记录并响应其他命令，由 systemd 启动。"},
          .example = {.en = "rootlet run --poll 5m"},
          .has_json = false,
          .run = with_settings(run_run)};
}

Command sync_command() {
  return {
      .name = "sync",
      .summary = {.en = "Run one cycle now", .zh = "立即同步一次"},
      .details = {.en = "Sends waiting records, fetches changes, and reports what that cost. With "
                        "--from the published files come from another address or a folder, and "
                        "nothing is sent. Reports data that download_hours or monthly_bytes "
                        "defer; --now fetches it.",
                  .zh = "发送待发记录并获取更新。--from 指定其他地址或目录，此时不发送。受 "
                        "download_hours 或 monthly_bytes 限制而暂缓的数据会说明，--now "
                        "立即下载。"},
      .example = {.en = "rootlet sync\nrootlet sync --from /media/usb/repository"},
      .options = {{.name = "from",
                   .value_name = "URL|DIR",
                   .help = {.en = "where published files are taken from", .zh = "发布文件的来源"},
                   .type = ValueType::kFolder},
                  {.name = "now",
                   .help = {.en = "fetch data whatever the hours and the month's limit",
                            .zh = "不受时段与流量限制，立即下载"}}},
      .run = with_settings(run_sync)};
}

Command status_command() {
  return {
      .name = "status",
      .summary = {.en = "Show the state of this office", .zh = "当前状态"},
      .details = {.en = "Link, freshness, the versions, rows and lease of each dataset, and the "
                        "records on their way.",
                  .zh = "显示同步情况、各数据集的版本、行数、租期，以及记录的状态。"},
      .example = {.en = "rootlet status --json"},
      .run = with_settings(run_status)};
}

Command sheets_command() {
  return {
      .name = "sheets",
      .summary = {.en = "Show what each sync brought: the office's reconciliation sheets",
                  .zh = "查看历次同步的对账单"},
      .details = {.en = "For each stream that a sync changed: its version before and after, its "
                        "rows and the beginning of its digest, which equals the publisher's "
                        "exactly when the rows are equal. The next batch of records tells the "
                        "platform, which compares it: rootlet-platform office sheet.",
                  .zh = "列出每次同步变化的分区：前后版本、行数和摘要开头。行一致时摘要与发布方"
                        "相同。下一批记录会将其报告上级，由上级核对。"},
      .example = {.en = "rootlet sheets --last 5"},
      .options = {{.name = "last",
                   .value_name = "N",
                   .help = {.en = "the newest N syncs (20)", .zh = "最近 N 次（默认 20）"}}},
      .run = with_settings(run_sheets)};
}

Command ledger_list_command() {
  return {.name = "ledger list",
          .summary = {.en = "Show who used what, and why", .zh = "使用台账"},
          .details = {.en = "Lists every use of data on this machine, newest first.",
                      .zh = "列出本机的数据使用记录，新的在前。"},
          .example = {.en = "rootlet ledger list"},
          .is_default = true,
          .run = with_settings(list_ledger)};
}

Command ledger_restart_command() {
  return {
      .name = "ledger restart",
      .summary = {.en = "Begin a new ledger after the file was lost", .zh = "台账丢失后重新开始"},
      .details = {.en = "For a ledger.db that is missing or does not open. Keeps what is left of "
                        "the file, and numbers on from the last entry that keys.db remembers. "
                        "The gap stays in the ledger, with the time it was accepted.",
                  .zh = "用于 ledger.db 缺失或无法打开的情况。保留残留文件，从 keys.db "
                        "记得的最后一条继续编号；缺口及确认时间永久留在台账中。"},
      .example = {.en = "rootlet ledger restart --accept-loss"},
      .options = {accept_loss_option()},
      .run = with_settings(restart_ledger)};
}

Command ledger_verify_command() {
  return {.name = "ledger verify",
          .summary = {.en = "Check that the ledger is complete", .zh = "验证台账"},
          .details = {.en = "Proves that no entry of the ledger was changed or removed.",
                      .zh = "验证台账没有被改动或删除。"},
          .example = {.en = "rootlet ledger verify"},
          .run = with_settings(verify_ledger)};
}

Command doctor_command() {
  return {
      .name = "doctor",
      .summary = {.en = "Find out what is wrong, if anything", .zh = "检查问题"},
      .details = {.en = "Checks home, keys, clock, disk, link, trust, leases, records and ledger. "
                        "Reads a part of every file each time. Exit 0 if nothing is wrong.",
                  .zh = "检查目录、密钥、时钟、磁盘、网络、信任、租期、记录和台账，每次读取各文件的"
                        "一部分；一切正常时退出码为 0。"},
      .example = {.en = "rootlet doctor\nrootlet doctor --full"},
      .options = {{.name = "full",
                   .help = {.en = "read every page of every file", .zh = "读取全部文件的每一页"}}},
      .run = with_settings(run_doctor_command)};
}

Result<int> report_lost(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "lost", {{"reason", run.arguments.value("reason")}}));
  const bool zh = run.output.is_chinese(), sent = boolean_at(answer, "sent");
  std::string text = zh ? "本机数据已锁定，未清除；由平台解除（office resume）或注销。"
                        : "The data of this machine is locked, not erased. The platform settles it "
                          "(office resume) or revokes the office. ";
  if (sent) {
    text += zh ? "平台已收到报告。\n" : "The platform has the report.\n";
  } else {
    text += zh ? "平台暂不可达，下次联系时报告。\n"
               : "The platform is not reachable now; it gets the report at the next contact.\n";
  }
  return report(run.output, answer, text);
}

Command lost_command() {
  return {.name = "lost",
          .summary = {.en = "Report this machine lost or suspect, and lock its data",
                      .zh = "报告本机丢失或可疑，并锁定数据"},
          .details = {.en = "Locks all data at once, also after a restart, and erases nothing. "
                            "Records are still sent. Only the platform can undo it: "
                            "`rootlet-platform office resume`.",
                      .zh = "立即锁定全部数据（重启后仍锁定），不清除；记录照常上报。"
                            "只能由平台解除：rootlet-platform office resume。"},
          .example = {.en = "rootlet lost --reason \"stolen from the counter\""},
          .options = {{.name = "reason",
                       .value_name = "WORDS",
                       .help = {.en = "what happened", .zh = "情况说明"},
                       .is_required = true}},
          .run = with_settings(report_lost)};
}

Command check_config_command() {
  return {.name = "check-config",
          .summary = {.en = "Show the settings in force", .zh = "检查配置"},
          .details = {.en = "Prints every setting, its value and where it comes from. Reports all "
                            "mistakes at once, with exit 2.",
                      .zh = "显示所有配置项、取值和来源；有误时一次列出全部错误，退出码为 2。"},
          .example = {.en = "rootlet check-config"},
          .run = with_settings(run_check_config, OnMistakes::kRun)};
}

}  // namespace

std::vector<Command> care_commands() {
  return {enroll_command(),         run_command(),           sync_command(),
          status_command(),         sheets_command(),        ledger_list_command(),
          ledger_restart_command(), ledger_verify_command(), doctor_command(),
          check_config_command(),   lost_command()};
}

}  // namespace rootlet::agent
