// dataset, form and publish.
#include <algorithm>
#include <cstdio>

#include "core/limits.hpp"
#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
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

// Over the partitions that lie in one of `divisions`; none given means all.
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

Status run_dataset_add(const CommandInput& input) {
  const fs::path path = input.text("FILE");
  ROOTLET_TRY(const std::string text, read_text_file(path, limits::kDefinitionBytes));
  ROOTLET_TRY(const DatasetDefinition definition,
              DatasetDefinition::parse(text, path.filename().string()));
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(add_dataset(realm, definition, input.now()));
  if (input.json()) {
    print_json(json::object{{"id", definition.id},
                            {"title", json_text(definition.title)},
                            {"columns", json_count(definition.columns.size())},
                            {"sharing", name_of_sharing(definition.sharing)}});
  } else {
    print_text("Dataset " + definition.id +
               " is in the catalogue: " + std::to_string(definition.columns.size()) + " columns, " +
               std::string(name_of_sharing(definition.sharing)) + ".\n");
  }
  return ok();
}

Status run_dataset_list(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const std::vector<std::string> ids, realm.registry().dataset_ids());
  json::array list;
  TextTable table({"DATASET", "TITLE", "PROVIDER", "SHARING", "ROWS", "STREAMS"});
  const Language language = language_from_environment();
  for (const std::string& id : ids) {
    ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), id));
    ROOTLET_TRY(const DatasetTotals totals, totals_of(realm.registry(), id, {}));
    list.push_back(json::object{{"id", id},
                                {"title", json_text(definition.title)},
                                {"provider", json_text(definition.provider_name)},
                                {"sharing", name_of_sharing(definition.sharing)},
                                {"update", definition.update},
                                {"grade", definition.grade},
                                {"rows", json_count(totals.rows)},
                                {"streams", json_count(totals.streams.size())}});
    table.add({id, definition.title.in(language), definition.provider_name.in(language),
               std::string(name_of_sharing(definition.sharing)), std::to_string(totals.rows),
               std::to_string(totals.streams.size())});
  }
  if (input.json()) {
    print_json(json::object{{"datasets", std::move(list)}});
  } else {
    print_text(table.empty() ? "No dataset yet: rootlet-platform dataset add FILE.json\n"
                             : table.text());
  }
  return ok();
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

Status run_dataset_show(const CommandInput& input) {
  const std::string id = input.text("ID");
  const std::vector<std::string> divisions = input.list("divisions");
  for (const std::string& division : divisions) {
    ROOTLET_TRY(check_division(division, "divisions"));
  }
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), id));
  ROOTLET_TRY(const DatasetTotals totals, totals_of(realm.registry(), id, divisions));
  if (input.json()) {
    ROOTLET_TRY(json::array streams, json_streams(realm.registry(), id, totals.streams));
    print_json(json::object{{"id", id},
                            {"title", json_text(definition.title)},
                            {"sharing", name_of_sharing(definition.sharing)},
                            {"uses", json_texts(definition.uses)},
                            {"rows", json_count(totals.rows)},
                            {"digest", to_hex(totals.digest)},
                            {"bytes", json_count(totals.bytes)},
                            {"streams", std::move(streams)},
                            {"sections", json_sections(definition)}});
    return ok();
  }
  TextTable table({"PARTITION", "VERSION", "ROWS", "AS OF", "DIGEST"});
  for (const StreamEntry& stream : totals.streams) {
    table.add({stream.name.partition, std::to_string(stream.version), std::to_string(stream.rows),
               format_time(stream.published), to_hex(stream.digest).substr(0, 16)});
  }
  print_text(id + " " + definition.title.in(language_from_environment()) + ": " +
             std::to_string(totals.rows) + " rows, " + std::to_string(totals.packs) + " packs, " +
             human_bytes(totals.bytes) + ", digest " + to_hex(totals.digest) + "\n" + table.text());
  return ok();
}

Status run_form_add(const CommandInput& input) {
  const fs::path path = input.text("FILE");
  ROOTLET_TRY(const std::string text, read_text_file(path, limits::kDefinitionBytes));
  ROOTLET_TRY(const FormDefinition form, FormDefinition::parse(text, path.filename().string()));
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(add_form(realm, form, input.now()));
  if (input.json()) {
    print_json(json::object{{"id", form.id},
                            {"version", form.version},
                            {"title", json_text(form.title)},
                            {"fields", json_count(form.fields.size())}});
  } else {
    print_text("Form " + form.id + ", version " + std::to_string(form.version) +
               ", is in the catalogue: " + std::to_string(form.fields.size()) + " fields.\n");
  }
  return ok();
}

Status run_form_list(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const std::vector<FormEntry> forms, realm.registry().forms());
  json::array list;
  TextTable table({"FORM", "VERSION", "TITLE", "FIELDS"});
  for (const FormEntry& entry : forms) {
    ROOTLET_TRY(const FormDefinition form,
                FormDefinition::parse(entry.definition, "form " + entry.id));
    list.push_back(json::object{{"id", form.id},
                                {"version", form.version},
                                {"title", json_text(form.title)},
                                {"fields", json_count(form.fields.size())}});
    table.add({form.id, std::to_string(form.version), form.title.in(language_from_environment()),
               std::to_string(form.fields.size())});
  }
  if (input.json()) {
    print_json(json::object{{"forms", std::move(list)}});
  } else {
    print_text(table.empty() ? "No form yet: rootlet-platform form add FILE.json\n" : table.text());
  }
  return ok();
}

void report_publish(const CommandInput& input, const PublishReport& report) {
  if (input.json()) {
    return print_json(json::object{{"dataset", report.dataset},
                                   {"dry_run", report.dry_run},
                                   {"rows", json_count(report.rows)},
                                   {"unchanged", json_count(report.unchanged)},
                                   {"added", json_count(report.added)},
                                   {"changed", json_count(report.changed)},
                                   {"removed", json_count(report.removed)},
                                   {"partitions", json_count(report.partitions)},
                                   {"packs", json_count(report.packs)},
                                   {"bytes", json_count(report.bytes)},
                                   {"seconds", report.seconds}});
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f s", report.seconds);
  print_text(report.dataset + ": " + std::to_string(report.rows) + " rows, " +
             std::to_string(report.unchanged) + " with the same line as before; " +
             std::to_string(report.added) + " added, " + std::to_string(report.changed) +
             " changed, " + std::to_string(report.removed) + " removed; " +
             std::to_string(report.partitions) + " partitions, " + std::to_string(report.packs) +
             " packs, " + human_bytes(report.bytes) + "; " + seconds + "\n" +
             (report.dry_run ? "A dry run: nothing was written.\n" : ""));
}

Status run_publish(const CommandInput& input) {
  const std::string from = input.text("from");
  if (!from.starts_with("csv:") || from.size() == 4) {
    Error error = fail(ErrorCode::kUsage, "--from takes csv:FILE, for example csv:villages.csv");
    error.field = "from";
    return error;
  }
  ROOTLET_TRY(Realm realm, input.open_realm());
  ProgressBar bar(!input.json());
  PublishOptions options;
  options.open_source = csv_file(from.substr(4));
  options.dry_run = input.has("dry-run");
  options.progress = [&bar](auto phase, auto done, auto all) { bar.show(phase, done, all); };
  Result<PublishReport> report =
      publish_dataset(realm, input.text("DATASET"), options, input.now());
  if (report.has_error()) return report.error();
  bar.clear();
  report_publish(input, report.value());
  return ok();
}

}  // namespace

std::vector<Command> catalogue_commands() {
  return {
      {.name = "dataset add",
       .arguments = {"FILE"},
       .summary = "Put a dataset into the catalogue, as its owner defines it.",
       .details =
           "FILE is JSON: id, title, provider, sharing, division, columns (docs/FORMATS.md). A "
           "published\n"
           "dataset may change its words later, but not its columns, key, division or provider.",
       .example = "rootlet-platform dataset add villages.json",
       .options = {},
       .run = run_dataset_add},
      {.name = "dataset list",
       .arguments = {},
       .summary = "Show the datasets of the realm.",
       .details = "",
       .example = "rootlet-platform dataset list",
       .options = {},
       .run = run_dataset_list},
      {.name = "dataset show",
       .arguments = {"ID"},
       .summary = "Show a dataset's streams: versions, rows, digests, packs.",
       .details = "A digest is equal here and in an office exactly when the rows are. With "
                  "--divisions only the\n"
                  "partitions of these prefixes count, as in an office that was granted them.",
       .example = "rootlet-platform dataset show villages --divisions 3304 --json",
       .options = {{"divisions", "LIST", "prefixes, with commas: 33,3204", false}},
       .run = run_dataset_show},
      {.name = "form add",
       .arguments = {"FILE"},
       .summary = "Put a form into the catalogue; offices collect records with it.",
       .details = "A changed form needs a higher version.",
       .example = "rootlet-platform form add household-visit.json",
       .options = {},
       .run = run_form_add},
      {.name = "form list",
       .arguments = {},
       .summary = "Show the forms of the realm.",
       .details = "",
       .example = "rootlet-platform form list",
       .options = {},
       .run = run_form_list},
      {.name = "publish",
       .arguments = {"DATASET"},
       .summary = "Publish the new full state of a dataset; only what differs is sent to offices.",
       .details =
           "The CSV header names the columns in any order; an empty field is null. Every mistake "
           "is named with\n"
           "its line and column, and then nothing is published. Rows are told apart by their key.",
       .example = "rootlet-platform publish villages --from csv:villages.csv --dry-run",
       .options = {{"from", "csv:FILE", "the full new state, UTF-8", true},
                   {"dry-run", "", "tell what would change; write nothing", false}},
       .run = run_publish}};
}

}  // namespace rootlet::platform
