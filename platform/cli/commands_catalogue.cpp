// The commands dataset, form and publish.
#include <algorithm>

#include "config/output/progress_bar.hpp"
#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/format/json_position.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/office/catalogue.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/source/csv_source.hpp"

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
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry.packs(id));
  for (const PackEntry& pack : packs) {
    if (pack.retired.has_value() || !covered(pack.stream.partition)) continue;
    ++totals.packs;
    totals.bytes += pack.file_bytes;
  }
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

Status run_dataset_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<std::string> ids, realm.registry().dataset_ids());
  json::array list;
  TextTable table({"DATASET", "TITLE", "PROVIDER", "SHARING", "ROWS", "STREAMS"});
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
  return run.output.report(json::object{{"datasets", std::move(list)}}, table,
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
                     {"path", pack_path(pack.id)}});
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

Status run_dataset_show(const CommandRun& run) {
  const std::string id = run.arguments.value("ID");
  const std::vector<std::string> divisions = run.arguments.list("divisions");
  for (const std::string& division : divisions) {
    ROOTLET_TRY(check_division(division, "divisions"));
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), id));
  ROOTLET_TRY(const DatasetTotals totals, totals_of(realm.registry(), id, divisions));
  if (run.output.json) {
    ROOTLET_TRY(json::array streams, json_streams(realm.registry(), id, totals.streams));
    return run.output.print_json(json::object{{"id", id},
                                              {"title", to_json(definition.title)},
                                              {"sharing", name_of_sharing(definition.sharing)},
                                              {"uses", json_texts(definition.uses)},
                                              {"rows", json_count(totals.rows)},
                                              {"digest", to_hex(totals.digest)},
                                              {"bytes", json_count(totals.bytes)},
                                              {"streams", std::move(streams)},
                                              {"sections", json_sections(definition)}});
  }
  TextTable table({"PARTITION", "VERSION", "ROWS", "AS OF", "DIGEST"});
  for (const StreamEntry& stream : totals.streams) {
    table.add({stream.name.partition, std::to_string(stream.version), std::to_string(stream.rows),
               format_time(stream.published), to_hex(stream.digest).substr(0, 16)});
  }
  ROOTLET_TRY(run.output.print(
      id + " " + definition.title.in(run.output.language) + ": " + std::to_string(totals.rows) +
      " rows, " + std::to_string(totals.packs) + " packs, " + format_bytes(totals.bytes) +
      ", digest " + to_hex(totals.digest) + "\n"));
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
  TextTable table({"FORM", "VERSION", "TITLE", "FIELDS"});
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

Status report_publish(const CommandRun& run, const PublishReport& report) {
  return run.output.report(
      json::object{{"dataset", report.dataset},
                   {"dry_run", report.dry_run},
                   {"rows", json_count(report.rows)},
                   {"unchanged", json_count(report.unchanged)},
                   {"added", json_count(report.added)},
                   {"changed", json_count(report.changed)},
                   {"removed", json_count(report.removed)},
                   {"partitions", json_count(report.partitions)},
                   {"packs", json_count(report.packs)},
                   {"bytes", json_count(report.bytes)},
                   {"seconds", report.seconds}},
      report.dataset + ": " + std::to_string(report.rows) + " rows, " +
          std::to_string(report.unchanged) + " unchanged; " + std::to_string(report.added) +
          " added, " + std::to_string(report.changed) + " changed, " +
          std::to_string(report.removed) + " removed; " + std::to_string(report.partitions) +
          " partitions, " + std::to_string(report.packs) + " packs, " + format_bytes(report.bytes) +
          "; " + format_seconds(report.seconds) + "\n" +
          (report.dry_run ? "A dry run: nothing was written.\n" : ""));
}

char delimiter_named(const std::string& name) {
  if (name == "tab") return '\t';
  return name == "semicolon" ? ';' : ',';
}

// The encoding and delimiter that were given, and where notices go.
Result<CsvOptions> csv_options(const CommandRun& run, std::vector<Text>& notices) {
  CsvOptions options;
  if (run.arguments.has("encoding")) {
    options.encoding = encoding_named(run.arguments.value("encoding"));
    if (!options.encoding) {
      return fail(ErrorCode::kUsage, "--encoding takes utf-8, gb18030, utf-16le or utf-16be");
    }
  }
  const std::string delimiter = run.arguments.value("delimiter", "comma");
  if (delimiter != "comma" && delimiter != "tab" && delimiter != "semicolon") {
    return fail(ErrorCode::kUsage, "--delimiter takes comma, tab or semicolon");
  }
  options.delimiter = delimiter_named(delimiter);
  options.notice = [&notices](const Text& notice) { notices.push_back(notice); };
  return options;
}

Status run_publish(const CommandRun& run) {
  const std::string from = run.arguments.value("from");
  if (!from.starts_with("csv:") || from.size() == 4) {
    Error error = fail(ErrorCode::kUsage,
                       "--from takes csv:FILE, for example csv:villages.csv; csv:- is standard "
                       "input");
    error.field = "from";
    return error;
  }
  std::vector<Text> notices;  // written by the source's threads, which end before it is read
  ROOTLET_TRY(CsvOptions csv, csv_options(run, notices));
  PublishOptions options;
  // Opened before root becomes the realm's owner, who may not be allowed to read it.
  ROOTLET_TRY(std::unique_ptr<RowSource> source, csv_file(from.substr(4), std::move(csv))());
  options.open_source = already_open(std::move(source));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ProgressBar bar(run.output);
  options.dry_run = run.arguments.has("dry-run");
  options.progress = [&bar](auto phase, auto done, auto all) { bar.show(phase, done, all); };
  Result<PublishReport> report =
      publish_dataset(realm, run.arguments.value("DATASET"), options, run.now());
  bar.clear();
  for (const Text& notice : notices) run.output.note(run.output.words(notice));
  if (report.has_error()) return report.error();
  return report_publish(run, report.value());
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
       .run = with_clock(run_dataset_add)},
      {.name = "dataset list",
       .summary = {.en = "Show the datasets of the realm", .zh = "列出本域的数据集"},
       .example = {.en = "rootlet-platform dataset list"},
       .run = with_clock(run_dataset_list)},
      {.name = "dataset show",
       .summary = {.en = "Show a dataset's streams: versions, rows, digests, packs",
                   .zh = "查看数据集各分区的版本、行数、摘要和数据包"},
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
       .run = with_clock(run_form_list)},
      {.name = "publish",
       .summary = {.en = "Publish the new full state of a dataset; offices receive only changes",
                   .zh = "发布数据集的最新全量，各单位只接收变化部分"},
       .details = {.en =
                       "The CSV header names the columns in any order, by name or title; an empty "
                       "field is null. UTF-8 is read, GB 18030 and UTF-16 are converted. "
                       "Every mistake is reported with its line and column, and then nothing is "
                       "published. The key identifies a row.",
                   .zh = "CSV 表头用列名或列的名称均可，顺序不限；空字段为空值。可读 UTF-8，"
                         "GB 18030 和 UTF-16 自动转换。所有错误均指明行号和列名，"
                         "有误时不发布。各行以主键区分。"},
       .example = {.en = "rootlet-platform publish villages --from csv:villages.csv --dry-run"},
       .positionals = {{.name = "DATASET"}},
       .options = {{.name = "from",
                    .value_name = "csv:FILE",
                    .help = {.en = "the full new state; csv:- is standard input",
                             .zh = "最新全量数据；csv:- 为标准输入"},
                    .is_required = true,
                    .type = ValueType::kFile},
                   {.name = "encoding",
                    .value_name = "E",
                    .help = {.en = "the file's encoding; recognised if not given",
                             .zh = "文件编码；未指定时自动识别"},
                    .choices = {kEncodingNames.begin(), kEncodingNames.end()}},
                   {.name = "delimiter",
                    .value_name = "D",
                    .help = {.en = "what separates the fields (comma)",
                             .zh = "字段分隔符（默认 comma）"},
                    .choices = {"comma", "tab", "semicolon"}},
                   {.name = "dry-run",
                    .help = {.en = "report what would change; write nothing",
                             .zh = "只报告将发生的变化，不写入"}}},
       .run = with_clock(run_publish)}};
}

}  // namespace rootlet::platform
