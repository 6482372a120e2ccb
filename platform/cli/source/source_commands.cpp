// The commands that keep source files.
#include "platform/cli/source/source_commands.hpp"

#include "config/output/readable.hpp"
#include "core/encoding/text_file.hpp"
#include "core/limits.hpp"
#include "platform/cli/source/source_text.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

Status run_set(const CommandRun& run) {
  const std::string dataset = run.arguments.value("DATASET");
  const fs::path path = run.arguments.value("FILE");
  // Read before root becomes the realm's owner, who may not be allowed to read it.
  ROOTLET_TRY(const PlainText file, read_plain_text(path, limits::kDefinitionBytes));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  ROOTLET_TRY(const SourceFile next,
              SourceFile::parse(file.text, definition, path.filename().string()));
  if (!run.arguments.has("leave-slot")) {
    ROOTLET_TRY(release_slot(realm.registry(), dataset, &next));
  }
  ROOTLET_TRY(set_source(realm, dataset, file.text, path.filename().string(), run.now()));
  ROOTLET_TRY(const ScheduledSource source, load_scheduled_source(realm.registry(), dataset));
  return run.output.report(
      json_source(source, run.now()),
      run.output.words({.en = "Dataset " + dataset +
                              " is published from its source by itself from now on. Try it: "
                              "rootlet-platform publish " +
                              dataset + " --scheduled\n",
                        .zh = "数据集 " + dataset +
                              " 今后按来源文件自动发布。可先试一次：rootlet-platform publish " +
                              dataset + " --scheduled\n"}));
}

Status run_show(const CommandRun& run) {
  const std::string dataset = run.arguments.value("DATASET");
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const ScheduledSource source, load_scheduled_source(realm.registry(), dataset));
  ROOTLET_TRY(const std::optional<Registry::Source> held, realm.registry().source(dataset));
  ROOTLET_TRY(json::value file, parse_json(held->file, "source file"));
  json::object object = json_source(source, run.now());
  const std::string text = pretty_json(file) + pretty_json(object);
  object["file"] = std::move(file);
  return run.output.report(object, text);
}

Status run_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<Registry::Source> all, realm.registry().sources());
  json::array list;
  TextTable table =
      table_of(run.output, {"DATASET", "STATE", "LAST SUCCESS", "NEXT", "LAG", "ERROR"},
               {"数据集", "状态", "上次成功", "下次", "积压", "错误"});
  for (const Registry::Source& held : all) {
    const Result<ScheduledSource> loaded = load_scheduled_source(realm.registry(), held.dataset);
    if (loaded.has_error()) {
      table.add({held.dataset, "unreadable", "-", "-", "-", loaded.error().message});
      list.push_back(json::object{
          {"dataset", held.dataset}, {"state", "unreadable"}, {"error", loaded.error().message}});
      continue;
    }
    const ScheduledSource& source = loaded.value();
    const auto& succeeded = source.health.succeeded;
    table.add({source.dataset, std::string(state_of(source, run.now())),
               succeeded.has_value() ? format_time(*succeeded) : "-",
               format_time(next_due(source.file, source.health)),
               source.file.follow.has_value() ? format_bytes(source.health.lag_bytes) : "-",
               source.health.error});
    list.push_back(json_source(source, run.now()));
  }
  return run.output.report(json::object{{"sources", std::move(list)}}, table,
                           "No source file yet: rootlet-platform dataset source set DATASET "
                           "FILE.json\n");
}

Status run_remove(const CommandRun& run) {
  const std::string dataset = run.arguments.value("DATASET");
  ROOTLET_TRY(Realm realm, run.open_realm());
  if (!run.arguments.has("leave-slot")) {
    ROOTLET_TRY(release_slot(realm.registry(), dataset));
  }
  ROOTLET_TRY(const bool was_there, realm.registry().remove_source(dataset));
  if (!was_there) {
    return fail(ErrorCode::kUsage, "dataset " + dataset + " has no source file");
  }
  return run.output.report(
      json::object{{"dataset", dataset}, {"removed", true}},
      run.output.words({.en = "Dataset " + dataset +
                              " is published by hand from now on; what is published stays.\n",
                        .zh = "数据集 " + dataset + " 今后手工发布，已发布的数据不变。\n"}));
}

OptionSpec leave_slot_option() {
  return {.name = "leave-slot",
          .help = {.en = "of a table that was followed: do not drop its replication slot, because "
                         "the server is gone",
                   .zh = "对跟随复制的表：服务器已不在时，不删除其复制槽"}};
}

}  // namespace

std::vector<Command> source_commands() {
  return {
      {.name = "dataset source set",
       .summary = {.en = "Say where a dataset's rows come from, and when",
                   .zh = "设置数据集的来源文件：从何处取数、何时发布"},
       .details = {.en = "FILE is JSON: \"from\" as publish takes it, \"columns\", \"codes\", "
                         "\"when\" and more (docs/FORMATS.md, \"Source files\"). From then on "
                         "\"publish --due\" publishes the dataset, which the package's timer runs "
                         "each minute.",
                   .zh = "FILE 为 JSON：from（同 publish 的 --from）、columns、codes、when 等，"
                         "见 docs/FORMATS.md。此后由 publish --due 按时发布，"
                         "软件包的定时器每分钟运行一次。"},
       .example = {.en = "rootlet-platform dataset source set villages villages.source.json"},
       .positionals = {{.name = "DATASET"}, {.name = "FILE", .type = ValueType::kFile}},
       .options = {leave_slot_option()},
       .run = with_clock(run_set)},
      {.name = "dataset source show",
       .summary = {.en = "Show a source file, and how its publishes went",
                   .zh = "查看来源文件及其发布情况"},
       .example = {.en = "rootlet-platform dataset source show villages"},
       .positionals = {{.name = "DATASET"}},
       .run = with_clock(run_show)},
      {.name = "dataset source list",
       .summary = {.en = "Show all datasets with a source file: state, last success, next publish",
                   .zh = "列出所有来源文件：状态、上次成功、下次发布"},
       .example = {.en = "rootlet-platform dataset source list"},
       .run = with_clock(run_list)},
      {.name = "dataset source remove",
       .summary = {.en = "Publish a dataset by hand again", .zh = "取消来源文件，改回手工发布"},
       .example = {.en = "rootlet-platform dataset source remove villages"},
       .positionals = {{.name = "DATASET"}},
       .options = {leave_slot_option()},
       .run = with_clock(run_remove)}};
}

}  // namespace rootlet::platform
