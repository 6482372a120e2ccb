// The console from the command line: opening it as this OS user, and the browsers of the office's
// network.
#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/menu/desktop.hpp"
#include "config/output/text_table.hpp"
#include "config/realm_places.hpp"

namespace rootlet::agent {
namespace {

constexpr std::int64_t kUsualDays = 180;
constexpr std::int64_t kMostDays = 365;

// The console lives in the daemon, so its commands need one.
Result<json::object> ask_daemon(const CommandRun& run, std::string_view command,
                                json::object args) {
  const Settings& settings = run.context.settings;
  const Result<LocalConnection> reached = LocalConnection::connect(settings.socket);
  const bool is_down = reached.has_error() && reached.error().code == ErrorCode::kUnreachable;
  if (is_down) {
    const std::string start = start_command(settings.realm, settings.home);
    return Error(ErrorCode::kUnreachable, "the agent's daemon does not run", {},
                 {.en = "Start it: " + start, .zh = "后台程序未运行，启动命令：" + start});
  }
  return call_service(run, command, std::move(args));
}

Result<int> run_open(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, ask_daemon(run, "console-ticket", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const std::string url = text_at(answer, "url");
  const bool zh = output.is_chinese();
  if (!run.arguments.has("print") && open_in_browser(url)) {
    output.note(zh ? "已在浏览器中打开控制台：" + text_at(answer, "address")
                   : "The console is open in the browser: " + text_at(answer, "address"));
    return 0;
  }
  if (run.arguments.has("from-menu")) {
    return Error(
        ErrorCode::kUnreachable, "no browser could be opened", {},
        {.en = "Install xdg-utils and a browser, or run `rootlet console --print`.",
         .zh = "未能打开浏览器：请安装 xdg-utils 和浏览器，或运行 rootlet console --print。"});
  }
  ROOTLET_TRY(output.print(url + "\n"));
  const std::string seconds = text_at(answer, "seconds");
  output.note(zh ? "请以本机同一用户的浏览器打开，" + seconds + " 秒内有效，只能使用一次"
                 : "Open it in a browser of the same user of this machine, within " + seconds +
                       " seconds; it works once");
  return 0;
}

// Who started the program from the menu has no terminal: the error is shown as a page too.
Result<int> open_from_menu(const CommandInput& input) {
  Result<int> done = with_settings(run_open)(input);
  if (done.has_error() && input.arguments.has("from-menu")) {
    show_failure(done.error(), input.output.language, page_folder());
  }
  return done;
}

std::string pairing_text(const json::object& answer, bool zh) {
  const std::string code = text_at(answer, "code"), name = text_at(answer, "name");
  const std::string address = text_at(answer, "address") + "/console";
  const std::string print = text_at(answer, "fingerprint");
  const std::string minutes = text_at(answer, "minutes");
  if (zh) {
    return "配对码：" + code + "（" + minutes + " 分钟内有效，只能使用一次）\n请 " + name +
           " 在浏览器打开 " + address + " 并输入配对码。\n证书指纹（SHA-256）：\n" + print + "\n";
  }
  return "Pairing code: " + code + " (valid for " + minutes + " minutes, works once)\n" + name +
         " opens " + address + " and types it.\nFingerprint of the authority (SHA-256):\n" + print +
         "\n";
}

Result<int> run_pair(const CommandRun& run) {
  ROOTLET_TRY(const std::int64_t days, run.arguments.number("days", 1, kMostDays, kUsualDays));
  ROOTLET_TRY(const json::object answer, ask_daemon(run, "console-pair",
                                                    {{"name", run.arguments.value("NAME")},
                                                     {"role", run.arguments.value("role", "clerk")},
                                                     {"days", days}}));
  ROOTLET_TRY(run.output.report(answer, pairing_text(answer, run.output.is_chinese())));
  return 0;
}

Result<int> run_list(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, ask_daemon(run, "console-list", {}));
  const bool zh = run.output.is_chinese();
  TextTable table(zh ? std::vector<std::string>{"姓名", "角色", "配对时间", "有效期至"}
                     : std::vector<std::string>{"name", "role", "paired", "until"});
  for (const json::value& value : array_at(answer, "browsers")) {
    const json::object& one = value.get_object();
    table.add({text_at(one, "name"), text_at(one, "role"), text_at(one, "paired"),
               text_at(one, "until")});
  }
  ROOTLET_TRY(run.output.report(answer, table, zh ? "没有已配对的浏览器" : "No browser is paired"));
  return 0;
}

Result<int> run_unpair(const CommandRun& run) {
  const std::string name = run.arguments.value("NAME");
  ROOTLET_TRY(const json::object answer, ask_daemon(run, "console-unpair", {{"name", name}}));
  ROOTLET_TRY(run.output.report(
      answer, run.output.is_chinese()
                  ? "已解除配对：" + name + "，其会话已结束\n"
                  : "The browser of " + name + " is unpaired; its sessions have ended.\n"));
  return 0;
}

}  // namespace

std::vector<Command> console_commands() {
  return {
      {.name = "console open",
       .summary = {.en = "Open the console in the browser", .zh = "在浏览器中打开控制台"},
       .details = {.en = "Signs in as this OS user with a ticket that works once, within 60 "
                         "seconds. Without a screen, or with --print, it prints the address.",
                   .zh =
                       "以本机当前用户登录，无需密码：票据 60 秒内有效，只能使用一次。没有图形界面"
                       "或加 --print 时输出地址。"},
       .example = {.en = "rootlet console\nrootlet console open --print"},
       .options = {{.name = "print",
                    .help = {.en = "print the address, open nothing", .zh = "只输出地址"}},
                   {.name = "from-menu",
                    .help = {.en = "show a failure in the browser too",
                             .zh = "出错时也在浏览器中显示原因"}}},
       .is_default = true,
       .run = open_from_menu},
      {.name = "console pair",
       .summary = {.en = "Pair a browser of the office's network", .zh = "配对办公网络上的浏览器"},
       .details = {.en = "Prints a code that the person types into the browser once, within 10 "
                         "minutes, and the fingerprint of this machine's authority, which IT "
                         "imports into the browser. The setting console_listen opens the console "
                         "on the network. Needs the role operator.",
                   .zh = "输出配对码（10 分钟内有效，只能使用一次）和本机证书指纹。须先用 "
                         "console_listen 在办公网络上开放控制台。需要运维员角色。"},
       .example = {.en = "rootlet console pair 王小明 --role clerk\n"
                         "rootlet console pair wang --role auditor --days 30"},
       .positionals = {{.name = "NAME"}},
       .options = {{.name = "role",
                    .value_name = "ROLE",
                    .help = {.en = "clerk (unless set), operator or auditor",
                             .zh = "clerk（默认）、operator 或 auditor"},
                    .choices = {"clerk", "operator", "auditor"}},
                   {.name = "days",
                    .value_name = "N",
                    .help = {.en = "how long the pairing lasts, 180 unless set, at most 365",
                             .zh = "配对有效天数，默认 180，最多 365"}}},
       .run = with_settings(run_pair)},
      {.name = "console list",
       .summary = {.en = "List the paired browsers", .zh = "列出已配对的浏览器"},
       .details = {.en = "Shows the person and the role of each paired browser, and until when it "
                         "is paired.",
                   .zh = "列出各已配对浏览器的使用人、角色和有效期。"},
       .example = {.en = "rootlet console list"},
       .run = with_settings(run_list)},
      {.name = "console unpair",
       .summary = {.en = "Unpair a browser", .zh = "解除浏览器配对"},
       .details = {.en = "Ends the pairing of the person's browser and its open sessions at once.",
                   .zh = "立即解除该使用人浏览器的配对，并结束其会话。"},
       .example = {.en = "rootlet console unpair 王小明"},
       .positionals = {{.name = "NAME"}},
       .run = with_settings(run_unpair)},
  };
}

}  // namespace rootlet::agent
