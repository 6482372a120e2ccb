// The commands for forms: forms, submit.
#include "agent/cli/cli.hpp"
#include "agent/cli/json_input.hpp"
#include "agent/cli/row_output.hpp"
#include "agent/cli/text/record_text.hpp"
#include "agent/cli/text/words.hpp"
#include "agent/export/provenance_line.hpp"
#include "config/cli/suggestion.hpp"
#include "config/output/pager.hpp"
#include "config/output/readable.hpp"

namespace rootlet::agent {
namespace {

Result<int> run_forms(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "forms", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  if (array_at(answer, "forms").empty()) {
    output.note(output.is_chinese() ? "还没有表单到达，请运行 rootlet sync"
                                    : "No form has arrived yet: run rootlet sync");
    return 0;
  }
  const Pager pager(output);
  for (const json::value& value : array_at(answer, "forms")) {
    ROOTLET_TRY(output.print(form_text(value.get_object(), output.language, output.out_width)));
  }
  return 0;
}

// What is known of the row with this key, and where that comes from.
Result<json::object> fetch_prefill(const CommandRun& run, const std::string& key) {
  return call_service(run, "prefill",
                      {{"form", run.arguments.value("FORM")},
                       {"key", key},
                       {"purpose", run.arguments.value("purpose")}});
}

void note_source(const CliOutput& output, const json::object& prefill) {
  output.note((output.is_chinese() ? "预填来源：" : "prefilled from: ") +
              provenance_line(object_at(prefill, "source"), output.language));
}

Result<int> show_form(const CommandRun& run) {
  const CliOutput& output = run.output;
  ROOTLET_TRY(const json::object answer, call_service(run, "forms", {}));
  const json::object* form = nullptr;
  std::vector<std::string> known;
  for (const json::value& value : array_at(answer, "forms")) {
    known.push_back(text_at(value.get_object(), "id"));
    if (known.back() == run.arguments.value("FORM")) form = &value.get_object();
  }
  if (form == nullptr) {
    const std::string& wanted = run.arguments.value("FORM");
    const std::string names = known.empty() ? "none" : joined(known, ", ");
    return bad_input("there is no form '" + wanted + "'; there are: " + names, "form",
                     did_you_mean(nearest_words(wanted, known)));
  }
  if (!run.arguments.has("key")) {
    ROOTLET_TRY(output.report(*form, form_text(*form, output.language, output.out_width)));
    return 0;
  }
  ROOTLET_TRY(const json::object prefill, fetch_prefill(run, run.arguments.value("key")));
  ROOTLET_TRY(output.report(prefill, values_text(prefill, output.language, output.out_width)));
  if (!output.json) note_source(output, prefill);
  return 0;
}

// Without FILE: the known values as a draft, for a person to complete.
Result<int> print_draft(const CommandRun& run, const json::object& prefill) {
  ROOTLET_TRY(run.output.print_json(object_at(prefill, "values")));
  note_source(run.output, prefill);
  return 0;
}

// Values that a person typed count before those that are known.
void fill_in(json::array& records, const json::object& known) {
  for (json::value& record : records) {
    if (!record.is_object()) continue;
    for (const auto& member : known) record.get_object().insert(member);
  }
}

Result<json::object> read_submission(const CommandRun& run) {
  ROOTLET_TRY(json::value input, read_json_input(run.output, run.arguments.value("FILE", "-")));
  json::array records;
  if (input.is_array()) {
    records = std::move(input.get_array());
  } else {
    records.push_back(std::move(input));
  }
  return json::object{{"form", run.arguments.value("FORM")}, {"records", std::move(records)}};
}

// The error of a refused submission; with --json all its mistakes beside it.
Result<int> refuse_submission(const CommandRun& run, const Error& error, json::object submission) {
  if (!run.output.json || error.code != ErrorCode::kBadInput) return error;
  const Result<json::object> check = call_service(run, "submit-check", std::move(submission));
  if (check.has_error()) return error;
  return run.output.fail_with(error, {{"mistakes", array_at(check.value(), "mistakes")}});
}

// Says every mistake, and saves nothing.
Result<int> check_submission(const CommandRun& run, json::object submission) {
  ROOTLET_TRY(const json::object answer, call_service(run, "submit-check", std::move(submission)));
  const Language language = run.output.language;
  const bool zh = run.output.is_chinese();
  std::string text;
  for (const json::value& value : array_at(answer, "mistakes")) {
    const json::object& one = value.get_object();
    const std::string record = text_at(one, "record");
    text += (zh ? "第 " + record + " 条，" : "Record " + record + ", ") +
            text_at(one, "title", language) + (zh ? "：" : ": ") + text_at(one, "words", language) +
            "\n";
  }
  if (text.empty()) text = zh ? "填写无误\n" : "Nothing is wrong\n";
  ROOTLET_TRY(run.output.report(answer, text));
  return boolean_at(answer, "valid") ? 0 : exit_code_of(ErrorCode::kBadInput);
}

Result<int> run_submit(const CommandRun& run) {
  json::object prefill;
  if (run.arguments.has("prefill")) {
    ROOTLET_TRY(prefill, fetch_prefill(run, run.arguments.value("prefill")));
    if (!run.arguments.has("FILE")) return print_draft(run, prefill);
    note_source(run.output, prefill);
  }
  ROOTLET_TRY(json::object submission, read_submission(run));
  fill_in(submission["records"].get_array(), object_at(prefill, "values"));
  if (run.arguments.has("check")) return check_submission(run, submission);
  const Result<json::object> answer = call_service(run, "submit", submission);
  if (answer.has_error()) return refuse_submission(run, answer.error(), submission);
  if (run.output.json) {
    ROOTLET_TRY(run.output.print_json(answer.value()));
    return 0;
  }
  const json::array& records = array_at(answer.value(), "records");
  const std::size_t length = short_id_length(records);
  for (const json::value& value : records) {
    const json::object& record = value.get_object();
    const std::string subject = text_at(record, "subject");
    ROOTLET_TRY(run.output.print(text_at(record, "id").substr(0, length) + "  " +
                                 word_in(text_at(record, "state"), run.output.language) +
                                 (subject.empty() ? "" : "  " + subject) + "\n"));
  }
  return 0;
}

OptionSpec prefill_purpose_option() {
  return {.name = "purpose",
          .value_name = "P",
          .help = {.en = "for which the row is read, if the form names none",
                   .zh = "读取数据行的用途（表单未说明时）"}};
}

}  // namespace

std::vector<Command> form_commands() {
  return {
      {.name = "forms list",
       .summary = {.en = "Show what can be collected", .zh = "可填写的表单"},
       .details = {.en = "Lists the forms with their fields, types and what is required.",
                   .zh = "列出表单及其项目、类型和必填项。"},
       .example = {.en = "rootlet forms list"},
       .is_default = true,
       .run = with_settings(run_forms)},
      {.name = "forms show",
       .summary = {.en = "Show one form, or what is known of a row for it",
                   .zh = "查看一个表单，或按主键查看可预填的内容"},
       .details = {.en = "With --key, shows the values that the form takes from the office's data, "
                         "with their source and date. That is a use of the data and needs a "
                         "purpose: the form's own, or --purpose.",
                   .zh = "加 --key 显示表单可从本单位数据中预填的内容及来源、日期；这属于数据使用，"
                         "用途取自表单或 --purpose。"},
       .example = {.en = "rootlet forms show household-visit"},
       .positionals = {{.name = "FORM"}},
       .options = {{.name = "key",
                    .value_name = "KEY",
                    .help = {.en = "of the row that the form prefills from",
                             .zh = "预填所用数据行的主键"}},
                   prefill_purpose_option()},
       .run = with_settings(show_form)},
      {.name = "submit",
       .summary = {.en = "Submit records", .zh = "提交记录"},
       .details =
           {.en = "Reads one JSON object of values, or a list of them, from FILE or standard "
                  "input (-). All are checked first; a mistake names its field, and then "
                  "nothing is saved (exit 8); all mistakes are named at once. A printed id is "
                  "on disk; the record is sent when there is a link.",
            .zh =
                "从文件或标准输入（-）读取一个 JSON 对象或对象列表。先全部检查，有误则指出"
                "项目且不保存（退出码 8），所有错误一次列出。显示编号即已存盘，有网络时自动发送。"},
       .example = {.en = "rootlet submit household-visit visit.json\n"
                         "rootlet submit household-visit visit.json --check"},
       .positionals = {{.name = "FORM"},
                       {.name = "FILE", .is_optional = true, .type = ValueType::kFile}},
       .options = {{.name = "check",
                    .help = {.en = "only say what is wrong, and save nothing",
                             .zh = "只检查填写内容，不保存"}},
                   {.name = "prefill",
                    .value_name = "KEY",
                    .help = {.en = "take what is known of this row; without FILE print it as a "
                                   "draft, and save nothing",
                             .zh = "按主键预填已知内容；未给文件时输出草稿，不保存"}},
                   prefill_purpose_option()},
       .run = with_settings(run_submit)},
  };
}

}  // namespace rootlet::agent
