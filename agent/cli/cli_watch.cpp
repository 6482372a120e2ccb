// The commands of watches.
#include "agent/cli/cli.hpp"
#include "agent/cli/text/words.hpp"
#include "config/output/pager.hpp"
#include "config/output/text_table.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::int64_t kHitsShown = 200;

Positional name_of_watch() {
  return {.name = "NAME"};
}

std::string joined_filters(const json::object& watch) {
  std::string out;
  for (const json::value& filter : array_at(watch, "where")) {
    out += (out.empty() ? "" : " ") + std::string(filter.as_string());
  }
  return out;
}

Result<int> add(const CommandRun& run) {
  json::array filters;
  for (const std::string& filter : run.arguments.values("where")) {
    filters.push_back(json::string(filter));
  }
  ROOTLET_TRY(const json::object answer, call_service(run, "watch-add",
                                                      {{"name", run.arguments.value("NAME")},
                                                       {"dataset", run.arguments.value("DATASET")},
                                                       {"purpose", run.arguments.value("purpose")},
                                                       {"where", std::move(filters)}}));
  const std::string name = text_at(answer, "name");
  ROOTLET_TRY(run.output.report(
      answer, run.output.is_chinese()
                  ? "已关注 " + name + "：以后每次同步带来的变化见 rootlet watch\n"
                  : "Watching " + name + ": `rootlet watch` shows what the next syncs bring\n"));
  return 0;
}

Result<int> list(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, "watch-list", {}));
  const CliOutput& output = run.output;
  const bool zh = output.is_chinese();
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  if (array_at(answer, "watches").empty()) {
    output.note(zh ? "还没有关注，用 rootlet watch add 添加"
                   : "There are no watches: `rootlet watch add` makes one");
    return 0;
  }
  TextTable table(
      zh ? std::vector<std::string>{"名称", "数据集", "新增", "变化", "消失", "条件"}
         : std::vector<std::string>{"name", "dataset", "new", "changed", "vanished", "conditions"});
  for (const json::value& value : array_at(answer, "watches")) {
    const json::object& watch = value.get_object();
    const std::string ended = zh ? "（目前无权查看）" : "(not permitted now)";
    table.add({text_at(watch, "name"), text_at(watch, "dataset"), text_at(watch, "new"),
               text_at(watch, "changed"), text_at(watch, "vanished"),
               boolean_at(watch, "permitted") ? joined_filters(watch) : ended});
  }
  ROOTLET_TRY(output.print(table.text(output.out_width)));
  return 0;
}

Text kind_words(const std::string& kind) {
  if (kind == "new") return {.en = "new", .zh = "新增"};
  if (kind == "changed") return {.en = "changed", .zh = "变化"};
  return {.en = "vanished", .zh = "消失"};
}

std::string row_words(const json::object& hit) {
  const json::value* row = hit.if_contains("row");
  std::string out;
  if (row == nullptr || !row->is_object()) return out;
  for (const auto& [name, value] : row->get_object()) {
    if (value.is_null()) continue;
    out += (out.empty() ? "" : " · ") +
           (value.is_string() ? std::string(value.get_string()) : json::serialize(value));
  }
  return out;
}

std::string key_words(const json::object& hit) {
  std::string out;
  for (const json::value& cell : array_at(hit, "key")) {
    out += (out.empty() ? "" : ",") +
           (cell.is_string() ? std::string(cell.get_string()) : json::serialize(cell));
  }
  return out;
}

Result<int> show(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer,
              call_service(run, "watch-show",
                           {{"name", run.arguments.value("NAME")}, {"limit", kHitsShown}}));
  const CliOutput& output = run.output;
  const bool zh = output.is_chinese();
  if (output.json) {
    ROOTLET_TRY(output.print_json(answer));
    return 0;
  }
  TextTable table(zh ? std::vector<std::string>{"变化", "主键", "现在的内容"}
                     : std::vector<std::string>{"what", "key", "the row now"});
  for (const json::value& value : array_at(answer, "hits")) {
    const json::object& hit = value.get_object();
    table.add({output.words(kind_words(text_at(hit, "kind"))), key_words(hit), row_words(hit)});
  }
  const Pager pager(output);
  ROOTLET_TRY(output.print(table.text(output.out_width)));
  if (boolean_at(answer, "more")) {
    output.note(zh ? "只显示前 " + std::to_string(kHitsShown) + " 条，还有更多"
                   : "More than " + std::to_string(kHitsShown) + " are there; these are the first");
  }
  return 0;
}

template <bool kRemove>
Result<int> forget(const CommandRun& run) {
  ROOTLET_TRY(const json::object answer, call_service(run, kRemove ? "watch-remove" : "watch-seen",
                                                      {{"name", run.arguments.value("NAME")}}));
  const std::string name = text_at(answer, "name");
  const Text done =
      kRemove ? Text{.en = "The watch " + name + " has ended\n", .zh = "已取消关注 " + name + "\n"}
              : Text{.en = name + ": seen\n", .zh = name + "：已阅\n"};
  ROOTLET_TRY(run.output.report(answer, run.output.words(done)));
  return 0;
}

}  // namespace

std::vector<Command> watch_commands() {
  return {
      {.name = "watch list",
       .summary = {.en = "Show what syncs brought for your watches", .zh = "查看关注的变化"},
       .details =
           {.en = "A watch is a saved query. The list counts the rows that are new, changed "
                  "or vanished among its matches since you last looked.",
            .zh = "关注是保存的查询。列表给出上次查看以来符合条件的行中新增、变化和消失的数量。"},
       .example = {.en = "rootlet watch list"},
       .is_default = true,
       .run = with_settings(list)},
      {.name = "watch add",
       .summary = {.en = "Watch the rows that satisfy conditions", .zh = "关注符合条件的行"},
       .details =
           {.en = "From the next sync on, counts what changes among the rows that satisfy "
                  "every condition (as for query). Only rows of your own grants; never a "
                  "score.",
            .zh = "从下次同步起，统计符合全部条件（同 query）的行的变化。只涉及本机构获准的数据。"},
       .example = {.en = "rootlet watch add new-villages villages --where 'code=like.330402*' "
                         "--purpose address-lookup"},
       .positionals = {name_of_watch(), {.name = "DATASET"}},
       .options = {{.name = "where",
                    .value_name = "FILTER",
                    .help = {.en = "a condition: column=operator.value",
                             .zh = "条件：列=运算符.值"},
                    .may_repeat = true},
                   {.name = "purpose",
                    .value_name = "P",
                    .help = {.en = "why the data is read", .zh = "用途"},
                    .is_required = true}},
       .run = with_settings(add)},
      {.name = "watch show",
       .summary = {.en = "Show the rows that a watch found", .zh = "查看一项关注的变化明细"},
       .details = {.en =
                       "Lists what changed since you last looked, with each row as it is now. The "
                       "ledger has each row that was shown.",
                   .zh = "列出上次查看以来的变化及各行现在的内容。台账记录显示过的每一行。"},
       .example = {.en = "rootlet watch show new-villages"},
       .positionals = {name_of_watch()},
       .run = with_settings(show)},
      {.name = "watch seen",
       .summary = {.en = "Mark what a watch found as seen", .zh = "标记为已阅"},
       .details = {.en = "The watch counts anew from here.", .zh = "此后重新统计。"},
       .example = {.en = "rootlet watch seen new-villages"},
       .positionals = {name_of_watch()},
       .run = with_settings(forget<false>)},
      {.name = "watch remove",
       .summary = {.en = "End a watch", .zh = "取消关注"},
       .details = {.en = "Forgets the query and what it found.", .zh = "删除该查询及其结果。"},
       .example = {.en = "rootlet watch remove new-villages"},
       .positionals = {name_of_watch()},
       .run = with_settings(forget<true>)},
  };
}

}  // namespace rootlet::agent
