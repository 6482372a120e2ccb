// The program description of `rootlet`: its commands, and the settings as general options.
#include "agent/cli/cli.hpp"

#include "agent/cli/agent_client.hpp"
#include "agent/cli/trust/trust_command.hpp"
#include "core/file/boot.hpp"

namespace rootlet::agent {
namespace {

class SilentSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
};

}  // namespace

CommandFunction with_settings(Result<int> (*run)(const CommandRun&), OnMistakes on_mistakes) {
  return [run, on_mistakes](const CommandInput& input) -> Result<int> {
    const LoadedSettings loaded = load_settings(input.arguments, process_environment());
    if (!loaded.mistakes.empty() && on_mistakes == OnMistakes::kFail) {
      return mistakes_error(loaded.mistakes);
    }
    set_log_level(loaded.settings.log_level);
    const AgentContext context{.home = Home(loaded.settings.home),
                               .settings = loaded.settings,
                               .clock = &system_clock(),
                               .boot = current_boot(),
                               .machine = current_machine()};
    return run({context, loaded, input.arguments, input.output});
  };
}

OptionSpec accept_loss_option() {
  return {.name = "accept-loss",
          .help = {.en = "confirm that what was lost stays lost", .zh = "确认接受丢失"}};
}

Status require_accept_loss(const CommandRun& run) {
  if (run.arguments.has("accept-loss")) return ok();
  Error error = fail(ErrorCode::kUsage, "--accept-loss is missing");
  error.hint = {.en =
                    "This command gives up what was lost. First look for a copy of the file; if "
                    "there is none, add --accept-loss.",
                .zh =
                    "此命令意味着放弃已丢失的内容。请先查找文件备份；确无备份时加上 "
                    "--accept-loss。"};
  return error;
}

Program agent_program() {
  Program program{
      .name = "rootlet",
      .summary = {.en = "Keeps an office's copy of the data that it may hold, and sends what the "
                        "office collects.",
                  .zh = "保存并更新本单位获准持有的数据，发送本单位采集的记录。"},
      .details = {.en = "A machine can serve offices of several realms, such as a county's and a "
                        "ministry's. Each further realm gets a short name: start the service "
                        "rootlet@NAME, and put --realm NAME into each command.",
                  .zh = "一台机器可服务于多个域（如县和部委）的单位。为每个新增的域取一个短名："
                        "启动服务 rootlet@NAME，各命令加 --realm NAME。"},
      .example = {.en =
                      "rootlet enroll jiaxing.enroll\n"
                      "rootlet sync\n"
                      "rootlet datasets\n"
                      "rootlet query villages --where 'name=like.*社区*' --purpose address-lookup\n"
                      "rootlet --realm ministry enroll ministry.enroll"},
      .options = setting_options()};
  for (auto* list : {&care_commands, &read_commands, &sql_commands, &form_commands,
                     &record_commands, &watch_commands, &console_commands}) {
    for (Command& command : (*list)()) program.commands.push_back(std::move(command));
  }
  program.commands.push_back(trust_command());
  return program;
}

Result<json::object> call_service(const CommandRun& run, std::string_view command,
                                  json::object args) {
  SilentSink sink;
  return AgentClient(run.context).call(command, std::move(args), sink);
}

}  // namespace rootlet::agent
