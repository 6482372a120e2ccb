// The command grant: what an office may hold, and what that covers.
#include <chrono>

#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/office/membership.hpp"

namespace rootlet::platform {
namespace {

constexpr int kDefaultLeaseDays = 30, kMostLeaseDays = 3650;
constexpr std::chrono::days kDefaultGrantLife{365}, kDefaultEmergencyLife{7};
constexpr int kEmergencyLeaseDays = 3;
constexpr std::size_t kMostWordsBytes = 1000;

// A whole day: until its last second in UTC.
Result<UnixTime> last_second_of(const std::string& day) {
  Result<UnixTime> time = parse_time(day + "T23:59:59Z");
  if (time.has_value()) return time;
  return bad_input("until: \"" + day.substr(0, 40) + "\" is not a day such as 2027-12-31", "until");
}

Status edit_caps(const Arguments& given, GrantCaps& caps) {
  ROOTLET_TRY(caps.rows, given.number("max-rows", 1, kLargestCaps.rows, caps.rows));
  ROOTLET_TRY(caps.exports, given.number("max-exports", 1, kLargestCaps.exports, caps.exports));
  if (given.has("no-caps")) caps = GrantCaps();
  return ok();
}

// Sets the fields that the command line names, and no others.
Status edit_grant(const CommandRun& run, Grant& grant) {
  const Arguments& given = run.arguments;
  ROOTLET_TRY(edit_caps(given, grant.caps));
  if (given.has("divisions")) grant.divisions = given.list("divisions");
  if (given.has("purposes")) grant.purposes = given.list("purposes");
  ROOTLET_TRY(const std::int64_t grade, given.number("max-grade", 1, 4, grant.max_grade));
  grant.max_grade = static_cast<Grade>(grade);
  ROOTLET_TRY(const std::int64_t lease_days,
              given.number("lease-days", 1, kMostLeaseDays, grant.lease_days));
  grant.lease_days = static_cast<int>(lease_days);
  if (given.has("until")) {
    ROOTLET_TRY(grant.until, last_second_of(given.value("until")));
  }
  grant.basis = given.value("basis", grant.basis);
  grant.scenario = given.value("scenario", grant.scenario);
  grant.approver = given.value("approver", grant.approver);
  grant.mode = given.value("mode", grant.mode);
  if (given.has("join")) grant.join = given.list("join");
  if (given.has("export")) grant.may_export = true;
  if (given.has("no-export")) grant.may_export = false;
  for (const std::string* words : {&grant.basis, &grant.scenario, &grant.approver}) {
    if (words->size() > kMostWordsBytes || !is_utf8(*words)) {
      return bad_input("basis, scenario and approver: at most 1000 bytes of UTF-8", "basis");
    }
  }
  return ok();
}

CoverageRule rule_of(const CommandRun& run) {
  return run.arguments.has("anyway") ? CoverageRule::kAnyway : CoverageRule::kRequired;
}

Result<Coverage> find_coverage(Registry& registry, const Grant& grant) {
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(grant.dataset));
  return coverage_of(grant, streams);
}

json::value json_emergency(const Grant& grant) {
  if (!grant.emergency) return nullptr;
  return json::object{{"reason", grant.emergency->reason},
                      {"since", format_time(grant.emergency->since)}};
}

json::object json_grant(const std::string& office, const Grant& grant, const Coverage& coverage) {
  return {{"office", office},
          {"dataset", grant.dataset},
          {"divisions", json_texts(grant.divisions)},
          {"max_grade", grant.max_grade},
          {"purposes", json_texts(grant.purposes)},
          {"mode", grant.mode},
          {"join", json_texts(grant.join)},
          {"until", format_time(grant.until)},
          {"lease_days", grant.lease_days},
          {"export", grant.may_export},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver},
          {"emergency", json_emergency(grant)},
          {"max_rows", grant.caps.rows > 0 ? json::value(grant.caps.rows) : json::value()},
          {"max_exports", grant.caps.exports > 0 ? json::value(grant.caps.exports) : json::value()},
          {"partitions", json_count(coverage.partitions)},
          {"rows", json_count(coverage.rows)},
          {"covers_no_data", coverage.partitions == 0}};
}

std::string coverage_text(const Coverage& coverage, bool zh) {
  if (coverage.partitions == 0) {
    std::string why;
    if (!coverage.is_published)
      why = zh ? "（数据集尚未发布）" : " (the dataset is not published yet)";
    return (zh ? "注意：此授权目前不含任何数据" : "Note: this grant covers no data yet") + why +
           (zh ? "。\n" : ".\n");
  }
  const std::string partitions = std::to_string(coverage.partitions),
                    rows = std::to_string(coverage.rows);
  return zh ? "目前包含 " + partitions + " 个分区，" + rows + " 行。\n"
            : "It covers " + partitions + " partitions with " + rows + " rows now.\n";
}

std::string granted_text(const std::string& office, const Grant& grant, bool zh) {
  const std::string grade = std::to_string(grant.max_grade),
                    days = std::to_string(grant.lease_days), until = format_time(grant.until),
                    divisions = joined(grant.divisions, ", "),
                    purposes = joined(grant.purposes, ", ");
  if (!grant.lands()) {
    return zh ? "单位 " + office + " 仅可在线查询 " + grant.dataset + "，本机不持有数据，截至 " +
                    until + "。\n"
              : "Office " + office + " may ask " + grant.dataset +
                    " online only and holds nothing of it, until " + until + ".\n";
  }
  return zh ? "单位 " + office + " 可持有 " + grant.dataset + "（区划 " + divisions + "，最高 " +
                  grade + " 级），用途 " + purposes + "，截至 " + until + "，租期 " + days +
                  " 天。\n"
            : "Office " + office + " may hold " + grant.dataset + " of " + divisions +
                  " up to grade " + grade + " for " + purposes + ", until " + until + "; lease " +
                  days + " days.\n";
}

// What --emergency changes before the other options are read.
Status read_emergency(const CommandRun& run, Grant& wanted) {
  const std::string reason = run.arguments.value("reason");
  if (!run.arguments.has("emergency")) {
    if (reason.empty()) return ok();
    return bad_input("reason: only an emergency grant has one; --basis is the legal basis",
                     "reason");
  }
  if (reason.empty() || reason.size() > kMostWordsBytes || !is_utf8(reason)) {
    return bad_input("reason: an emergency grant names its reason, in at most 1000 bytes of UTF-8",
                     "reason");
  }
  wanted.emergency = Emergency{.reason = reason, .since = run.now()};
  wanted.until = run.now() + kDefaultEmergencyLife;
  wanted.lease_days = kEmergencyLeaseDays;
  return ok();
}

Status run_grant_add(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const OfficeEntry office,
              find_office(realm.registry(), run.arguments.value("OFFICE")));
  Grant wanted;
  wanted.dataset = run.arguments.value("DATASET");
  wanted.max_grade = 1;
  wanted.lease_days = kDefaultLeaseDays;
  wanted.until = run.now() + kDefaultGrantLife;
  ROOTLET_TRY(read_emergency(run, wanted));
  ROOTLET_TRY(edit_grant(run, wanted));
  ROOTLET_TRY(const Grant grant,
              add_grant(realm, office.id, std::move(wanted), rule_of(run), run.now()));
  ROOTLET_TRY(const Coverage coverage, find_coverage(realm.registry(), grant));
  const bool zh = run.output.is_chinese();
  std::string text = granted_text(office.id, grant, zh) + coverage_text(coverage, zh);
  if (office.state == OfficeState::kInvited) {
    text += zh ? "单位注册后生效。\n" : "It takes effect when the office enrols.\n";
  }
  return run.output.report(json_grant(office.id, grant, coverage), text);
}

// The fields of a grant as people read them, in one order.
std::vector<std::pair<std::string, std::string>> fields_of(const Grant& grant) {
  return {{"divisions", joined(grant.divisions, ",")},
          {"max-grade", std::to_string(grant.max_grade)},
          {"purposes", joined(grant.purposes, ",")},
          {"mode", grant.mode},
          {"join", joined(grant.join, ",")},
          {"export", grant.may_export ? "yes" : "no"},
          {"max-rows", grant.caps.rows > 0 ? std::to_string(grant.caps.rows) : ""},
          {"max-exports", grant.caps.exports > 0 ? std::to_string(grant.caps.exports) : ""},
          {"until", format_time(grant.until)},
          {"lease-days", std::to_string(grant.lease_days)},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver}};
}

TextTable changes_table(const CliOutput& output, const ChangedGrant& changed) {
  TextTable table = table_of(output, {"FIELD", "BEFORE", "AFTER"}, {"项目", "原值", "新值"});
  const auto before = fields_of(changed.before), after = fields_of(changed.after);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    table.add({before[i].first, before[i].second, after[i].second});
  }
  return table;
}

Status check_set_options(const CommandRun& run) {
  if (run.arguments.has("export") && run.arguments.has("no-export")) {
    return fail(ErrorCode::kUsage, "grant set: --export and --no-export exclude each other");
  }
  for (const char* name :
       {"divisions", "purposes", "max-grade", "until", "lease-days", "mode", "join", "export",
        "no-export", "max-rows", "max-exports", "no-caps", "basis", "scenario", "approver"}) {
    if (run.arguments.has(name)) return ok();
  }
  return fail(ErrorCode::kUsage,
              "grant set: name what to change, for example --until 2027-12-31 "
              "(rootlet-platform grant set --help shows all)");
}

Status run_grant_set(const CommandRun& run) {
  ROOTLET_TRY(check_set_options(run));
  ROOTLET_TRY(Realm realm, run.open_realm());
  const std::string office = run.arguments.value("OFFICE");
  ROOTLET_TRY(const ChangedGrant changed,
              change_grant(
                  realm, office, run.arguments.value("DATASET"), rule_of(run),
                  [&](Grant& grant) { return edit_grant(run, grant); }, run.now()));
  ROOTLET_TRY(const Coverage before, find_coverage(realm.registry(), changed.before));
  ROOTLET_TRY(const Coverage after, find_coverage(realm.registry(), changed.after));
  if (run.output.json) {
    return run.output.print_json(
        json::object{{"office", office},
                     {"dataset", changed.after.dataset},
                     {"before", json_grant(office, changed.before, before)},
                     {"after", json_grant(office, changed.after, after)}});
  }
  const bool zh = run.output.is_chinese();
  const TextTable table = changes_table(run.output, changed);
  if (table.empty()) return run.output.print(zh ? "授权未变。\n" : "The grant is as before.\n");
  ROOTLET_TRY(run.output.print(table));
  return run.output.print(coverage_text(after, zh));
}

Status run_grant_remove(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  const std::string office = run.arguments.value("OFFICE"),
                    dataset = run.arguments.value("DATASET");
  ROOTLET_TRY(remove_grant(realm, office, dataset, run.now()));
  return run.output.report(
      json::object{{"office", office}, {"dataset", dataset}, {"removed", true}},
      "Office " + office + " may no longer hold " + dataset +
          "; it erases its copy at its next contact, or when the lease ends. What it held has new "
          "keys.\n");
}

Status run_grant_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(std::vector<OfficeEntry> offices, realm.registry().offices());
  if (run.arguments.has("OFFICE")) {
    ROOTLET_TRY(OfficeEntry office, find_office(realm.registry(), run.arguments.value("OFFICE")));
    offices = {std::move(office)};
  }
  const bool zh = run.output.is_chinese();
  json::array list;
  TextTable table =
      table_of(run.output,
               {"OFFICE", "DATASET", "DIVISIONS", "COVERS", "GRADE", "MODE", "EXPORT", "PURPOSES",
                "UNTIL", "LEASE"},
               {"单位", "数据集", "区划", "覆盖", "级别", "方式", "导出", "用途", "截止", "租期"});
  for (const OfficeEntry& office : offices) {
    ROOTLET_TRY(const std::vector<Grant> grants, realm.registry().grants_of(office.id));
    for (const Grant& grant : grants) {
      ROOTLET_TRY(const Coverage coverage, find_coverage(realm.registry(), grant));
      list.push_back(json_grant(office.id, grant, coverage));
      const std::string count = std::to_string(coverage.partitions);
      const std::string covers = coverage.partitions == 0
                                     ? (zh ? "尚无数据" : "no data yet")
                                     : count + (zh ? " 个分区" : " partitions");
      table.add({office.id, grant.dataset, joined(grant.divisions, ","), covers,
                 std::to_string(grant.max_grade),
                 grant.mode + (grant.emergency ? (zh ? "，应急" : ", emergency") : ""),
                 grant.may_export ? (zh ? "是" : "yes") : (zh ? "否" : "no"),
                 joined(grant.purposes, ","), format_time(grant.until).substr(0, 10),
                 std::to_string(grant.lease_days) + " d"});
    }
  }
  return run.output.report(
      json::object{{"grants", std::move(list)}}, table,
      "No grant yet: rootlet-platform grant add OFFICE DATASET --purposes LIST\n");
}

// `grant add` needs the purposes; `grant set` changes only what is named.
std::vector<OptionSpec> grant_options(bool is_new) {
  return {
      {.name = "divisions",
       .value_name = "LIST",
       .help =
           {.en =
                "prefixes or all: 3304,33 (the office's own division; all of a dataset that is not "
                "cut by division)",
            .zh = "区划前缀或 all，如 3304,33（默认为单位所属区划；不分区的数据集为全部）"}},
      {.name = "purposes",
       .value_name = "LIST",
       .help = {.en = "uses that a reader may name, from the dataset's",
                .zh = "允许的用途，须在数据集的用途之内"},
       .is_required = is_new},
      {.name = "max-grade",
       .value_name = "G",
       .help = {.en = "highest grade of columns, 1 to 4 (1)",
                .zh = "列的最高级别，1 至 4（默认 1）"},
       .choices = {"1", "2", "3", "4"}},
      {.name = "until",
       .value_name = "DAY",
       .help = {.en = "last day, 2027-12-31 (one year from now)",
                .zh = "截止日期，如 2027-12-31（默认一年）"}},
      {.name = "lease-days",
       .value_name = "N",
       .help = {.en = "how long data may be read without contact (30)",
                .zh = "失去联系后可读取数据的天数（默认 30）"}},
      {.name = "mode",
       .value_name = "M",
       .help = {.en =
                    "full; masked: graded columns only behind their masks; verify: answers yes or "
                    "no and shows no row; none: asked online only, nothing is held (full)",
                .zh = "full 为全文，masked 为分级列脱敏，verify 仅核验、不显示数据，none "
                      "仅在线查询、不持有数据（默认 full）"},
       .choices = {"full", "masked", "verify", "none"}},
      {.name = "max-rows",
       .value_name = "N",
       .help = {.en = "rows that one person may read within a day, instead of the hourly limit",
                .zh = "每人每日可查看的行数，代替每小时上限"}},
      {.name = "max-exports",
       .value_name = "N",
       .help = {.en = "exports that one person may make in a day (200)",
                .zh = "每人每日可导出的次数（默认 200）"}},
      {.name = "join",
       .value_name = "DATASETS",
       .help = {.en = "datasets that one SQL statement may read together with this one; their "
                      "grants must name this one too (none)",
                .zh = "可与本数据集在同一条 SQL 中使用的数据集，双方授权须互相写明（默认无）"}},
      {.name = "export", .help = {.en = "whole files may leave the agent", .zh = "允许整文件导出"}},
      {.name = "basis", .value_name = "TEXT", .help = {.en = "the legal basis", .zh = "法律依据"}},
      {.name = "scenario",
       .value_name = "TEXT",
       .help = {.en = "what the data is used for", .zh = "应用场景"}},
      {.name = "approver", .value_name = "TEXT", .help = {.en = "who approved it", .zh = "审批人"}},
      {.name = "anyway",
       .help = {.en = "grant divisions that cover no data yet",
                .zh = "允许授予目前不含数据的区划"}}};
}

std::vector<OptionSpec> add_options() {
  std::vector<OptionSpec> options = grant_options(true);
  options.push_back(
      {.name = "emergency",
       .help = {.en =
                    "short, with --reason: at most 30 days (7, with a lease of 3), tagged wherever "
                    "it is shown, never extended",
                .zh = "应急授权，须写明 --reason：最长 30 天（默认 7 天，租期 3 天），"
                      "处处标明，不得延长"}});
  options.push_back({.name = "reason",
                     .value_name = "WORDS",
                     .help = {.en = "why it is an emergency", .zh = "应急事由"}});
  return options;
}

std::vector<OptionSpec> set_options() {
  std::vector<OptionSpec> options = grant_options(false);
  options.push_back({.name = "no-caps",
                     .help = {.en = "take --max-rows and --max-exports back",
                              .zh = "取消 --max-rows 和 --max-exports"}});
  options.push_back(
      {.name = "no-export",
       .help = {.en = "whole files may not leave the agent", .zh = "不允许整文件导出"}});
  return options;
}

}  // namespace

std::vector<Command> grant_commands() {
  return {
      {.name = "grant add",
       .summary = {.en = "Permit an office to hold a dataset", .zh = "授权单位持有数据集"},
       .details = {.en = "Grant only the divisions, grade and time that the work needs. The office "
                         "receives the grant at its next poll. Divisions that cover no published "
                         "data are refused.",
                   .zh = "只授予工作所需的区划、级别和期限。单位在下次查询时收到授权。"
                         "不含已发布数据的区划不予授权。"},
       .example = {.en = "rootlet-platform grant add jiaxing villages --divisions 3304 --purposes "
                         "address-lookup"},
       .positionals = {{.name = "OFFICE"}, {.name = "DATASET"}},
       .options = add_options(),
       .run = with_bucket(run_grant_add)},
      {.name = "grant set",
       .summary = {.en = "Change what is named of a grant; show it before and after",
                   .zh = "修改授权中指定的内容，并显示修改前后"},
       .example = {.en = "rootlet-platform grant set jiaxing villages --until 2027-12-31"},
       .positionals = {{.name = "OFFICE"}, {.name = "DATASET"}},
       .options = set_options(),
       .run = with_bucket(run_grant_set)},
      {.name = "grant list",
       .summary = {.en = "Show the grants, of all offices or of one",
                   .zh = "列出所有单位或某一单位的授权"},
       .example = {.en = "rootlet-platform grant list jiaxing"},
       .positionals = {{.name = "OFFICE", .is_optional = true}},
       .run = with_clock(run_grant_list)},
      {.name = "grant remove",
       .summary = {.en = "Take a grant back", .zh = "收回授权"},
       .details = {.en = "The office erases its copy at its next contact; without contact the "
                         "lease ends it.",
                   .zh = "单位在下次联系时销毁副本；不联系则以租期为限。"},
       .example = {.en = "rootlet-platform grant remove jiaxing villages"},
       .positionals = {{.name = "OFFICE"}, {.name = "DATASET"}},
       .run = with_bucket(run_grant_remove)}};
}

}  // namespace rootlet::platform
