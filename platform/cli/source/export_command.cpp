// The command `dataset export`.
#include "core/format/json_values.hpp"
#include "platform/cli/source/source_commands.hpp"
#include "platform/exports/export_dataset.hpp"

namespace rootlet::platform {
namespace {

Text words_of(const std::string& dataset, const ExportReport& report) {
  const auto text = [](std::uint64_t number) { return std::to_string(number); };
  const std::string version = text(report.version);
  const bool is_whole = !report.since.has_value();
  if (report.since == report.version) {
    return {.en = dataset + " version " + version + " was exported before; nothing was written.\n",
            .zh = dataset + " 版本 " + version + " 已导出过，未写入任何内容。\n"};
  }
  return {
      .en = dataset + " version " + version +
            (is_whole ? ", all rows: " : ", changes since version " + text(*report.since) + ": ") +
            text(report.inserted) + " I, " + text(report.updated) + " U, " + text(report.deleted) +
            " D.\n",
      .zh = dataset + " 版本 " + version +
            (is_whole ? "，全量：" : "，自版本 " + text(*report.since) + " 以来的变更：") +
            text(report.inserted) + " I，" + text(report.updated) + " U，" + text(report.deleted) +
            " D。\n"};
}

Status run_export(const CommandRun& run) {
  const std::string dataset = run.arguments.value("DATASET");
  Result<SourceAddress> to = parse_source_address(run.arguments.value("to"));
  if (to.has_error()) {
    to.error().field = "to";
    return to.error();
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const ExportReport report, export_dataset(realm, dataset, to.value(), run.now()));
  json::object object{{"dataset", dataset},
                      {"version", json_count(report.version)},
                      {"since", nullptr},
                      {"inserted", json_count(report.inserted)},
                      {"updated", json_count(report.updated)},
                      {"deleted", json_count(report.deleted)}};
  if (report.since.has_value()) object["since"] = json_count(*report.since);
  return run.output.report(object, run.output.words(words_of(dataset, report)));
}

}  // namespace

std::vector<Command> export_commands() {
  return {
      {.name = "dataset export",
       .summary = {.en = "Write what is published, then its changes, into an exchange table",
                   .zh = "将已发布的数据及此后的变更写入前置库交换表"},
       .details = {.en = "In one transaction: all rows the first time, the changes since the last "
                         "export from then on, each with exchange_op, exchange_version and "
                         "exchange_time. The table is made if it is missing. It holds columns of "
                         "all grades: who may read it is up to its database.",
                   .zh = "在一个事务中写入：首次为全量，以后为上次导出以来的变更，每行带 "
                         "exchange_op、exchange_version 和 exchange_time。表不存在时自动创建。"
                         "其中含所有级别的列，访问权限由该数据库控制。"},
       .example = {.en = "rootlet-platform dataset export villages --to "
                         "'postgres:service=front?table=villages_exchange'"},
       .positionals = {{.name = "DATASET"}},
       .options = {{.name = "to",
                    .value_name = "ADDRESS",
                    .help = {.en = "postgres://USER@HOST/DATABASE?table=NAME",
                             .zh = "postgres://用户@主机/库?table=表名"},
                    .is_required = true}},
       .run = with_clock(run_export)}};
}

}  // namespace rootlet::platform
