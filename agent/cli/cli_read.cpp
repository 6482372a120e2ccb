// The commands that read: datasets, show, query, search, verify.
#include <limits>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/row_output.hpp"
#include "agent/cli/text/words.hpp"
#include "agent/cli/xlsx_output.hpp"
#include "config/output/message_text.hpp"
#include "config/output/pager.hpp"
#include "config/output/text_table.hpp"

namespace rootlet::agent {
namespace {

OptionSpec purpose_option() {
  return {.name = "purpose",
          .value_name = "P",
          .help = {.en = "what you need it for; `rootlet datasets` lists the purposes granted",
                   .zh = "用途，须在授权允许的用途之内，见 rootlet datasets"},
          .is_required = true};
}

OptionSpec limit_option() {
  return {.name = "limit",
          .value_name = "N",
          .help = {.en = "at most so many rows; 0 is all. Without it a table and --json have 50, "
                         "csv, jsonl and xlsx all",
                   .zh = "最多行数，0 为全部；默认表格和 --json 为 50 行，文件格式为全部"}};
}

OptionSpec columns_option() {
  return {.name = "columns",
          .value_name = "A,B",
          .help = {.en = "only these columns, by name or title, in this order",
                   .zh = "只输出这些列（列名或标题），按此顺序"}};
}

OptionSpec order_option() {
  return {.name = "order",
          .value_name = "A,B.desc",
          .help = {.en = "sort by these columns, by name or title; .desc sorts downwards",
                   .zh = "按这些列（列名或标题）排序；加 .desc 为降序"}};
}

// People read the first rows of a table; a file that is cut without being asked looks complete.
std::int64_t usual_limit(RowForm form) {
  constexpr std::int64_t kTableRows = 50;
  const bool is_file =
      form == RowForm::kCsv || form == RowForm::kJsonLines || form == RowForm::kXlsx;
  return is_file ? 0 : kTableRows;
}

// The arguments that all reading commands have.
Result<json::object> reading_args(const CommandRun& run, RowForm form) {
  const std::string purpose = run.arguments.value("purpose");
  if (purpose.empty()) return fail(ErrorCode::kUsage, "--purpose must not be empty");
  ROOTLET_TRY(const std::int64_t limit,
              run.arguments.number("limit", 0, std::numeric_limits<std::int64_t>::max(),
                                   usual_limit(form)));
  return json::object{{"purpose", purpose},
                      {"limit", limit},
                      {"columns", json_texts(run.arguments.list("columns"))}};
}

Result<int> stream(const CommandRun& run, std::string_view command, json::object args,
                   RowForm form) {
  ROOTLET_TRY(const std::unique_ptr<RowOutput> output, open_row_output(run, form));
  ROOTLET_TRY(const json::object done,
              AgentClient(run.context).call(command, std::move(args), *output));
  ROOTLET_TRY(output->finish(done));
  return 0;
}

Result<int> run_query(const CommandRun& run) {
  ROOTLET_TRY(const RowForm form, form_of(run, RowForm::kTable));
  ROOTLET_TRY(json::object args, reading_args(run, form));
  args["dataset"] = run.arguments.value("DATASET");
  args["where"] = json_texts(run.arguments.values("where"));
  args["order"] = json_texts(run.arguments.list("order"));
  args["count"] = form == RowForm::kTable || form == RowForm::kWide || form == RowForm::kCards;
  if (run.arguments.has("unmasked")) args["unmasked"] = true;
  return stream(run, "query", std::move(args), form);
}

Result<int> run_show(const CommandRun& run) {
  ROOTLET_TRY(const RowForm form, form_of(run, RowForm::kCards));
  ROOTLET_TRY(json::object args, reading_args(run, form));
  args["dataset"] = run.arguments.value("DATASET");
  args["key"] = run.arguments.value("KEY");
  if (run.arguments.has("reveal")) {
    args.erase("limit");
    args["column"] = run.arguments.value("reveal");
    return stream(run, "reveal", std::move(args), form);
  }
  args["limit"] = 0;
  return stream(run, "show", std::move(args), form);
}

Result<int> run_check(const CommandRun& run) {
  const std::string purpose = run.arguments.value("purpose");
  if (purpose.empty()) return fail(ErrorCode::kUsage, "--purpose must not be empty");
  json::object args{{"dataset", run.arguments.value("DATASET")},
                    {"key", run.arguments.value("KEY")},
                    {"purpose", purpose}};
  const std::string question = run.arguments.value("COLUMN=VALUE");
  if (!question.empty()) {
    const std::size_t equals = question.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return bad_input("\"" + question.substr(0, 80) + "\" does not have the form COLUMN=VALUE",
                       "COLUMN=VALUE");
    }
    args["column"] = question.substr(0, equals);
    args["value"] = question.substr(equals + 1);
  }
  ROOTLET_TRY(const json::object answer, call_service(run, "check", std::move(args)));
  const bool zh = run.output.is_chinese(), row = boolean_at(answer, "row");
  std::string text = zh ? "没有此主键的记录\n" : "There is no row of this key.\n";
  if (row && question.empty()) text = zh ? "有此主键的记录\n" : "There is a row of this key.\n";
  if (row && !question.empty()) {
    text = boolean_at(answer, "answer") ? (zh ? "是\n" : "yes\n") : (zh ? "否\n" : "no\n");
  }
  ROOTLET_TRY(run.output.report(answer, text));
  return 0;
}

// Records of this office that match, for the person at the terminal.
void note_own_records(const CliOutput& output, const json::object& own) {
  for (const json::value& value : array_at(own, "records")) {
    const json::object& record = value.get_object();
    std::string fields;
    for (const json::value& field : array_at(record, "fields")) {
      fields += (fields.empty() ? "" : ", ") + text_at(field.get_object(), "text");
    }
    output.note(text_at(record, "form") + ": " + fields + " (" +
                text_at(record, "words", output.language) + ": " + text_at(record, "id") + ")");
  }
}

Result<int> run_search(const CommandRun& run) {
  const RowForm form = run.output.json ? RowForm::kJson : RowForm::kTable;
  ROOTLET_TRY(json::object args, reading_args(run, form));
  args["text"] = run.arguments.value("TEXT");
  args["dataset"] = run.arguments.value("dataset");
  args["alike"] = run.arguments.has("alike");
  const std::unique_ptr<RowOutput> output = RowOutput::make(form, run.output);
  ROOTLET_TRY(const json::object done,
              AgentClient(run.context).call("search", std::move(args), *output));
  ROOTLET_TRY(output->finish(done));
  if (!run.output.json) note_own_records(run.output, object_at(done, "own_records"));
  return 0;
}

Result<int> run_datasets(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "datasets", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const bool zh = output.is_chinese();
  TextTable table(
      zh ? std::vector<std::string>{"数据集", "名称", "提供单位", "更新", "授权", "用途", "租期至"}
         : std::vector<std::string>{"dataset", "title", "provider", "update", "access", "purposes",
                                    "lease until"});
  for (const json::value& value : array_at(answer, "datasets")) {
    const json::object& one = value.get_object();
    const json::object& grant = object_at(one, "grant");
    const bool granted = boolean_at(one, "granted");
    table.add({text_at(one, "id"), text_at(one, "title", output.language),
               text_at(object_at(one, "provider"), "name", output.language),
               word_in(text_at(one, "update"), output.language),
               granted ? with_terms(text_at(grant, "access"), grant, output.language)
                       : word_in(text_at(one, "sharing"), output.language),
               granted ? joined(array_at(grant, "purposes")) : text_at(one, "reason"),
               text_at(grant, "lease_until")});
  }
  if (table.empty()) {
    output.note(zh ? "目录还没有到达，请运行 rootlet sync"
                   : "The catalogue has not arrived yet: run rootlet sync");
    return 0;
  }
  const Pager pager(output);
  ROOTLET_TRY(output.print(table));
  return 0;
}

std::string verdict_text(const json::object& one, bool zh) {
  const json::object& error = object_at(one, "error");
  if (!error.empty()) {
    const Language language = zh ? Language::kChinese : Language::kEnglish;
    return text_at(one, "id") + ": " + error_text(error_from_json(error), language) + "\n";
  }
  std::string bad;
  for (const json::value& stream : array_at(one, "streams")) {
    if (boolean_at(stream.get_object(), "equal")) continue;
    bad += (bad.empty() ? "" : ", ") + text_at(stream.get_object(), "partition");
  }
  return text_at(one, "id") + ": " + std::to_string(array_at(one, "streams").size()) +
         (zh ? " 个分区，" : " streams, ") + text_at(one, "rows") + (zh ? " 行，" : " rows, ") +
         (bad.empty() ? (zh ? "与签名的摘要一致" : "equal to what was signed")
                      : (zh ? "不一致：" : "NOT EQUAL: ") + bad) +
         "\n";
}

// The first error of a file that could not be verified; else 4 if rows differ.
int verify_exit_code(const json::object& answer) {
  json::array all = array_at(answer, "datasets");
  all.push_back(object_at(answer, "directory"));
  for (const json::value& one : all) {
    const json::object& error = object_at(one.get_object(), "error");
    if (!error.empty()) return exit_code_of(error_from_json(error).code);
  }
  return boolean_at(answer, "equal") ? 0 : exit_code_of(ErrorCode::kUntrusted);
}

Result<int> run_verify(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "verify", {{"dataset", run.arguments.value("DATASET")}}));
  const CliOutput& output = run.output;
  const int exit_code = verify_exit_code(answer);
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return exit_code;
  }
  const bool zh = output.is_chinese();
  std::string text;
  if (!object_at(answer, "directory").empty()) {
    text += verdict_text(object_at(answer, "directory"), zh);
  }
  for (const json::value& value : array_at(answer, "datasets")) {
    text += verdict_text(value.get_object(), zh);
  }
  ROOTLET_TRY(output.print(text));
  if (exit_code != 0) {
    output.note(
        zh ? "与签名不一致或已损坏的部分已做标记，下次同步会重新下载：请运行 rootlet sync"
           : "What differs or is damaged is marked, and the next sync fetches it again: run "
             "rootlet sync");
  }
  return exit_code;
}

Command datasets_command() {
  return {
      .name = "datasets",
      .summary = {.en = "Show the catalogue and what is granted", .zh = "目录与授权"},
      .details = {.en = "Lists the catalogue: the provider of each dataset, whether this office "
                        "may read it, for which purposes and until when.",
                  .zh = "列出目录：数据集、提供单位、是否授权、允许的用途和租期。"},
      .example = {.en = "rootlet datasets"},
      .run = with_settings(run_datasets)};
}

Command show_command() {
  return {
      .name = "show",
      .summary = {.en = "Show one row by its key", .zh = "按主键查看一行"},
      .details = {.en = "Shows the row with this key. The parts of a key of several columns are "
                        "separated by commas; quote a part that contains one.",
                  .zh = "按主键显示一行。多列主键用逗号分隔，值中含逗号时加双引号。"},
      .example = {.en = "rootlet show villages 330402001001 --purpose address-lookup"},
      .positionals = {{.name = "DATASET"}, {.name = "KEY"}},
      .options = {purpose_option(),
                  {.name = "reveal",
                   .value_name = "COLUMN",
                   .help = {.en = "show the value of this masked column in full; the ledger says "
                                  "who looked at which row",
                            .zh = "完整显示此列被遮蔽的值；台账会记录何人查看了哪一行"}},
                  columns_option(),
                  format_option(),
                  file_options()[0],
                  file_options()[1]},
      .run = with_settings(run_show)};
}

Command check_command() {
  return {
      .name = "check",
      .summary = {.en = "Ask whether a row has a value: yes or no", .zh = "核验：某行的值是否相符"},
      .details = {.en =
                      "Answers whether there is a row of this key and, with COLUMN=VALUE, whether "
                      "its column has this value; an empty value asks whether it is empty. No "
                      "value is shown, so a grant of mode verify allows it.",
                  .zh = "核验是否有此主键的记录；给出 COLUMN=VALUE 时核验该列是否为此值，"
                        "值为空则核验是否为空。不显示任何值，verify 方式的授权即可使用。"},
      .example = {.en =
                      "rootlet check villages 330402001001 name=Xinfeng --purpose address-lookup"},
      .positionals = {{.name = "DATASET"},
                      {.name = "KEY"},
                      {.name = "COLUMN=VALUE", .is_optional = true}},
      .options = {purpose_option()},
      .run = with_settings(run_check)};
}

Command query_command() {
  return {
      .name = "query",
      .summary = {.en = "Show the rows of a dataset that satisfy conditions", .zh = "按条件查询"},
      .details = {.en =
                      "Reads the rows that satisfy every condition. Operators: eq neq gt gte lt "
                      "lte like ilike in is, each also after not.; '*' in like is any text. "
                      "A column is named by its name or title. More than 1000 rows are an export, "
                      "which the grant must allow.",
                  .zh = "查询。多个条件同时满足。运算符：eq neq gt gte lt lte like ilike in is，"
                        "前面可加 not.；like 中 * 代表任意文字。列可用列名或标题。"
                        "超过 1000 行属于导出，须有导出授权。"},
      .example = {.en = "rootlet query villages --where 'code=like.330402*' --purpose "
                        "address-lookup\n"
                        "rootlet query villages --where 'code=in.(330402001001,330402001002)' "
                        "--columns code,name --purpose address-lookup\n"
                        "rootlet query villages --order name.desc --limit 10 --purpose "
                        "address-lookup\n"
                        "rootlet query villages --where 'code=like.330402*' --format csv "
                        "--purpose address-lookup >villages.csv"},
      .positionals = {{.name = "DATASET"}},
      .options = {{.name = "where",
                   .value_name = "FILTER",
                   .help = {.en = "a condition, column=operator.value", .zh = "条件：列=运算符.值"},
                   .may_repeat = true},
                  order_option(),
                  limit_option(),
                  {.name = "unmasked",
                   .help = {.en = "show masked values in full: an export, which the grant must "
                                  "allow",
                            .zh = "完整显示被遮蔽的值；属于导出，须有导出授权"}},
                  columns_option(),
                  format_option(),
                  file_options()[0],
                  file_options()[1],
                  purpose_option()},
      .run = with_settings(run_query)};
}

Command search_command() {
  return {
      .name = "search",
      .summary = {.en = "Find rows that contain a text", .zh = "按文字搜索"},
      .details = {.en = "Looks for TEXT in the search columns of every dataset that is granted for "
                        "the purpose; --limit counts for each. Words separated by blanks must all "
                        "match. Pinyin finds characters: wangxiaoming, wxm and wangxm find "
                        "王小明. Four or more digits are found inside codes.",
                  .zh =
                      "在授权数据集的检索列中查找文字，--limit 按数据集计。空格分开的词须同时出现。"
                      "拼音可找汉字：wangxiaoming、wxm、wangxm 均可找到 王小明。"
                      "四位以上数字可在代码中间找到。"},
      .example = {.en = "rootlet search 社区 --purpose address-lookup\n"
                        "rootlet search wxm --purpose address-lookup"},
      .positionals = {{.name = "TEXT"}},
      .options = {{.name = "dataset",
                   .value_name = "D",
                   .help = {.en = "only in this dataset", .zh = "只在此数据集中"}},
                  {.name = "alike",
                   .help = {.en = "pinyin that sounds alike finds too: z zh, c ch, s sh, n l, an "
                                  "ang, en eng, in ing",
                            .zh = "模糊音：z zh、c ch、s sh、n l、an ang、en eng、in ing 不区分"}},
                  limit_option(),
                  columns_option(),
                  purpose_option()},
      .run = with_settings(run_search)};
}

Command verify_command() {
  return {
      .name = "verify",
      .summary = {.en = "Compare the rows with what was signed", .zh = "核对数据与签名摘要"},
      .details = {.en = "Recomputes the digest of every stream from its rows and compares it with "
                        "the signed one. Exit 4 if any differs.",
                  .zh = "由数据行重新计算各分区摘要，并与签名的摘要比较；不一致时退出码为 4。"},
      .example = {.en = "rootlet verify villages"},
      .positionals = {{.name = "DATASET", .is_optional = true}},
      .run = with_settings(run_verify)};
}

}  // namespace

std::vector<Command> read_commands() {
  return {datasets_command(), show_command(),   check_command(),
          query_command(),    search_command(), verify_command()};
}

}  // namespace rootlet::agent
