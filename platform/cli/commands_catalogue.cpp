// The commands dataset and form.
#include <algorithm>

#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/format/json_position.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/office/catalogue.hpp"
#include "platform/office/withdrawal.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet::platform {
namespace {

std::string_view name_of_sharing(SharingAttribute sharing) {
  switch (sharing) {
    case SharingAttribute::kConditional:
      return "conditional";
    case SharingAttribute::kNotShared:
      return "not_shared";
    case SharingAttribute::kUnconditional:
      break;
  }
  return "unconditional";
}

// Digests add up: the sum mod 2^256 of little-endian numbers.
Hash256 sum_of(const Hash256& a, const Hash256& b) {
  Hash256 sum{};
  unsigned carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    carry += static_cast<unsigned>(a[i]) + b[i];
    sum[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return sum;
}

struct DatasetTotals {
  std::uint64_t rows = 0, bytes = 0, packs = 0;
  Hash256 digest{};
  std::vector<StreamEntry> streams;
};

// Over the partitions in one of `divisions`; if there are none, over all.
Result<DatasetTotals> totals_of(Registry& registry, const std::string& id,
                                const std::vector<std::string>& divisions) {
  const auto covered = [&](const std::string& partition) {
    return divisions.empty() || std::any_of(divisions.begin(), divisions.end(), [&](const auto& d) {
             return division_covers(d, partition);
           });
  };
  DatasetTotals totals;
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(id));
  for (const StreamEntry& stream : streams) {
    if (!covered(stream.name.partition)) continue;
    totals.rows += stream.rows;
    totals.digest = sum_of(totals.digest, stream.digest);
    totals.streams.push_back(stream);
  }
  ROOTLET_TRY(registry.visit_packs(id, [&](const PackEntry& pack) -> Status {
    if (pack.retired.has_value() || !covered(pack.stream.partition)) return ok();
    ++totals.packs;
    totals.bytes += pack.file_bytes;
    return ok();
  }));
  return totals;
}

Result<std::string> read_definition(const CommandRun& run, const fs::path& path) {
  ROOTLET_TRY(PlainText file, read_plain_text(path, limits::kDefinitionBytes));
  if (!file.notice.empty()) run.output.note(run.output.words(file.notice));
  return std::move(file.text);
}

// An error names line, column and key path.
template <typename Definition>
Result<Definition> parse_definition(const std::string& text, const std::string& what) {
  Result<Definition> definition = Definition::parse(text, what);
  if (definition.has_error()) return with_position(definition.error(), text, what);
  return definition;
}

Status run_dataset_add(const CommandRun& run) {
  const fs::path path = run.arguments.value("FILE");
  ROOTLET_TRY(const std::string text, read_definition(run, path));
  ROOTLET_TRY(const DatasetDefinition definition,
              parse_definition<DatasetDefinition>(text, path.filename().string()));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(add_dataset(realm, definition, run.now()));
  return run.output.report(json::object{{"id", definition.id},
                                        {"title", to_json(definition.title)},
                                        {"columns", json_count(definition.columns.size())},
                                        {"sharing", name_of_sharing(definition.sharing)}},
                           "Dataset " + definition.id + " is in the catalogue: " +
                               std::to_string(definition.columns.size()) + " columns, " +
                               std::string(name_of_sharing(definition.sharing)) + ".\n");
}

constexpr std::size_t kMostReasonBytes = 1000;

Status run_dataset_withdraw(const CommandRun& run) {
  const std::string id = run.arguments.value("ID"), reason = run.arguments.value("reason");
  if (reason.empty() || reason.size() > kMostReasonBytes || !is_utf8(reason)) {
    return bad_input("reason: 1 to 1000 bytes of UTF-8", "reason");
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const Withdrawal done, withdraw_dataset(realm, id, reason, run.now()));
  const std::string grants = std::to_string(done.grants);
  std::string text =
      run.output.is_chinese()
          ? "数据集 " + id + " 已撤回：" + grants +
                " 项授权终止，各单位下次联系时销毁；数据包已从发布目录删除，该标识不再使用。\n"
                "仍持有者：rootlet-platform dataset holders " +
                id + "\n"
          : "Dataset " + id + " is withdrawn: " + grants +
                " grants ended, and each office erases it at its next contact. Its packs left the "
                "repository, and its id is never used again.\nWho still holds it: "
                "rootlet-platform dataset holders " +
                id + "\n";
  if (!done.forms.empty()) {
    text += (run.output.is_chinese() ? "以下表单原由其预填：" : "Forms that prefilled from it: ") +
            joined(done.forms, ", ") + "\n";
  }
  return run.output.report(json::object{{"dataset", id},
                                        {"withdrawn", true},
                                        {"grants", done.grants},
                                        {"streams", done.streams},
                                        {"rows", json_count(done.rows)},
                                        {"forms", json_texts(done.forms)}},
                           text);
}

Result<json::array> json_withdrawn(Registry& registry) {
  ROOTLET_TRY(const std::vector<WithdrawnDataset> all, registry.withdrawn_datasets());
  json::array list;
  for (const WithdrawnDataset& one : all) {
    list.push_back(
        json::object{{"id", one.id}, {"at", format_time(one.at)}, {"reason", one.reason}});
  }
  return list;
}

Status run_dataset_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<std::string> ids, realm.registry().dataset_ids());
  json::array list;
  TextTable table =
      table_of(run.output, {"DATASET", "TITLE", "PROVIDER", "SHARING", "ROWS", "STREAMS"},
               {"数据集", "名称", "提供单位", "共享属性", "行数", "分区"});
  const Language language = run.output.language;
  for (const std::string& id : ids) {
    ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), id));
    ROOTLET_TRY(const DatasetTotals totals, totals_of(realm.registry(), id, {}));
    list.push_back(json::object{{"id", id},
                                {"title", to_json(definition.title)},
                                {"provider", to_json(definition.provider_name)},
                                {"sharing", name_of_sharing(definition.sharing)},
                                {"update", definition.update},
                                {"grade", definition.grade},
                                {"rows", json_count(totals.rows)},
                                {"streams", json_count(totals.streams.size())}});
    table.add({id, definition.title.in(language), definition.provider_name.in(language),
               std::string(name_of_sharing(definition.sharing)), std::to_string(totals.rows),
               std::to_string(totals.streams.size())});
  }
  ROOTLET_TRY(json::array withdrawn, json_withdrawn(realm.registry()));
  return run.output.report(
      json::object{{"datasets", std::move(list)}, {"withdrawn", std::move(withdrawn)}}, table,
      "No dataset yet: rootlet-platform dataset add FILE.json\n");
}

json::array json_sections(const DatasetDefinition& definition) {
  json::array sections;
  for (const SectionSchema& section : definition.sections()) {
    json::array columns;
    for (const ColumnSpec& column : section.columns) columns.emplace_back(column.name);
    sections.push_back(json::object{{"grade", section.grade}, {"columns", std::move(columns)}});
  }
  return sections;
}

Result<json::array> json_streams(Registry& registry, const std::string& id,
                                 const std::vector<StreamEntry>& streams) {
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs(id));
  std::map<std::string, json::array> by_partition;
  for (const PackEntry& pack : packs) {
    if (pack.retired.has_value()) continue;
    by_partition[pack.stream.partition].push_back(
        json::object{{"from", json_count(pack.from)},
                     {"to", json_count(pack.to)},
                     {"bytes", json_count(pack.file_bytes)},
                     {"path", path_of_pack(pack.stream, pack.file)},
                     {"offset", json_count(pack.offset)}});
  }
  json::array list;
  for (const StreamEntry& stream : streams) {
    list.push_back(json::object{{"partition", stream.name.partition},
                                {"version", json_count(stream.version)},
                                {"rows", json_count(stream.rows)},
                                {"digest", to_hex(stream.digest)},
                                {"epoch", stream.epoch},
                                {"as_of", format_time(stream.published)},
                                {"packs", std::move(by_partition[stream.name.partition])}});
  }
  return list;
}

json::array json_versions(const std::vector<DatasetVersion>& versions) {
  json::array list;
  for (const DatasetVersion& version : versions) {
    const bool is_present = version.number == versions.back().number;
    json::object one{{"version", json_count(version.number)},
                     {"published", format_time(version.published)},
                     {"rows", json_count(version.rows)},
                     {"added", json_count(version.added)},
                     {"changed", json_count(version.changed)},
                     {"removed", json_count(version.removed)},
                     {"restorable", !is_present}};
    if (version.restored.has_value()) one["restored"] = json_count(*version.restored);
    list.push_back(std::move(one));
  }
  return list;
}

// The newest first.
Status print_versions(const CommandRun& run, const std::string& id,
                      const std::vector<DatasetVersion>& versions) {
  if (versions.empty()) return ok();
  const bool zh = run.output.is_chinese();
  TextTable table =
      table_of(run.output, {"VERSION", "PUBLISHED", "ROWS", "ADDED", "CHANGED", "REMOVED", "NOTE"},
               {"版本", "发布时间", "行数", "新增", "更改", "删除", "说明"});
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    std::string note = version == versions.rbegin() ? (zh ? "当前" : "present") : "";
    if (version->restored.has_value()) {
      const std::string from = std::to_string(*version->restored);
      note += (note.empty() ? "" : ", ") + (zh ? "恢复自 " + from : "restored from " + from);
    }
    table.add({std::to_string(version->number), format_time(version->published),
               std::to_string(version->rows), std::to_string(version->added),
               std::to_string(version->changed), std::to_string(version->removed), note});
  }
  ROOTLET_TRY(run.output.print("\n"));
  ROOTLET_TRY(run.output.print(table));
  if (versions.size() < 2) return ok();
  const std::string command = "rootlet-platform publish " + id + " --restore VERSION\n";
  return run.output.print((zh ? "恢复旧版本：" : "An older one can be taken back: ") + command);
}

Status run_dataset_show(const CommandRun& run) {
  const std::string id = run.arguments.value("ID");
  const std::vector<std::string> divisions = run.arguments.list("divisions");
  for (const std::string& division : divisions) {
    ROOTLET_TRY(check_division(division, "divisions"));
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), id));
  ROOTLET_TRY(const DatasetTotals totals, totals_of(realm.registry(), id, divisions));
  ROOTLET_TRY(const std::vector<DatasetVersion> versions, dataset_versions(realm, id));
  if (run.output.json) {
    ROOTLET_TRY(json::array streams, json_streams(realm.registry(), id, totals.streams));
    return run.output.print_json(
        json::object{{"id", id},
                     {"title", to_json(definition.title)},
                     {"version", json_count(versions.empty() ? 0 : versions.back().number)},
                     {"versions", json_versions(versions)},
                     {"accept_changes", definition.accept_changes},
                     {"sharing", name_of_sharing(definition.sharing)},
                     {"uses", json_texts(definition.uses)},
                     {"rows", json_count(totals.rows)},
                     {"digest", to_hex(totals.digest)},
                     {"bytes", json_count(totals.bytes)},
                     {"streams", std::move(streams)},
                     {"sections", json_sections(definition)}});
  }
  TextTable table = table_of(run.output, {"PARTITION", "VERSION", "ROWS", "AS OF", "DIGEST"},
                             {"分区", "版本", "行数", "截至", "摘要"});
  for (const StreamEntry& stream : totals.streams) {
    table.add({stream.name.partition, std::to_string(stream.version), std::to_string(stream.rows),
               format_time(stream.published), to_hex(stream.digest).substr(0, 16)});
  }
  ROOTLET_TRY(run.output.print(
      id + " " + definition.title.in(run.output.language) + ": " + std::to_string(totals.rows) +
      " rows, " + std::to_string(totals.packs) + " packs, " + format_bytes(totals.bytes) +
      ", digest " + to_hex(totals.digest) + "\n"));
  ROOTLET_TRY(run.output.print(table));
  return print_versions(run, id, versions);
}

std::string figures_of(const json::object& report) {
  const auto count = [&](const char* name) {
    const json::value* value = report.if_contains(name);
    return value == nullptr ? std::string("?") : json::serialize(*value);
  };
  std::string text = count("rows") + " rows, +" + count("added") + " ~" + count("changed") + " -" +
                     count("removed");
  const json::value* control = report.if_contains("control");
  if (control != nullptr) {
    text += ", " + std::to_string(control->as_array().size()) + " control totals met";
  }
  return text;
}

// The newest last, as a log.
Status run_dataset_sheets(const CommandRun& run) {
  const std::string id = run.arguments.value("ID");
  ROOTLET_TRY(const std::int64_t most, run.arguments.number("last", 1, Registry::kKeptSheets, 20));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(find_dataset(realm.registry(), id));
  ROOTLET_TRY(const std::vector<std::string> sheets, realm.registry().sheets(id, most));
  json::array list;
  TextTable table = table_of(run.output, {"AT", "RESULT", "FIGURES"}, {"时间", "结果", "数字"});
  for (auto text = sheets.rbegin(); text != sheets.rend(); ++text) {
    ROOTLET_TRY(json::value sheet, parse_json(*text, "platform.db: sheets"));
    const json::object& object = sheet.as_object();
    const json::value* report = object.if_contains("report");
    const json::value* error = object.if_contains("error");
    table.add({std::string(object.at("at").as_string()),
               std::string(object.at("result").as_string()),
               report != nullptr  ? figures_of(report->as_object())
               : error != nullptr ? std::string(error->as_object().at("message").as_string())
                                  : ""});
    list.push_back(std::move(sheet));
  }
  if (run.output.json) {
    return run.output.print_json(json::object{{"id", id}, {"sheets", std::move(list)}});
  }
  return run.output.print(table);
}

Status run_form_add(const CommandRun& run) {
  const fs::path path = run.arguments.value("FILE");
  ROOTLET_TRY(const std::string text, read_definition(run, path));
  ROOTLET_TRY(const FormDefinition form,
              parse_definition<FormDefinition>(text, path.filename().string()));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(add_form(realm, form, run.now()));
  return run.output.report(json::object{{"id", form.id},
                                        {"version", form.version},
                                        {"title", to_json(form.title)},
                                        {"fields", json_count(form.fields.size())}},
                           "Form " + form.id + ", version " + std::to_string(form.version) +
                               ", is in the catalogue: " + std::to_string(form.fields.size()) +
                               " fields.\n");
}

Status run_form_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<FormEntry> forms, realm.registry().forms());
  json::array list;
  TextTable table = table_of(run.output, {"FORM", "VERSION", "TITLE", "FIELDS"},
                             {"表单", "版本", "名称", "字段数"});
  for (const FormEntry& entry : forms) {
    ROOTLET_TRY(const FormDefinition form,
                FormDefinition::parse(entry.definition, "form " + entry.id));
    list.push_back(json::object{{"id", form.id},
                                {"version", form.version},
                                {"title", to_json(form.title)},
                                {"fields", json_count(form.fields.size())}});
    table.add({form.id, std::to_string(form.version), form.title.in(run.output.language),
               std::to_string(form.fields.size())});
  }
  return run.output.report(json::object{{"forms", std::move(list)}}, table,
                           "No form yet: rootlet-platform form add FILE.json\n");
}

}  // namespace

std::vector<Command> catalogue_commands() {
  return {
      {.name = "dataset add",
       .summary = {.en = "Put a dataset into the catalogue, as its owner defines it",
                   .zh = "将数据集编入目录"},
       .details = {.en = "FILE is JSON: id, title, provider, sharing, division, columns "
                         "(docs/FORMATS.md). The titles and texts of a published dataset may "
                         "change later, but not its columns, key, division or provider.",
                   .zh = "FILE 为 JSON，内容包括 id、title、provider、sharing、division、columns"
                         "（见 docs/FORMATS.md）。数据集发布后可修改名称等文字，不得修改列、主键、"
                         "区划和提供单位。"},
       .example = {.en = "rootlet-platform dataset add villages.json"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .run = with_bucket(run_dataset_add)},
      {.name = "dataset list",
       .summary = {.en = "Show the datasets of the realm", .zh = "列出本域的数据集"},
       .example = {.en = "rootlet-platform dataset list"},
       .run = with_clock(run_dataset_list)},
      {.name = "dataset show",
       .summary = {.en = "Show a dataset's streams, and the versions that can be restored",
                   .zh = "查看数据集各分区的行数、摘要，以及可恢复的版本"},
       .details = {.en = "The digest here equals the digest in an office exactly when the rows are "
                         "equal. With --divisions only the partitions under these prefixes count, "
                         "as in an office whose grant names them.",
                   .zh = "两端数据行一致时摘要才相同。指定 --divisions 时只计这些区划前缀下的分区，"
                         "与获得相应授权的单位一致。"},
       .example = {.en = "rootlet-platform dataset show villages --divisions 3304 --json"},
       .positionals = {{.name = "ID"}},
       .options = {{.name = "divisions",
                    .value_name = "LIST",
                    .help = {.en = "prefixes, separated by commas: 33,3204",
                             .zh = "区划前缀，以逗号分隔：33,3204"}}},
       .run = with_clock(run_dataset_show)},
      {.name = "dataset sheets",
       .summary = {.en = "Show the reconciliation sheets of a dataset's publishes",
                   .zh = "查看数据集历次发布的对账单"},
       .details = {.en =
                       "Each publish leaves one, also a refused one: where the rows came from, how "
                       "many were read, added, changed and removed, which control totals the "
                       "source gave and what came, or why nothing was published.",
                   .zh = "每次发布（含被拒绝的）都有一张：数据来源，读取、新增、更改、删除的行数，"
                         "提供方的核对数与实收数，或未发布的原因。"},
       .example = {.en = "rootlet-platform dataset sheets villages --last 5"},
       .positionals = {{.name = "ID"}},
       .options = {{.name = "last",
                    .value_name = "N",
                    .help = {.en = "the newest N (20)", .zh = "最近 N 张（默认 20）"}}},
       .run = with_clock(run_dataset_sheets)},
      {.name = "dataset withdraw",
       .summary = {.en = "Take a dataset back for good; every office erases it",
                   .zh = "永久撤回数据集，各单位随之销毁"},
       .details = {.en = "All grants for it end, its packs leave the repository, and its keys and "
                         "published rows this realm. Records that were taken in stay. Its id is "
                         "never used again.",
                   .zh = "终止其全部授权，从发布目录删除数据包，并删除本域保存的密钥和已发布数据。"
                         "已接收的记录保留。该标识不再使用。"},
       .example = {.en = "rootlet-platform dataset withdraw old-villages --reason \"order "
                         "2026-17\""},
       .positionals = {{.name = "ID"}},
       .options = {{.name = "reason",
                    .value_name = "WORDS",
                    .help = {.en = "why, for those who ask for it later", .zh = "撤回原因"},
                    .is_required = true}},
       .run = with_bucket(run_dataset_withdraw)},
      {.name = "form add",
       .summary = {.en = "Put a form into the catalogue; offices collect records with it",
                   .zh = "将表单编入目录，供各单位采集记录"},
       .details = {.en = "A changed form needs a higher version.",
                   .zh = "修改后的表单须提高版本号。"},
       .example = {.en = "rootlet-platform form add household-visit.json"},
       .positionals = {{.name = "FILE", .type = ValueType::kFile}},
       .run = with_clock(run_form_add)},
      {.name = "form list",
       .summary = {.en = "Show the forms of the realm", .zh = "列出本域的表单"},
       .example = {.en = "rootlet-platform form list"},
       .run = with_clock(run_form_list)}};
}

}  // namespace rootlet::platform
