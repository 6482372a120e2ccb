// The commands that collect: forms, submit, outbox.
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "agent/cli/cli.hpp"
#include "config/cli/table_text.hpp"
#include "core/file/file.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

// FILE or, for "-", standard input; UTF-8 JSON.
Result<json::value> read_json_input(const std::string& name) {
  std::string text;
  if (name == "-") {
    char chunk[16 * 1024];
    while (std::cin.read(chunk, sizeof chunk), std::cin.gcount() > 0) {
      text.append(chunk, static_cast<std::size_t>(std::cin.gcount()));
      if (text.size() > limits::kLocalRequestBytes) {
        return bad_input("standard input is larger than " +
                             std::to_string(limits::kLocalRequestBytes) + " bytes",
                         "size");
      }
    }
  } else {
    Result<std::string> file = read_text_file(name, limits::kLocalRequestBytes);
    if (file.has_error()) {
      Error error = file.error();
      error.code = ErrorCode::kBadInput;
      return error;
    }
    text = std::move(file).value();
  }
  return parse_json(text, name == "-" ? "standard input" : name);
}

Result<int> run_forms(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "forms", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const bool zh = output.language == Language::kChinese;
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
                             table.text(terminal_width(STDOUT_FILENO)) + "\n"));
  }
  if (array_at(answer, "forms").empty()) {
    output.tell(zh ? "还没有表单到达" : "No form has arrived yet: run rootlet sync");
  }
  return 0;
}

Result<int> run_submit(const CommandRun& run) {
  const std::string source = run.words() > 1 ? run.word(1) : "-";
  ROOTLET_TRY(json::value input, read_json_input(source));
  json::array records;
  if (input.is_array()) {
    records = std::move(input.get_array());
  } else {
    records.push_back(std::move(input));
  }
  ROOTLET_TRY(
      const json::object answer,
      call_service(run, "submit", {{"form", run.word(0)}, {"records", std::move(records)}}));
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
  const bool zh = output.language == Language::kChinese;
  TextTable table(zh ? std::vector<std::string>{"编号", "表单", "状态", "保存时间", "说明"}
                     : std::vector<std::string>{"id", "form", "state", "saved", "remark"});
  for (const json::value& value : array_at(answer, "records")) {
    const json::object& record = value.get_object();
    table.add({text_at(record, "id"), text_at(record, "form"), text_at(record, "state"),
               text_at(record, "saved_at"), objections_text(record, output.language)});
  }
  if (table.empty()) {
    output.tell(zh ? "没有记录" : "There are no records");
    return 0;
  }
  ROOTLET_TRY(output.print(table.text(terminal_width(STDOUT_FILENO))));
  return 0;
}

Result<int> show_record(const CommandRun& run, const std::string& id) {
  ROOTLET_TRY(const json::object answer, call_service(run, "outbox-show", {{"id", id}}));
  ROOTLET_TRY(run.output.print_json(answer));
  return 0;
}

Result<int> fix_record(const CommandRun& run, const std::string& id, const std::string& source) {
  ROOTLET_TRY(json::value values, read_json_input(source));
  ROOTLET_TRY(const json::object answer,
              call_service(run, "outbox-fix", {{"id", id}, {"values", std::move(values)}}));
  if (run.output.json) {
    ROOTLET_TRY(run.output.print_json(answer));
  } else {
    ROOTLET_TRY(run.output.print(text_at(answer, "id") + "  " + text_at(answer, "state") + "\n"));
  }
  return 0;
}

Result<int> run_outbox(const CommandRun& run) {
  const std::string verb = run.words() == 0 ? "list" : run.word(0);
  if (verb == "list" && run.words() <= 1) return list_outbox(run);
  if (verb == "show" && run.words() == 2) return show_record(run, run.word(1));
  if (verb == "fix" && run.words() >= 2) {
    return fix_record(run, run.word(1), run.words() == 3 ? run.word(2) : "-");
  }
  return fail(ErrorCode::kUsage, "outbox takes: list, show ID, fix ID [FILE|-]");
}

}  // namespace

std::vector<Command> record_commands() {
  return {
      {"forms",
       "",
       {.en = "what can be collected", .zh = "可填写的表单"},
       {.en = "Lists the forms with their fields, types and what is required.",
        .zh = "列出表单及其项目、类型和必填项。"},
       {json_option()},
       0,
       0,
       run_forms},
      {"submit",
       "FORM [FILE|-]",
       {.en = "hand in records", .zh = "提交记录"},
       {.en =
            "Takes one JSON object of values, or a list of them, from FILE or standard input. All "
            "are checked first; a mistake\nnames its field and nothing is saved (exit 8). What is "
            "printed is on disk; it is sent when there is a link.\n\n  echo '{\"name\": "
            "\"王小明\", "
            "…}' | rootlet submit household-visit -",
        .zh = "从文件或标准输入读取一个 JSON "
              "对象或对象列表。先全部检查，有误则指出项目且不保存（退出码 8）。"
              "显示编号即已存盘，有网络时自动发送。"},
       {json_option()},
       1,
       2,
       run_submit},
      {"outbox",
       "[list | show ID | fix ID [FILE|-]]",
       {.en = "records handed in, and what became of them", .zh = "已提交的记录及其状态"},
       {.en = "Lists records in their states: saved, sealed, received, accepted, returned. `show` "
              "prints one with its receipts;\n`fix` corrects a returned record under the same id.",
        .zh = "列出记录及状态：saved、sealed、received、accepted、returned。show "
              "显示一条记录及回执；fix "
              "改正被退回的记录。"},
       {{.name = "state",
         .kind = OptionSpec::Kind::kValue,
         .value_name = "S",
         .help = {.en = "only records in this state", .zh = "只列出此状态"}},
        {.name = "form",
         .kind = OptionSpec::Kind::kValue,
         .value_name = "F",
         .help = {.en = "only records of this form", .zh = "只列出此表单"}},
        json_option()},
       0,
       3,
       run_outbox},
  };
}

}  // namespace rootlet::agent
