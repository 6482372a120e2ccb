// The command publish: a new full state, or an older version taken back.
#include <charconv>
#include <vector>

#include "config/output/progress_bar.hpp"
#include "config/output/readable.hpp"
#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/format/csv.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/source/source_commands.hpp"
#include "platform/publish/publish_sheet.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/set_aside_file.hpp"
#include "platform/schedule/scheduled_publish.hpp"
#include "platform/source/kinds/open_source.hpp"
#include "platform/source/mapping/exchange_table.hpp"

namespace rootlet::platform {
namespace {

Error wrong_option(const std::string& name, const std::string& message) {
  Error error = fail(ErrorCode::kUsage, message);
  error.field = name;
  return error;
}

// "40" or "40%".
Result<std::optional<int>> read_percent(const CommandRun& run, const std::string& option,
                                        std::optional<int> fallback = {}) {
  if (!run.arguments.has(option)) return fallback;
  std::string text = run.arguments.value(option);
  if (text.ends_with('%')) text.pop_back();
  int percent = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, percent);
  if (failed == std::errc() && rest == end && percent >= 0 && percent <= 100) {
    return std::optional<int>(percent);
  }
  return wrong_option(option, "--" + option + " takes a whole percentage from 0% to 100%");
}

std::string blanks_text(const PublishReport& report, bool zh) {
  const BlankEnds& blanks = report.blank_ends;
  if (blanks.cells == 0) return "";
  const std::string count = std::to_string(blanks.cells), line = std::to_string(blanks.first_line);
  if (report.are_blanks_dropped) {
    return zh ? "已按定义去掉 " + count + " 个文本首尾的空白。\n"
              : "Blanks at the ends of " + count + " texts were dropped, as the definition says.\n";
  }
  return zh ? "注意：" + count + " 个文本首尾有空白，首处在第 " + line + " 行 " +
                  blanks.first_column +
                  " 列，已原样发布。如需去掉，请在定义的 publish 中设 \"trim\": true。\n"
            : "Note: " + count + " texts begin or end with blanks, the first in line " + line +
                  ", column " + blanks.first_column +
                  "; they are published as they are. \"trim\": true under \"publish\" in the "
                  "definition drops them.\n";
}

std::string notes_text(const PublishReport& report, bool zh) {
  std::string text;
  if (report.rows == 0) {
    text += zh ? "注意：数据集没有任何行。\n" : "Note: the dataset has no rows.\n";
  } else if (!report.emptied.empty()) {
    std::vector<std::string> some = report.emptied;
    if (some.size() > 10) {
      some.resize(10);
      some.emplace_back("…");
    }
    text += (zh ? "注意：以下分区不再有行：" : "Note: these partitions have no rows any more: ") +
            joined(some, ", ") + "\n";
  }
  text += blanks_text(report, zh);
  if (report.not_there > 0) {
    const std::string count = std::to_string(report.not_there);
    text += zh ? "注意：要删除的行中有 " + count + " 行本不存在。\n"
               : "Note: " + count + " rows to be deleted were not there.\n";
  }
  if (report.dry_run) text += zh ? "试运行：未写入。\n" : "A dry run: nothing was written.\n";
  return text;
}

std::string report_text(const PublishReport& report, bool zh) {
  const auto text = [](std::uint64_t number) { return std::to_string(number); };
  std::string restored;
  if (report.restored.has_value()) {
    restored = (zh ? "（恢复自版本 " : " (restored from version ") + text(*report.restored) +
               (zh ? "）" : ")");
  }
  const std::string made = format_bytes(report.bytes) + (zh ? "；" : "; ") +
                           format_seconds(report.seconds) + "\n" + notes_text(report, zh);
  if (zh) {
    return report.dataset + " 版本 " + text(report.version) + restored + "：" + text(report.rows) +
           " 行，未变 " + text(report.unchanged) + "；新增 " + text(report.added) + "，修改 " +
           text(report.changed) + "，删除 " + text(report.removed) + "（占原 " +
           text(report.before) + " 行的 " + share_text(report) + "）；" + text(report.partitions) +
           " 个分区，" + text(report.packs) + " 个数据包，" + made;
  }
  return report.dataset + " version " + text(report.version) + restored + ": " + text(report.rows) +
         " rows, " + text(report.unchanged) + " unchanged; " + text(report.added) + " added, " +
         text(report.changed) + " changed, " + text(report.removed) + " removed (" +
         share_text(report) + " of " + text(report.before) + "); " + text(report.partitions) +
         " partitions, " + text(report.packs) + " packs, " + made;
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
  const std::optional<char> delimiter = delimiter_named(run.arguments.value("delimiter", "comma"));
  if (!delimiter) {
    return fail(ErrorCode::kUsage, "--delimiter takes comma, tab or semicolon");
  }
  options.delimiter = *delimiter;
  options.notice = [&notices](const Text& notice) { notices.push_back(notice); };
  return options;
}

// Options that would have no effect are refused.
Status check_options(const CommandRun& run) {
  const auto has = [&](const char* name) { return run.arguments.has(name); };
  for (const char* name : {"from", "changes", "control", "control-query", "quarantine"}) {
    if (!has("restore") || !has(name)) continue;
    return wrong_option(
        "restore", "--restore takes no --" + std::string(name) + ": the platform has the rows");
  }
  if (has("control") && has("control-query")) {
    return wrong_option("control", "--control and --control-query exclude each other");
  }
  if (has("quarantine-most") && !has("quarantine")) {
    return wrong_option("quarantine-most", "--quarantine-most needs --quarantine FILE");
  }
  return ok();
}

// The new state's source, or the version to restore. The source adds to `notices`.
Result<PublishOptions> read_options(const CommandRun& run, std::vector<Text>& notices) {
  ROOTLET_TRY(check_options(run));
  PublishOptions options;
  options.dry_run = run.arguments.has("dry-run");
  options.is_change_list = run.arguments.has("changes");
  options.accept_older = run.arguments.has("accept-older");
  if (run.arguments.has("quarantine")) {
    ROOTLET_TRY(options.set_aside_percent, read_percent(run, "quarantine-most", 1));
    options.save_set_aside = [path = fs::path(run.arguments.value("quarantine"))](
                                 const DatasetDefinition& dataset,
                                 const std::vector<SetAsideRow>& rows) {
      return write_set_aside(path, dataset, rows);
    };
  }
  if (run.arguments.has("control")) {
    ROOTLET_TRY(const PlainText control,
                read_plain_text(run.arguments.value("control"), kControlBytes));
    options.control = control.text;
  }
  ROOTLET_TRY(options.accept_changes, read_percent(run, "accept-changes"));
  if (run.arguments.has("restore")) {
    ROOTLET_TRY(const std::int64_t version, run.arguments.number("restore", 1, INT64_MAX, 0));
    options.restore = static_cast<Version>(version);
    return options;
  }
  if (!run.arguments.has("from")) {
    return wrong_option("from",
                        "publish: --from is missing: the file with the new full state, for example "
                        "--from csv:villages.csv; or --restore with an older version");
  }
  ROOTLET_TRY(SourceAddress from, parse_source_address(run.arguments.value("from")));
  if (!from.exchange.empty()) {
    options.is_change_list = true;
    options.mapping = exchange_mapping();
  }
  from.control_query = run.arguments.value("control-query");
  // Opened before root becomes the realm's owner, who may not be allowed to read it.
  ROOTLET_TRY(CsvOptions csv, csv_options(run, notices));
  ROOTLET_TRY(std::unique_ptr<RowSource> source, open_source(from, std::move(csv)));
  options.open_source = already_open(std::move(source));
  return options;
}

// What was published counts, also if its sheet cannot be kept.
void keep_sheet(const CommandRun& run, Realm& realm, const PublishOptions& options,
                const Result<PublishReport>& published) {
  const bool is_usage = published.has_error() && published.error().code == ErrorCode::kUsage;
  if (options.dry_run || is_usage) return;
  const std::string sheet = publish_sheet(run.now(), run.arguments.value("from"), published);
  const Status kept = realm.registry().save_sheet(run.arguments.value("DATASET"), sheet);
  if (kept.has_value()) return;
  run.output.note(run.output.words({.en = "The sheet was not kept: " + kept.error().message,
                                    .zh = "对账单未能保存：" + kept.error().message}));
}

std::string set_aside_text(const CommandRun& run, const PublishReport& report,
                           const std::string& path) {
  const std::string count = std::to_string(report.set_aside);
  return run.output.words(
      {.en = count + " rows have mistakes: they are in " + path +
             " with the reasons, and what was published under their keys stays",
       .zh = count + " 行有误，已连同原因存入 " + path + "，其主键下已发布的数据不变"});
}

// As its source file says; what came of it is remembered there.
Result<int> run_scheduled(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ProgressBar bar(run.output);
  std::vector<Text> notices;
  const Result<ScheduledReport> published = publish_scheduled(
      realm, run.arguments.value("DATASET"), run.now(),
      [&notices](const Text& notice) { notices.push_back(notice); },
      [&bar](auto phase, auto done, auto all) { bar.show(phase, done, all); });
  bar.clear();
  for (const Text& notice : notices) run.output.note(run.output.words(notice));
  if (published.has_error()) return published.error();
  const ScheduledReport& done = published.value();
  if (!done.set_aside_file.empty()) {
    run.output.note(set_aside_text(run, done.report, done.set_aside_file));
  }
  json::object report = json_report(done.report);
  report["whole"] = done.was_whole;
  if (!done.set_aside_file.empty()) report["set_aside_file"] = done.set_aside_file;
  ROOTLET_TRY(run.output.report(report, report_text(done.report, run.output.is_chinese())));
  return 0;
}

// Options beside --due or --scheduled would have no effect.
Status check_scheduled(const CommandRun& run) {
  for (const char* name :
       {"from", "changes", "encoding", "delimiter", "accept-changes", "control", "control-query",
        "quarantine", "quarantine-most", "accept-older", "restore", "dry-run"}) {
    if (!run.arguments.has(name)) continue;
    return wrong_option(name, "the source file says how the dataset is published; --" +
                                  std::string(name) + " has no effect on it");
  }
  return ok();
}

Result<int> run_publish(const CommandRun& run) {
  const bool is_due = run.arguments.has("due");
  if (is_due || run.arguments.has("scheduled")) {
    ROOTLET_TRY(check_scheduled(run));
  }
  const bool has_dataset = run.arguments.has("DATASET");
  if (is_due && has_dataset) {
    return wrong_option("due",
                        "--due publishes every dataset that is due; one alone is published "
                        "with --scheduled");
  }
  if (is_due) return publish_due(run);
  if (!has_dataset) return wrong_option("DATASET", "publish: DATASET is missing; or use --due");
  if (run.arguments.has("scheduled")) return run_scheduled(run);
  std::vector<Text> notices;  // written by the source's threads, which end before it is read
  ROOTLET_TRY(PublishOptions options, read_options(run, notices));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ProgressBar bar(run.output);
  options.progress = [&bar](auto phase, auto done, auto all) { bar.show(phase, done, all); };
  const Result<PublishReport> published =
      publish_dataset(realm, run.arguments.value("DATASET"), options, run.now());
  bar.clear();
  for (const Text& notice : notices) run.output.note(run.output.words(notice));
  keep_sheet(run, realm, options, published);
  if (published.has_error()) return published.error();
  const PublishReport& report = published.value();
  if (report.set_aside > 0)
    run.output.note(set_aside_text(run, report, run.arguments.value("quarantine")));
  if (report.doubt != ChangeDoubt::kNone) {
    return run.output.fail_with(refusal(report), json_refusal(report));
  }
  if (report.not_marked) {
    return run.output.fail_with(not_marked_error(*report.not_marked), json_report(report));
  }
  ROOTLET_TRY(run.output.report(json_report(report), report_text(report, run.output.is_chinese())));
  return 0;
}

std::vector<OptionSpec> publish_options() {
  return {
      {.name = "from",
       .value_name = "KIND:FILE",
       .help = {.en = "the full new state: csv:FILE, jsonl:FILE, xlsx:FILE[?sheet=NAME], "
                      "sqlite:FILE?table=NAME, postgres://USER@HOST/DATABASE?table=NAME, "
                      "odbc:DSN?table=NAME; databases also take ?query=SELECT…, the last two "
                      "?exchange=NAME; csv:- and jsonl:- are standard input",
                .zh = "最新全量数据：csv:文件、jsonl:文件、xlsx:文件[?sheet=表名]、"
                      "sqlite:文件?table=表名、postgres://用户@主机/库?table=表名、"
                      "odbc:数据源?table=表名；数据库也可用 ?query=SELECT…，后两种还可用 "
                      "?exchange=前置表；csv:- 与 jsonl:- 为标准输入"},
       .type = ValueType::kFile},
      {.name = "changes",
       .help = {.en = "the rows are changes: a column named change says upsert or delete; of a "
                      "deleted row only the key is read, and rows that are not named stay",
                .zh = "内容为变更清单：change 列写 upsert 或 delete；删除的行只读主键，"
                      "未列出的行不变"}},
      {.name = "encoding",
       .value_name = "E",
       .help = {.en = "the file's encoding; recognised if not given",
                .zh = "文件编码；未指定时自动识别"},
       .choices = {kEncodingNames.begin(), kEncodingNames.end()}},
      {.name = "delimiter",
       .value_name = "D",
       .help = {.en = "what separates the fields (comma)", .zh = "字段分隔符（默认 comma）"},
       .choices = {"comma", "tab", "semicolon"}},
      {.name = "accept-changes",
       .value_name = "N%",
       .help = {.en = "publish although up to N percent of the rows are removed or changed "
                      "(the definition's share, or 20)",
                .zh = "允许删除或修改不超过 N% 的行（默认取数据集定义，或 20）"}},
      {.name = "control",
       .value_name = "FILE",
       .help = {.en = "totals that the source's owner counted, as JSON: rows, characters_COLUMN, "
                      "sum_COLUMN, newest_COLUMN; if what comes differs, nothing is published",
                .zh = "数据提供方的核对数（JSON）：rows、characters_列、sum_列、newest_列；"
                      "不一致时不发布"},
       .type = ValueType::kFile},
      {.name = "control-query",
       .value_name = "SELECT",
       .help = {.en = "the same totals, counted by the database itself in one row",
                .zh = "同上，由数据库查询得出一行"}},
      {.name = "quarantine",
       .value_name = "FILE",
       .help = {.en = "set rows with mistakes aside in FILE, with the reasons, and publish the "
                      "rest; what is published under their keys stays",
                .zh = "将有误的行连同原因存入 FILE，发布其余的行；其主键下已发布的数据不变"},
       .type = ValueType::kFile},
      {.name = "quarantine-most",
       .value_name = "N%",
       .help = {.en = "refuse the whole source if more rows than N percent have mistakes (1)",
                .zh = "有误的行超过 N% 时整体拒绝（默认 1）"}},
      {.name = "accept-older",
       .help = {.en = "publish although the newest values are older than at the last publish",
                .zh = "即使最新值早于上次发布也发布"}},
      {.name = "restore",
       .value_name = "VERSION",
       .help = {.en = "take an older version back, as a new one; dataset show lists them",
                .zh = "将旧版本恢复为新版本；可恢复的版本见 dataset show"}},
      {.name = "due",
       .help = {.en = "publish every dataset whose source file says that it is due",
                .zh = "发布来源文件规定时间已到的所有数据集"}},
      {.name = "scheduled",
       .help = {.en = "publish as the source file says, now", .zh = "按来源文件立即发布"}},
      {.name = "dry-run",
       .help = {.en = "report what would change; write nothing",
                .zh = "只报告将发生的变化，不写入"}}};
}

}  // namespace

std::vector<Command> publish_commands() {
  return {
      {.name = "publish",
       .summary = {.en = "Publish the new full state of a dataset; offices receive only changes",
                   .zh = "发布数据集的最新全量，各单位只接收变化部分"},
       .details = {.en = "The CSV header names the columns in any order, by name or title; an "
                         "empty field is null. UTF-8 is read, GB 18030 and UTF-16 are converted. "
                         "Every mistake is reported with its line and column, and then nothing "
                         "is published. The key identifies a row. A file that removes or changes "
                         "too many rows is refused with the figures.",
                   .zh = "CSV 表头用列名或列的名称均可，顺序不限；空字段为空值。可读 UTF-8，"
                         "GB 18030 和 UTF-16 自动转换。所有错误均指明行号和列名，"
                         "有误时不发布。各行以主键区分。删除或修改过多行的文件不予发布，"
                         "并给出数字。"},
       .example = {.en = "rootlet-platform publish villages --from csv:villages.csv --dry-run\n"
                         "rootlet-platform publish villages --from csv:changes.csv --changes\n"
                         "rootlet-platform publish villages --restore 11\n"
                         "rootlet-platform publish --due"},
       .positionals = {{.name = "DATASET", .is_optional = true}},
       .options = publish_options(),
       .run = with_bucket_and_code(run_publish)}};
}

}  // namespace rootlet::platform
