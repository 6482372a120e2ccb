// The commands that collect: forms, submit, outbox.
#include "agent/cli/cli.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/format/exact_json.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

// The JSON in FILE or, for "-", on standard input.
Result<json::value> read_json_input(const CliOutput& output, const std::string& name) {
  Result<PlainText> input = name == "-" ? read_plain_input(limits::kLocalRequestBytes)
                                        : read_plain_text(name, limits::kLocalRequestBytes);
  if (input.has_error()) {
    Error error = input.error();
    error.code = ErrorCode::kBadInput;
    return error;
  }
  if (!input.value().notice.empty()) output.note(output.words(input.value().notice));
  return parse_exact_json(input.value().text, name == "-" ? "standard input" : name);
}

Result<int> run_forms(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "forms", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const bool zh = output.is_chinese();
  for (const json::value& value : array_at(answer, "forms")) {
    const json::object& form = value.get_object();
    TextTable table(zh ? std::vector<std::string>{"  项目", "名称", "类型", "必填"}
                       : std::vector<std::string>{"  field", "title", "type", "required"});
    for (const json::value& item : array_at(form, "fields")) {
      const json::object& field = item.get_object();
      const bool required = boolean_at(field, "required");
      table.add({"  " + text_at(field, "name"), text_at(field, "title", output.language),
                 text_at(field, "type"), required ? (zh ? "是" : "yes") : ""});
    }
    ROOTLET_TRY(output.print(text_at(form, "id") + " · " + text_at(form, "title", output.language) +
                             " · " + text_at(form, "unit", output.language) + "\n" +
                             table.text(output.out_width) + "\n"));
  }
  if (array_at(answer, "forms").empty()) {
    output.note(zh ? "还没有表单到达" : "No form has arrived yet: run rootlet sync");
  }
  return 0;
}

Result<int> run_submit(const CommandRun& run) {
  ROOTLET_TRY(json::value input, read_json_input(run.output, run.arguments.value("FILE", "-")));
  json::array records;
  if (input.is_array()) {
    records = std::move(input.get_array());
  } else {
    records.push_back(std::move(input));
  }
  ROOTLET_TRY(const json::object answer, call_service(run, "submit",
                                                      {{"form", run.arguments.value("FORM")},
                                                       {"records", std::move(records)}}));
  if (run.output.json) {
    ROOTLET_TRY(run.output.print_json(answer));
    return 0;
  }
  for (const json::value& value : array_at(answer, "records")) {
    const json::object& record = value.get_object();
    ROOTLET_TRY(run.output.print(text_at(record, "id") + "  " + text_at(record, "state") + "\n"));
  }
  return 0;
}

std::string objections_text(const json::object& record, Language language) {
  std::string out;
  for (const json::value& value : array_at(record, "objections")) {
    const json::object& one = value.get_object();
    out +=
        (out.empty() ? "" : "; ") + text_at(one, "field") + ": " + text_at(one, "words", language);
  }
  return out;
}

std::string remark_of(const json::object& record, Language language) {
  const json::value* held = record.if_contains("too_large");
  if (held == nullptr || !held->is_object()) return objections_text(record, language);
  return text_at(held->get_object(), "words", language);
}

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
  TextTable table(zh ? std::vector<std::string>{"编号", "表单", "状态", "保存时间", "说明"}
                     : std::vector<std::string>{"id", "form", "state", "saved", "remark"});
  for (const json::value& value : array_at(answer, "records")) {
    const json::object& record = value.get_object();
    table.add({text_at(record, "id"), text_at(record, "form"), text_at(record, "state"),
               text_at(record, "saved_at"), remark_of(record, output.language)});
  }
  if (table.empty()) {
    output.note(zh ? "没有记录" : "There are no records");
    return 0;
  }
  ROOTLET_TRY(output.print(table));
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
  ROOTLET_TRY(run.output.print_json(answer));
  return 0;
}

Result<int> fix_record(const CommandRun& run) {
  ROOTLET_TRY(json::value values, read_json_input(run.output, run.arguments.value("FILE", "-")));
  ROOTLET_TRY(const json::object answer,
              call_service(run, "outbox-fix",
                           {{"id", run.arguments.value("ID")}, {"values", std::move(values)}}));
  ROOTLET_TRY(
      run.output.report(answer, text_at(answer, "id") + "  " + text_at(answer, "state") + "\n"));
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
      {.name = "forms",
       .summary = {.en = "Show what can be collected", .zh = "可填写的表单"},
       .details = {.en = "Lists the forms with their fields, types and what is required.",
                   .zh = "列出表单及其项目、类型和必填项。"},
       .example = {.en = "rootlet forms"},
       .run = with_settings(run_forms)},
      {.name = "submit",
       .summary = {.en = "Submit records", .zh = "提交记录"},
       .details = {.en =
                       "Reads one JSON object of values, or a list of them, from FILE or standard "
                       "input (-). All are checked first; a mistake names its field, and then "
                       "nothing is saved (exit 8). A printed id is on disk; the record is sent "
                       "when there is a link.",
                   .zh = "从文件或标准输入（-）读取一个 JSON 对象或对象列表。先全部检查，有误则指出"
                         "项目且不保存（退出码 8）。显示编号即已存盘，有网络时自动发送。"},
       .example = {.en = "rootlet submit household-visit visit.json"},
       .positionals = {{.name = "FORM"},
                       {.name = "FILE", .is_optional = true, .type = ValueType::kFile}},
       .run = with_settings(run_submit)},
      {.name = "outbox list",
       .summary = {.en = "Show submitted records and their states", .zh = "已提交的记录及其状态"},
       .details = {.en = "Lists records in their states: saved, sealed, received, accepted, "
                         "returned.",
                   .zh = "列出记录及状态：saved、sealed、received、accepted、returned。"},
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
       .summary = {.en = "Show one record with its receipts, as JSON", .zh = "查看一条记录及回执"},
       .details = {.en = "Prints the record's values, its state and what the platform answered.",
                   .zh = "显示记录内容、状态和平台的答复。"},
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
