// The commands that set up and look after the agent: enroll, run, sync, status, ledger, doctor,
// check-config.
#include <unistd.h>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/status_text.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/service/doctor.hpp"
#include "config/cli/table_text.hpp"
#include "core/file/file.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

Result<int> print_answer(const CliOutput& output, const json::object& answer,
                         const std::string& text) {
  ROOTLET_TRY(output.json ? output.print_json(answer) : output.print(text));
  return 0;
}

// A bar on standard error while a cycle runs, if that is a terminal.
class SyncProgressSink final : public AnswerSink {
 public:
  explicit SyncProgressSink(const CliOutput& output)
      : output_(output), width_(output.json ? 0 : terminal_width(STDERR_FILENO)) {}
  ~SyncProgressSink() override { clear(); }

  Status progress(const json::object& progress) override {
    const std::int64_t total = integer_at(progress, "bytes_total");
    const bool zh = output_.language == Language::kChinese;
    if (total > 0 && !announced_ && !output_.json) {
      announced_ = true;
      clear();
      const std::string packs = text_at(progress, "packs_total");
      const std::string bytes = format_bytes(static_cast<std::uint64_t>(total));
      const std::string time = about(integer_at(progress, "seconds_expected"), output_.language);
      output_.tell(zh ? "将下载 " + packs + " 个数据包，共 " + bytes + time
                      : packs + " packs to fetch, " + bytes + time);
    }
    if (width_ == 0) return ok();
    const std::string line = line_of(progress, total);
    std::fprintf(stderr, "\r%s", fit_to_width(line, width_ - 1).c_str());
    shown_ = true;
    return ok();
  }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
  void clear() {
    if (shown_) std::fprintf(stderr, "\r%s\r", std::string(width_ - 1, ' ').c_str());
    shown_ = false;
  }

 private:
  // How long earlier syncs would have taken; nothing is said when there were none.
  static std::string about(std::int64_t seconds, Language language) {
    if (seconds <= 0) return "";
    const bool zh = language == Language::kChinese;
    const std::int64_t minutes = (seconds + 59) / 60;
    if (minutes <= 1) return zh ? "，不到 1 分钟" : ", less than a minute";
    const std::string count = std::to_string(minutes);
    return zh ? "，约 " + count + " 分钟" : ", about " + count + " minutes";
  }
  static std::string line_of(const json::object& progress, std::int64_t total) {
    const auto done = static_cast<std::uint64_t>(integer_at(progress, "bytes_done"));
    if (total == 0) return text_at(progress, "phase") + " …";
    return progress_bar(done, static_cast<std::uint64_t>(total), 30) + "  " + format_bytes(done) +
           "  " + text_at(progress, "packs_done") + "/" + text_at(progress, "packs_total") + "  " +
           text_at(progress, "stream");
  }

  const CliOutput& output_;
  std::size_t width_;
  bool shown_ = false, announced_ = false;
};

Result<int> run_enroll(const CommandRun& run) {
  Result<std::string> invitation = read_text_file(run.word(0), limits::kDefinitionBytes);
  if (invitation.has_error()) {
    Error error = invitation.error();
    error.code = ErrorCode::kBadInput;
    return error;
  }
  const bool offline = run.arguments.has("offline");
  ROOTLET_TRY(
      json::object answer,
      call_service(run, "enroll", {{"invitation", invitation.value()}, {"offline", offline}}));
  const std::string request = text_at(answer, "request");
  answer.erase("request");
  if (offline) {
    ROOTLET_TRY(const Bytes bytes, from_base64(request));
    ROOTLET_TRY(write_file_atomically(run.arguments.value("offline"), bytes));
  }
  const bool zh = run.output.language == Language::kChinese;
  const std::string office =
      text_at(answer, "office") + " (" + text_at(answer, "office_name") + ")";
  std::string text;
  if (boolean_at(answer, "already")) {
    text =
        zh ? "本机已注册为 " + office + "\n" : "This machine is already office " + office + ".\n";
  } else if (offline) {
    text = zh ? "请将 " + run.arguments.value("offline") + " 带给平台管理员批准\n"
              : "Carry " + run.arguments.value("offline") +
                    " to the platform's operator; the grant that follows completes it.\n";
  } else {
    text = zh ? "已注册为 " + office + "，接下来请运行 rootlet sync\n"
              : "Enrolled as office " + office + ". Next: rootlet sync\n";
  }
  return print_answer(run.output, answer, text);
}

Result<int> run_run(const CommandRun& run) {
  for (const std::string& notice : run.loaded.notices) log_warning(notice);
  ROOTLET_TRY(run_daemon(run.context));
  return 0;
}

Result<int> run_sync(const CommandRun& run) {
  std::string from = run.arguments.value("from");
  if (!from.empty() && from.find("://") == std::string::npos) {
    // The daemon's working folder is another.
    std::error_code failed;
    from = fs::absolute(from, failed).string();
  }
  SyncProgressSink sink(run.output);
  const Result<json::object> answer =
      AgentClient(run.context)
          .call("sync", {{"from", from}, {"now", run.arguments.has("now")}}, sink);
  sink.clear();
  if (answer.has_error()) return answer.error();
  return print_answer(run.output, answer.value(), sync_text(answer.value(), run.output.language));
}

Result<int> run_status(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "status", {}));
  ROOTLET_TRY(print_answer(run.output, answer, status_text(answer, run.output.language)));
  return text_at(answer, "state") == "none" ? exit_code_of(ErrorCode::kNotEnrolled) : 0;
}

Result<int> list_ledger(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "ledger-list", {{"limit", 0}}));
  const bool zh = run.output.language == Language::kChinese;
  TextTable table(zh ? std::vector<std::string>{"序号", "时间", "用户", "命令", "数据集", "用途",
                                                "行数", "结果"}
                     : std::vector<std::string>{"no", "at", "user", "command", "dataset", "purpose",
                                                "rows", "outcome"});
  for (const json::value& value : array_at(answer, "entries")) {
    const json::object& entry = value.get_object();
    table.add({text_at(entry, "sequence"), text_at(entry, "at"), text_at(entry, "user"),
               text_at(entry, "command"), text_at(entry, "dataset"), text_at(entry, "purpose"),
               text_at(entry, "count"), text_at(entry, "outcome")});
  }
  return print_answer(run.output, answer, table.text(terminal_width(STDOUT_FILENO)));
}

Result<int> verify_ledger(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "ledger-verify", {}));
  const std::string entries = text_at(answer, "entries");
  const std::string head = text_at(answer, "head").substr(0, 16);
  return print_answer(
      run.output, answer,
      run.output.language == Language::kChinese
          ? "台账完整：" + entries + " 条，末条 " + head + "…\n"
          : "The ledger is whole: " + entries + " entries, the last is " + head + "…\n");
}

Result<int> run_ledger(const CommandRun& run) {
  const std::string verb = run.words() == 0 ? "list" : run.word(0);
  if (verb == "list") return list_ledger(run);
  if (verb == "verify") return verify_ledger(run);
  return fail(ErrorCode::kUsage, "ledger takes: list, verify");
}

Result<int> run_doctor_command(const CommandRun& run) {
  // Without the daemon it looks for itself, without the lock: a doctor must not need a healthy
  // home.
  const bool daemon = AgentClient(run.context).daemon_is_there();
  json::object answer;
  if (daemon) {
    ROOTLET_TRY(answer, call_service(run, "doctor", {}));
  } else {
    ROOTLET_TRY(run.context.home.act_as_owner());
    answer = run_doctor(run.context, DaemonState::kNotRunning);
  }
  ROOTLET_TRY(print_answer(run.output, answer, doctor_text(answer, run.output.language)));
  return static_cast<int>(integer_at(answer, "exit_code"));
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
  TextTable table({"setting", "value", "from"});
  for (const SettingOrigin& origin : run.loaded.origins) {
    table.add({origin.key, origin.value.empty() ? "-" : origin.value,
               origin.where.empty() ? origin.from : origin.where});
  }
  ROOTLET_TRY(print_answer(run.output, answer, table.text(terminal_width(STDOUT_FILENO))));
  for (const std::string& notice : run.loaded.notices) run.output.tell("note: " + notice);
  if (run.loaded.mistakes.empty()) return 0;
  if (!run.output.json) return mistakes_error(run.loaded.mistakes);
  return exit_code_of(ErrorCode::kUsage);
}

}  // namespace

std::vector<Command> care_commands() {
  return {
      {"enroll",
       "FILE [--offline OUT]",
       {.en = "join a realm", .zh = "注册到平台"},
       {.en =
            "Joins the realm that FILE, an invitation, names. Keys are made here and never leave. "
            "It may be interrupted and run\nagain. Without a link, --offline writes a request to "
            "carry to the platform's operator.\n\n  rootlet enroll jiaxing.enroll",
        .zh = "用邀请文件注册。密钥在本机生成，不会离开本机；可中断后重新运行。没有网络时用 "
              "--offline "
              "生成申请文件，交平台管理员批准。\n\n  rootlet enroll jiaxing.enroll"},
       {{.name = "offline",
         .kind = OptionSpec::Kind::kValue,
         .value_name = "OUT",
         .help = {.en = "write the request to OUT instead of sending it",
                  .zh = "将申请写入 OUT，不联网"}},
        json_option()},
       1,
       1,
       run_enroll},
      {"run",
       "",
       {.en = "the daemon", .zh = "后台程序"},
       {.en = "Keeps the local copies fresh, sends records and answers the other commands, until "
              "SIGTERM. systemd starts it.\n\n  rootlet run --poll 5m",
        .zh = "持续同步、发送记录并响应其他命令，由 systemd 启动。\n\n  rootlet run --poll 5m"},
       {},
       0,
       0,
       run_run},
      {"sync",
       "[--from URL|DIR] [--now]",
       {.en = "one cycle now", .zh = "立即同步一次"},
       {.en = "Sends what waits, fetches what changed, and says what it cost. With --from the "
              "published files come from another\naddress or a folder, and nothing is sent. What "
              "download_hours or "
              "monthly_bytes hold back is told; --now fetches it.\n\n  "
              "rootlet sync\n  rootlet sync --from /media/usb/repository",
        .zh = "发送待发记录并获取更新。--from 指定其他地址或目录，此时不发送。受 download_hours 或 "
              "monthly_bytes 限制而暂缓的数据会说明，--now 立即下载。\n\n  rootlet sync\n  "
              "rootlet sync --from /media/usb/repository"},
       {{.name = "from",
         .kind = OptionSpec::Kind::kValue,
         .value_name = "URL|DIR",
         .help = {.en = "where published files are taken from", .zh = "发布文件的来源"}},
        {.name = "now",
         .kind = OptionSpec::Kind::kSwitch,
         .help = {.en = "fetch data whatever the hours and the month's limit",
                  .zh = "不受时段与流量限制，立即下载"}},
        json_option()},
       0,
       0,
       run_sync},
      {"status",
       "",
       {.en = "how this office stands", .zh = "当前状态"},
       {.en = "Link, freshness, each dataset's versions, rows and lease, and the records on their "
              "way.",
        .zh = "显示同步情况、各数据集的版本、行数、租期，以及记录的状态。"},
       {json_option()},
       0,
       0,
       run_status},
      {"ledger",
       "[list | verify]",
       {.en = "who used what, and why", .zh = "使用台账"},
       {.en = "Lists every use of data on this machine, newest first, or proves that no entry was "
              "changed or removed.",
        .zh = "列出本机的数据使用记录（新的在前），或验证台账未被改动。"},
       {json_option()},
       0,
       1,
       run_ledger},
      {"doctor",
       "",
       {.en = "what is wrong, if anything", .zh = "检查问题"},
       {.en = "Checks home, keys, clock, disk, link, trust, leases, records and ledger. Exit 0 if "
              "nothing is wrong.",
        .zh = "检查目录、密钥、时钟、磁盘、网络、信任、租期、记录和台账；一切正常时退出码为 0。"},
       {json_option()},
       0,
       0,
       run_doctor_command},
      {"check-config",
       "",
       {.en = "settings in force", .zh = "检查配置"},
       {.en =
            "Prints every setting, its value and where it comes from; with mistakes, all of them, "
            "and exit 2.",
        .zh = "显示所有配置项、取值和来源；有误时一次列出全部错误，退出码为 2。"},
       {json_option()},
       0,
       0,
       run_check_config},
  };
}

}  // namespace rootlet::agent
