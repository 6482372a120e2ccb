// The command sql: a statement, the tables it may name, and saved queries.
#include <charconv>
#include <cstdio>
#include <limits>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/row_output.hpp"
#include "agent/cli/xlsx_output.hpp"
#include "config/output/text_table.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::int64_t kTableRows = 50;

// A number as JSON; nullopt unless all of `text` is one.
std::optional<json::value> number_of(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc() && read.ptr == end) {
    return json::value(whole);
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  const bool fits = read.ec == std::errc() && read.ptr == end && !text.empty();
  if (!fits) return std::nullopt;
  return json::value(json::object{{"number", std::string(text)}});
}

// NAME=TEXT or NAME:=NUMBER.
Status add_parameter(json::object& parameters, std::string_view given) {
  const std::size_t equals = given.find('=');
  const auto wrong = [&](const std::string& why) {
    return fail(ErrorCode::kUsage, "--param " + std::string(given) + ": " + why);
  };
  if (equals == given.npos || equals == 0) return wrong("write NAME=VALUE");
  const bool is_number = given[equals - 1] == ':';
  std::string_view name = given.substr(0, is_number ? equals - 1 : equals);
  const std::string_view value = given.substr(equals + 1);
  if (name.starts_with(':')) name.remove_prefix(1);  // as it is written in the statement
  if (name.empty()) return wrong("write NAME=VALUE");
  if (parameters.contains(name)) return wrong("is given twice");
  if (!is_number) {
    parameters[name] = json::value(std::string(value));
    return ok();
  }
  std::optional<json::value> number = number_of(value);
  if (!number) return wrong("after := stands a number");
  parameters[name] = std::move(*number);
  return ok();
}

// The statement: the argument, or standard input for "-".
Result<std::string> statement_of(const CommandRun& run) {
  const std::string given = run.arguments.value("STATEMENT");
  if (given != "-") return given;
  std::string text;
  char chunk[4096];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, stdin)) {
    text.append(chunk, count);
    if (text.size() > limits::kSqlBytes) {
      return bad_input(
          "the statement is longer than " + std::to_string(limits::kSqlBytes) + " bytes",
          "standard input");
    }
  }
  return text;
}

Result<int> run_statement(const CommandRun& run) {
  ROOTLET_TRY(const RowForm form, form_of(run, RowForm::kTable));
  const bool is_file = form != RowForm::kTable && form != RowForm::kJson;
  ROOTLET_TRY(const std::int64_t limit,
              run.arguments.number("limit", 0, std::numeric_limits<std::int64_t>::max(),
                                   is_file ? 0 : kTableRows));
  json::object parameters;
  for (const std::string& given : run.arguments.values("param")) {
    ROOTLET_TRY(add_parameter(parameters, given));
  }
  json::object args{{"purpose", run.arguments.value("purpose")}, {"limit", limit}};
  if (!parameters.empty()) args["parameters"] = std::move(parameters);
  if (run.arguments.has("run")) {
    args["saved"] = run.arguments.value("run");
  } else {
    ROOTLET_TRY(args["sql"], statement_of(run));
  }
  ROOTLET_TRY(const std::unique_ptr<RowOutput> output, open_row_output(run, form));
  ROOTLET_TRY(const json::object done,
              AgentClient(run.context).call("sql", std::move(args), *output));
  ROOTLET_TRY(output->finish(done));
  return 0;
}

Result<int> show_schema(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "sql-schema", {{"purpose", run.arguments.value("purpose")}}));
  const bool zh = run.output.is_chinese();
  TextTable table(zh ? std::vector<std::string>{"表", "列", "类型", "名称", "说明"}
                     : std::vector<std::string>{"table", "column", "type", "title", "remark"});
  std::string joins;
  for (const json::value& value : array_at(answer, "tables")) {
    const json::object& one = value.get_object();
    const std::string id = text_at(one, "table");
    for (const json::value& column_value : array_at(one, "columns")) {
      const json::object& column = column_value.get_object();
      const bool key = boolean_at(column, "key"), masked = boolean_at(column, "masked");
      std::string remark = key ? (zh ? "主键" : "key") : "";
      if (masked) remark += (remark.empty() ? "" : ", ") + std::string(zh ? "已脱敏" : "masked");
      table.add({id, text_at(column, "name"), text_at(column, "type"),
                 text_at(column, "title", run.output.language), remark});
    }
    const std::string with = joined(array_at(one, "join"));
    if (!with.empty()) joins += id + (zh ? " 可连接：" : " may be joined with: ") + with + "\n";
  }
  if (run.output.json) {
    ROOTLET_TRY(run.output.print_json(answer));
    return 0;
  }
  if (table.empty()) {
    run.output.note(zh ? "数据还没有到达，请运行 rootlet sync"
                       : "No data has arrived yet: run rootlet sync");
    return 0;
  }
  ROOTLET_TRY(run.output.print(table));
  ROOTLET_TRY(run.output.print(joins));
  return 0;
}

Result<int> save(const CommandRun& run) {
  ROOTLET_TRY(const std::string sql, statement_of(run));
  const std::string name = run.arguments.value("save");
  ROOTLET_TRY(
      const json::object answer,
      call_service(run, "sql-save",
                   {{"name", name}, {"sql", sql}, {"purpose", run.arguments.value("purpose")}}));
  ROOTLET_TRY(run.output.report(answer, run.output.is_chinese()
                                            ? "已保存：rootlet sql --run " + name + "\n"
                                            : "Saved: rootlet sql --run " + name + "\n"));
  return 0;
}

Result<int> list_saved(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "sql-saved", {}));
  const bool zh = run.output.is_chinese();
  TextTable table(zh ? std::vector<std::string>{"名称", "用途", "语句"}
                     : std::vector<std::string>{"name", "purpose", "statement"});
  for (const json::value& value : array_at(answer, "queries")) {
    const json::object& one = value.get_object();
    table.add({text_at(one, "name"), text_at(one, "purpose"), text_at(one, "sql")});
  }
  ROOTLET_TRY(run.output.report(answer, table, zh ? "没有保存的查询\n" : "No saved query\n"));
  return 0;
}

Result<int> forget(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "sql-forget", {{"name", run.arguments.value("forget")}}));
  ROOTLET_TRY(run.output.report(answer, run.output.is_chinese() ? "已删除\n" : "Forgotten\n"));
  return 0;
}

// What is asked for: exactly one of these.
Result<int> run_sql_command(const CommandRun& run) {
  const Arguments& given = run.arguments;
  const bool has_statement = given.has("STATEMENT");
  int wishes = given.has("save") || !has_statement ? 0 : 1;
  for (const char* one : {"schema", "save", "saved", "run", "forget"}) {
    wishes += given.has(one) ? 1 : 0;
  }
  if (wishes != 1 || (given.has("save") && !has_statement)) {
    return fail(ErrorCode::kUsage,
                "give one of: a statement, --run NAME, --schema, --saved, --forget NAME, or --save "
                "NAME with a statement");
  }
  const bool needs_purpose = has_statement || given.has("schema");
  if (needs_purpose && given.value("purpose").empty()) {
    return fail(ErrorCode::kUsage,
                "--purpose is missing; `rootlet datasets` lists the purposes granted");
  }
  if (given.has("schema")) return show_schema(run);
  if (given.has("save")) return save(run);
  if (given.has("saved")) return list_saved(run);
  if (given.has("forget")) return forget(run);
  return run_statement(run);
}

std::vector<OptionSpec> sql_options() {
  std::vector<OptionSpec> options = {
      {.name = "purpose",
       .value_name = "P",
       .help = {.en = "what you need it for; a saved query remembers it",
                .zh = "用途，须在授权允许的用途之内；保存的查询会记住用途"}},
      {.name = "param",
       .value_name = "NAME=VALUE",
       .help = {.en = "the text for :NAME in the statement; NAME:=VALUE for a number",
                .zh = "语句中 :NAME 的文本值；数值写作 NAME:=VALUE"},
       .may_repeat = true},
      {.name = "limit",
       .value_name = "N",
       .help = {.en = "at most so many rows; 0 is all, up to 1,000,000. Without it a table and "
                      "--json have 50, files all",
                .zh = "最多行数，0 为全部（至多 1000000 行）；默认表格和 --json 为 50 "
                      "行，文件格式为全部"}},
      format_option()};
  for (OptionSpec& one : file_options()) options.push_back(std::move(one));
  const std::vector<OptionSpec> more = {
      {.name = "schema", .help = {.en = "show the tables and columns", .zh = "列出表和列"}},
      {.name = "save",
       .value_name = "NAME",
       .help = {.en = "keep the statement under this name", .zh = "以此名称保存语句"}},
      {.name = "saved", .help = {.en = "list your saved queries", .zh = "列出保存的查询"}},
      {.name = "run",
       .value_name = "NAME",
       .help = {.en = "run a saved query", .zh = "运行保存的查询"}},
      {.name = "forget",
       .value_name = "NAME",
       .help = {.en = "remove a saved query", .zh = "删除保存的查询"}}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace

std::vector<Command> sql_commands() {
  return {
      {.name = "sql",
       .summary = {.en = "Ask the granted datasets in SQL", .zh = "用 SQL 查询"},
       .details = {.en = "Runs one SELECT. Each dataset that is granted for the purpose is a table "
                         "under its id; several in one statement need grants that name each other. "
                         "'-' reads the statement from standard input.",
                   .zh = "执行一条 SELECT。此用途下授权的每个数据集是一张以其标识命名的表；"
                         "一条语句使用多个数据集时，双方授权须互相写明。“-”从标准输入读取语句。"},
       .example = {.en =
                       "rootlet sql --schema --purpose address-lookup\n"
                       "rootlet sql \"SELECT substr(code,1,6) AS county, count(*) AS villages FROM "
                       "villages GROUP BY county\" --purpose address-lookup\n"
                       "rootlet sql 'SELECT * FROM villages WHERE name LIKE :part' --param "
                       "part=%社区% --purpose address-lookup --format xlsx --out villages.xlsx\n"
                       "rootlet sql 'SELECT count(*) FROM villages' --save village-count --purpose "
                       "address-lookup\n"
                       "rootlet sql --run village-count"},
       .positionals = {{.name = "STATEMENT", .is_optional = true}},
       .options = sql_options(),
       .run = with_settings(run_sql_command)}};
}

}  // namespace rootlet::agent
