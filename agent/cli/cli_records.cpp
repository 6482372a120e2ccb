// The commands for records: outbox.
#include "agent/cli/cli.hpp"
#include "agent/cli/json_input.hpp"
#include "agent/cli/text/record_text.hpp"
#include "agent/cli/text/words.hpp"
#include "config/output/pager.hpp"

namespace rootlet::agent {
namespace {

Result<int> list_outbox(const CommandRun& run) {
  const CliOutput& output = run.output;
  ROOTLET_TRY(const json::object answer, call_service(run, "outbox-list",
                                                      {{"limit", 1000},
                                                       {"state", run.arguments.value("state")},
                                                       {"form", run.arguments.value("form")}}));
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const bool zh = output.is_chinese();
  const TextTable table = records_table(array_at(answer, "records"), output.language);
  if (table.empty()) {
    output.note(zh ? "没有记录" : "There are no records");
    return 0;
  }
  {
    const Pager pager(output);
    ROOTLET_TRY(output.print(table));
  }
  if (boolean_at(answer, "truncated")) {
    output.note(zh ? "只列出最新的记录，还有更早的；可用 --state 或 --form 缩小范围"
                   : "Only the newest records are listed, there are older ones: "
                     "narrow it with --state or --form");
  }
  return 0;
}

Result<int> show_record(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "outbox-show", {{"id", run.arguments.value("ID")}}));
  const CliOutput& output = run.output;
  ROOTLET_TRY(output.report(answer, record_text(answer, output.language, output.out_width)));
  return 0;
}

Result<int> fix_record(const CommandRun& run) {
  ROOTLET_TRY(json::value values, read_json_input(run.output, run.arguments.value("FILE", "-")));
  ROOTLET_TRY(const json::object answer,
              call_service(run, "outbox-fix",
                           {{"id", run.arguments.value("ID")}, {"values", std::move(values)}}));
  ROOTLET_TRY(
      run.output.report(answer, text_at(answer, "id").substr(0, short_id_length({})) + "  " +
                                    word_in(text_at(answer, "state"), run.output.language) + "\n"));
  return 0;
}

Result<int> restart_outbox(const CommandRun& run) {
  ROOTLET_TRY(require_accept_loss(run));
  ROOTLET_TRY(const json::object answer, call_service(run, "outbox-restart", {}));
  const json::object& lost = object_at(answer, "lost");
  const std::string unsent = text_at(lost, "unsent"), unanswered = text_at(lost, "unanswered");
  ROOTLET_TRY(run.output.report(
      answer, run.output.is_chinese()
                  ? "已重新开始。未发送的记录 " + unsent + " 条需重新填报；已发送未答复 " +
                        unanswered + " 条由平台处理。残留文件：" + text_at(answer, "kept_in") + "\n"
                  : "A new outbox has begun. " + unsent +
                        " records were not yet sent and must be typed "
                        "again; " +
                        unanswered +
                        " were sent, and the platform has them. What was left of the "
                        "file is in " +
                        text_at(answer, "kept_in") + "\n"));
  return 0;
}

}  // namespace

std::vector<Command> record_commands() {
  return {
      {.name = "outbox list",
       .summary = {.en = "Show submitted records and their states", .zh = "已提交的记录及其状态"},
       .details = {.en = "Lists records in their states: saved, sealed, received, accepted, "
                         "returned; newest first. The beginning of an id is enough for `outbox "
                         "show` and `outbox fix`.",
                   .zh = "列出记录及状态：saved 已保存、sealed 已封装、received 已接收、accepted "
                         "已采纳、returned 已退回，新的在前。outbox show 和 outbox fix "
                         "只需编号的开头几位。"},
       .example = {.en = "rootlet outbox list --state returned"},
       .options = {{.name = "state",
                    .value_name = "S",
                    .help = {.en = "only records in this state", .zh = "只列出此状态"},
                    .choices = {"draft", "saved", "sealed", "received", "accepted", "returned"}},
                   {.name = "form",
                    .value_name = "F",
                    .help = {.en = "only records of this form", .zh = "只列出此表单"}}},
       .is_default = true,
       .run = with_settings(list_outbox)},
      {.name = "outbox show",
       .summary = {.en = "Show one record", .zh = "查看一条记录"},
       .details = {.en = "Prints the record's values, its state and what the platform answered; "
                         "with --json its receipts too. ID is an id or its beginning; if several "
                         "records begin so, they are listed.",
                   .zh =
                       "显示记录内容、状态和平台的答复；加 --json 还有回执。ID 为编号或其开头几位，"
                       "不唯一时列出所有相符的记录。"},
       .example = {.en = "rootlet outbox show 0123456789abcdef0123456789abcdef"},
       .positionals = {{.name = "ID"}},
       .run = with_settings(show_record)},
      {.name = "outbox restart",
       .summary = {.en = "Begin a new outbox after the file was lost",
                   .zh = "发件箱丢失后重新开始"},
       .details = {.en = "For an outbox.db that is missing or does not open. Keeps what is left of "
                         "the file in a folder lost-… of the home, begins a new outbox with a new "
                         "batch chain, and says what was lost. Refuses if the outbox is whole.",
                   .zh = "用于 outbox.db 缺失或无法打开的情况。残留文件保留在 lost-… 目录中，"
                         "以新的批次链重新开始，并说明丢失的内容。发件箱完好时拒绝执行。"},
       .example = {.en = "rootlet outbox restart --accept-loss"},
       .options = {accept_loss_option()},
       .run = with_settings(restart_outbox)},
      {.name = "outbox fix",
       .summary = {.en = "Correct a returned record", .zh = "改正被退回的记录"},
       .details = {.en = "Replaces the values of a returned record, under the same id, with the "
                         "JSON object in FILE or on standard input (-).",
                   .zh = "用文件或标准输入（-）中的 JSON 对象替换被退回记录的内容，编号不变。"},
       .example = {.en = "rootlet outbox fix 0123456789abcdef0123456789abcdef corrected.json"},
       .positionals = {{.name = "ID"},
                       {.name = "FILE", .is_optional = true, .type = ValueType::kFile}},
       .run = with_settings(fix_record)},
  };
}

}  // namespace rootlet::agent
