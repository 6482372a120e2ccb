// The commands that read: datasets, show, query, search, verify.
#include <unistd.h>

#include <charconv>

#include "agent/cli/agent_client.hpp"
#include "agent/cli/cli.hpp"
#include "agent/cli/row_output.hpp"
#include "config/cli/table_text.hpp"

namespace rootlet::agent {
namespace {

OptionSpec purpose_option() {
  return {.name = "purpose",
          .kind = OptionSpec::Kind::kValue,
          .value_name = "P",
          .help = {.en = "what you need it for; the grant lists the purposes it allows",
                   .zh = "用途，须在授权允许的用途之内"}};
}

OptionSpec limit_option() {
  return {.name = "limit",
          .kind = OptionSpec::Kind::kValue,
          .value_name = "N",
          .help = {.en = "rows at most, 50 unless given; 0 is all",
                   .zh = "最多行数，默认 50；0 为全部"}};
}

OptionSpec columns_option() {
  return {.name = "columns",
          .kind = OptionSpec::Kind::kValue,
          .value_name = "A,B",
          .help = {.en = "only these columns, in this order", .zh = "只输出这些列，按此顺序"}};
}

OptionSpec format_option() {
  return {.name = "format",
          .kind = OptionSpec::Kind::kValue,
          .value_name = "FORM",
          .help = {.en = "table, csv or jsonl", .zh = "table、csv 或 jsonl"}};
}

Result<std::int64_t> limit_of(const Arguments& arguments) {
  const std::string text = arguments.value("limit", "50");
  std::int64_t limit = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, limit);
  if (failed != std::errc() || rest != end || limit < 0) {
    return fail(ErrorCode::kUsage, "--limit " + text + ": a whole number, 0 for all");
  }
  return limit;
}

Result<std::string> purpose_of(const Arguments& arguments) {
  std::string purpose = arguments.value("purpose");
  if (!purpose.empty()) return purpose;
  return fail(ErrorCode::kUsage,
              "--purpose P is missing: every read names what it is for; `rootlet datasets` lists "
              "the purposes that are granted");
}

json::array split_columns(const std::string& list) {
  json::array out;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) out.push_back(json::string(list.substr(at, comma - at)));
    at = comma + 1;
  }
  return out;
}

// The arguments that all reading commands have.
Result<json::object> reading_args(const CommandRun& run) {
  ROOTLET_TRY(const std::string purpose, purpose_of(run.arguments));
  ROOTLET_TRY(const std::int64_t limit, limit_of(run.arguments));
  return json::object{{"purpose", purpose},
                      {"limit", limit},
                      {"columns", split_columns(run.arguments.value("columns"))}};
}

Result<RowForm> form_of(const CommandRun& run, RowForm fallback) {
  if (run.output.json) return RowForm::kJson;
  if (!run.arguments.has("format")) return fallback;
  return row_form_named(run.arguments.value("format"));
}

Result<int> stream(const CommandRun& run, std::string_view command, json::object args,
                   RowForm form) {
  const std::unique_ptr<RowOutput> output = RowOutput::make(form, run.output);
  ROOTLET_TRY(const json::object done,
              AgentClient(run.context).call(command, std::move(args), *output));
  ROOTLET_TRY(output->finish(done));
  return 0;
}

Result<int> run_query(const CommandRun& run) {
  ROOTLET_TRY(json::object args, reading_args(run));
  ROOTLET_TRY(const RowForm form, form_of(run, RowForm::kTable));
  const std::vector<std::string> filters = run.arguments.values("where");
  args["dataset"] = run.word(0);
  args["where"] = json::array(filters.begin(), filters.end());
  return stream(run, "query", std::move(args), form);
}

Result<int> run_show(const CommandRun& run) {
  ROOTLET_TRY(json::object args, reading_args(run));
  args["dataset"] = run.word(0);
  args["key"] = run.word(1);
  args["limit"] = 0;
  ROOTLET_TRY(const RowForm form, form_of(run, RowForm::kCards));
  return stream(run, "show", std::move(args), form);
}

Result<int> run_search(const CommandRun& run) {
  ROOTLET_TRY(json::object args, reading_args(run));
  args["text"] = run.word(0);
  args["dataset"] = run.arguments.value("dataset");
  return stream(run, "search", std::move(args), run.output.json ? RowForm::kJson : RowForm::kTable);
}

Result<int> run_datasets(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "datasets", {}));
  const CliOutput& output = run.output;
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  const bool zh = output.language == Language::kChinese;
  TextTable table(
      zh ? std::vector<std::string>{"数据集", "名称", "提供单位", "更新", "授权", "用途", "租期至"}
         : std::vector<std::string>{"dataset", "title", "provider", "update", "access", "purposes",
                                    "lease until"});
  for (const json::value& value : array_at(answer, "datasets")) {
    const json::object& one = value.get_object();
    const json::object& grant = object_at(one, "grant");
    const bool granted = boolean_at(one, "granted");
    table.add({text_at(one, "id"), text_at(one, "title", output.language),
               text_at(object_at(one, "provider"), "name", output.language), text_at(one, "update"),
               granted ? text_at(grant, "access") : text_at(one, "sharing"),
               granted ? joined(array_at(grant, "purposes")) : text_at(one, "reason"),
               text_at(grant, "lease_until")});
  }
  if (table.empty()) {
    output.tell(zh ? "目录还没有到达，请运行 rootlet sync"
                   : "The catalogue has not arrived yet: run rootlet sync");
    return 0;
  }
  ROOTLET_TRY(output.print(table.text(terminal_width(STDOUT_FILENO))));
  return 0;
}

Result<int> run_verify(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "verify", {{"dataset", run.words() > 0 ? run.word(0) : ""}}));
  const CliOutput& output = run.output;
  const bool equal = boolean_at(answer, "equal");
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return equal ? 0 : exit_code_of(ErrorCode::kUntrusted);
  }
  const bool zh = output.language == Language::kChinese;
  for (const json::value& value : array_at(answer, "datasets")) {
    const json::object& one = value.get_object();
    std::string bad;
    for (const json::value& stream : array_at(one, "streams")) {
      if (boolean_at(stream.get_object(), "equal")) continue;
      bad += (bad.empty() ? "" : ", ") + text_at(stream.get_object(), "partition");
    }
    const std::string figures =
        text_at(one, "id") + ": " + std::to_string(array_at(one, "streams").size()) +
        (zh ? " 个分区，" : " streams, ") + text_at(one, "rows") + (zh ? " 行，" : " rows, ");
    const std::string verdict = bad.empty() ? (zh ? "与签名的摘要一致" : "equal to what was signed")
                                            : (zh ? "不一致：" : "NOT EQUAL: ") + bad;
    ROOTLET_TRY(output.print(figures + verdict + "\n"));
  }
  if (equal) return 0;
  return fail(
      ErrorCode::kUntrusted,
      "the rows of some streams are not those that were signed; the next sync repairs them");
}

}  // namespace

std::vector<Command> read_commands() {
  return {
      {"datasets",
       "",
       {.en = "the catalogue, and what is granted", .zh = "目录与授权"},
       {.en = "Lists the catalogue: whose each dataset is, whether this office may read it, for "
              "which purposes and\nuntil when.",
        .zh = "列出目录：数据集、提供单位、是否授权、允许的用途和租期。"},
       {json_option()},
       0,
       0,
       run_datasets},
      {"show",
       "DATASET KEY --purpose P",
       {.en = "one row by its key", .zh = "按主键查看一行"},
       {.en =
            "Shows the row with this key. A key of several columns is written with commas; quote a "
            "value that holds one.\n\n  rootlet show villages 330402001001 --purpose "
            "address-lookup",
        .zh =
            "按主键显示一行。多列主键用逗号分隔，值中含逗号时加双引号。\n\n  rootlet show villages "
            "330402001001 --purpose address-lookup"},
       {purpose_option(), columns_option(), format_option(), json_option()},
       2,
       2,
       run_show},
      {"query",
       "DATASET [--where 'column=op.value']… --purpose P",
       {.en = "rows of a dataset, filtered", .zh = "按条件查询"},
       {.en =
            "Reads rows. Conditions are joined by AND. Operators: eq neq gt gte lt lte like ilike "
            "in is, and not. before any;\n'*' in like stands for any text.\n\n  rootlet query "
            "villages --where 'code=like.330402*' --purpose address-lookup\n  rootlet query "
            "villages --where 'code=in.(330402001001,330402001002)' --columns code,name "
            "--purpose address-lookup\n  rootlet query villages --limit 0 --format csv --purpose "
            "address-lookup >villages.csv",
        .zh = "查询。多个条件同时满足。运算符：eq neq gt gte lt lte like ilike in is，前面可加 "
              "not.；like 中 * 代表任意文字。\n\n  rootlet query villages --where "
              "'code=like.330402*' --purpose address-lookup\n  rootlet query villages --limit 0 "
              "--format csv --purpose address-lookup >villages.csv"},
       {{.name = "where",
         .kind = OptionSpec::Kind::kList,
         .value_name = "FILTER",
         .help = {.en = "a condition, column=operator.value", .zh = "条件：列=运算符.值"}},
        limit_option(),
        columns_option(),
        format_option(),
        purpose_option(),
        json_option()},
       1,
       1,
       run_query},
      {"search",
       "TEXT [--dataset D] --purpose P",
       {.en = "rows that hold a text", .zh = "按文字搜索"},
       {.en = "Looks for TEXT inside the search columns of every dataset that is granted for the "
              "purpose.\n\n  rootlet search 王小明 --purpose verification",
        .zh = "在授权数据集的检索列中查找文字。\n\n  rootlet search 王小明 --purpose verification"},
       {{.name = "dataset",
         .kind = OptionSpec::Kind::kValue,
         .value_name = "D",
         .help = {.en = "only in this dataset", .zh = "只在此数据集中"}},
        limit_option(),
        columns_option(),
        purpose_option(),
        json_option()},
       1,
       1,
       run_search},
      {"verify",
       "[DATASET]",
       {.en = "do rows equal what was signed?", .zh = "核对数据与签名摘要"},
       {.en = "Recomputes the digests of every stream from its rows and compares them with those "
              "that were signed. Exit 4 if any\ndiffers.",
        .zh = "由数据行重新计算各分区摘要，并与签名的摘要比较；不一致时退出码为 4。"},
       {json_option()},
       0,
       1,
       run_verify},
  };
}

}  // namespace rootlet::agent
