// The commands office and grant.
#include <chrono>

#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/file/output_file.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"

namespace rootlet::platform {
namespace {

constexpr int kDefaultLeaseDays = 30, kMostLeaseDays = 3650;
constexpr std::chrono::days kDefaultGrantLife{365};

template <typename Key>
std::string fingerprint(const std::optional<Key>& key) {
  return key.has_value() ? to_hex(sha256(*key)).substr(0, 16) : std::string();
}

// The file of --out, before the realm is entered; nullopt without that option.
Result<std::optional<OutputFile>> open_out(const CommandRun& run, FileMode mode) {
  if (!run.arguments.has("out")) return std::optional<OutputFile>();
  ROOTLET_TRY(OutputFile file, OutputFile::open(run.arguments.value("out"), mode));
  return std::optional<OutputFile>(std::move(file));
}

Result<NewOffice> read_office(const CommandRun& run) {
  NewOffice office{.id = run.arguments.value("ID"),
                   .division = run.arguments.value("division"),
                   .name = run.arguments.value("name"),
                   .url = run.arguments.value("url")};
  if (!office.url.empty()) {
    ROOTLET_TRY(check_url(office.url, "url"));
  }
  if (run.arguments.has("ca")) {
    ROOTLET_TRY(PlainText pem,
                read_plain_text(run.arguments.value("ca"), limits::kConfigFileBytes));
    office.ca_pem = std::move(pem.text);
  }
  return office;
}

using Inviter = Result<std::string> (*)(Realm&, const NewOffice&, UnixTime);

Status make_invitation_file(const CommandRun& run, Inviter invite) {
  ROOTLET_TRY(const NewOffice office, read_office(run));
  ROOTLET_TRY(std::optional<OutputFile> file, open_out(run, FileMode::kPrivate));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::string invitation, invite(realm, office, run.now()));
  if (!file) {
    return run.output.print_data(invitation);
  }
  const fs::path out = run.arguments.value("out");
  ROOTLET_TRY(file->finish(as_bytes(invitation)));
  return run.output.report(
      json::object{{"id", office.id}, {"invitation", out.string()}},
      "The invitation of " + office.id + " is in " + out.string() +
          ". It is good once and for 30 days;\ndeliver it as you would a key. In the "
          "office: rootlet enroll " +
          out.filename().string() + "\n");
}

Status run_office_add(const CommandRun& run) {
  return make_invitation_file(run, invite_office);
}

Status run_office_reinvite(const CommandRun& run) {
  return make_invitation_file(run, reinvite_office);
}

Status run_office_approve(const CommandRun& run) {
  ROOTLET_TRY(const Bytes request,
              read_file(run.arguments.value("REQUEST"), limits::kEnvelopeBytes));
  ROOTLET_TRY(std::optional<OutputFile> file, open_out(run, FileMode::kPublic));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::string answer, enrol_office(realm, request, run.now()));
  if (file) {
    ROOTLET_TRY(file->finish(as_bytes(answer)));
  }
  ROOTLET_TRY(const json::value statement, parse_json(answer, "answer"));
  ROOTLET_TRY(JsonObject outer, JsonObject::from(statement, "answer"));
  ROOTLET_TRY(const std::string inner, outer.text("signed"));
  ROOTLET_TRY(const json::value said, parse_json(inner, "answer"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(said, "answer"));
  return run.output.report(said, "Office " + object.text_or("office", "") + " is enrolled since " +
                                     object.text_or("at", "") + ".\n");
}

Result<json::array> former_keys_json(Registry& registry, const std::string& office) {
  ROOTLET_TRY(const std::vector<FormerKeys> former, registry.former_keys(office));
  json::array out;
  for (const FormerKeys& keys : former) {
    out.push_back(json::object{{"signing", fingerprint(std::optional(keys.signing_key))},
                               {"sealing", fingerprint(std::optional(keys.sealing_key))},
                               {"enrolled", format_time(keys.enrolled)},
                               {"ended", format_time(keys.ended)}});
  }
  return out;
}

Status run_office_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, realm.registry().offices());
  json::array list;
  TextTable table({"OFFICE", "NAME", "DIVISION", "STATE", "SINCE", "KEY"});
  for (const OfficeEntry& office : offices) {
    const bool enrolled = office.signing_key.has_value();
    ROOTLET_TRY(const json::array former, former_keys_json(realm.registry(), office.id));
    const std::string since = enrolled ? format_time(office.enrolled) : "";
    list.push_back(
        json::object{{"id", office.id},
                     {"name", office.name},
                     {"division", office.division},
                     {"state", name_of(office.state)},
                     {"enrolled", enrolled ? json::value(since) : json::value()},
                     {"invited_until", format_time(office.token_until)},
                     {"grant_version", json_count(office.grant_version)},
                     {"keys", json::object{{"signing", fingerprint(office.signing_key)},
                                           {"sealing", fingerprint(office.sealing_key)}}},
                     {"former_keys", former}});
    table.add({office.id, office.name, office.division, std::string(name_of(office.state)),
               enrolled ? since : "until " + format_time(office.token_until),
               fingerprint(office.signing_key)});
  }
  return run.output.report(
      json::object{{"offices", std::move(list)}}, table,
      "No office yet: rootlet-platform office add ID --division CODE --name N\n");
}

// A whole day: until its last second in UTC.
Result<UnixTime> last_second_of(const std::string& day) {
  Result<UnixTime> time = parse_time(day + "T23:59:59Z");
  if (time.has_value()) return time;
  return bad_input("until: \"" + day.substr(0, 40) + "\" is not a day such as 2027-12-31", "until");
}

Result<Grant> read_grant(const CommandRun& run, const OfficeEntry& office) {
  Grant grant;
  grant.dataset = run.arguments.value("DATASET");
  grant.divisions = run.arguments.list("divisions");
  if (!run.arguments.has("divisions")) grant.divisions = {office.division};
  grant.purposes = run.arguments.list("purposes");
  ROOTLET_TRY(const std::int64_t grade, run.arguments.number("max-grade", 1, 4, 1));
  grant.max_grade = static_cast<Grade>(grade);
  ROOTLET_TRY(const std::int64_t lease_days,
              run.arguments.number("lease-days", 1, kMostLeaseDays, kDefaultLeaseDays));
  grant.lease_days = static_cast<int>(lease_days);
  grant.until = run.now() + kDefaultGrantLife;
  if (run.arguments.has("until")) {
    ROOTLET_TRY(grant.until, last_second_of(run.arguments.value("until")));
  }
  grant.basis = run.arguments.value("basis");
  grant.scenario = run.arguments.value("scenario");
  grant.approver = run.arguments.value("approver");
  grant.mode = run.arguments.value("mode", "full");
  grant.may_export = run.arguments.has("export");
  for (const std::string* words : {&grant.basis, &grant.scenario, &grant.approver}) {
    if (words->size() > 1000 || !is_utf8(*words)) {
      return bad_input("basis, scenario and approver: at most 1000 bytes of UTF-8", "basis");
    }
  }
  return grant;
}

json::object json_grant(const std::string& office, const Grant& grant) {
  return {{"office", office},
          {"dataset", grant.dataset},
          {"divisions", json_texts(grant.divisions)},
          {"max_grade", grant.max_grade},
          {"purposes", json_texts(grant.purposes)},
          {"mode", grant.mode},
          {"until", format_time(grant.until)},
          {"lease_days", grant.lease_days},
          {"export", grant.may_export},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver}};
}

Status run_grant_add(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const OfficeEntry office,
              find_office(realm.registry(), run.arguments.value("OFFICE")));
  ROOTLET_TRY(const Grant grant, read_grant(run, office));
  ROOTLET_TRY(add_grant(realm, office.id, grant, run.now()));
  std::string text = "Office " + office.id + " may hold " + grant.dataset + " of " +
                     joined(grant.divisions, ", ") + " up to grade " +
                     std::to_string(grant.max_grade) + " for " + joined(grant.purposes, ", ") +
                     ", until " + format_time(grant.until) + "; lease " +
                     std::to_string(grant.lease_days) + " days.\n";
  if (office.state == OfficeState::kInvited) text += "It takes effect when the office enrols.\n";
  return run.output.report(json_grant(office.id, grant), text);
}

Status run_grant_remove(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  const std::string office = run.arguments.value("OFFICE"),
                    dataset = run.arguments.value("DATASET");
  ROOTLET_TRY(remove_grant(realm, office, dataset, run.now()));
  return run.output.report(
      json::object{{"office", office}, {"dataset", dataset}, {"removed", true}},
      "Office " + office + " may no longer hold " + dataset +
          "; it erases its copy at its next contact, or when the lease ends.\n");
}

Status run_grant_list(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(std::vector<OfficeEntry> offices, realm.registry().offices());
  if (run.arguments.has("OFFICE")) {
    ROOTLET_TRY(OfficeEntry office, find_office(realm.registry(), run.arguments.value("OFFICE")));
    offices = {std::move(office)};
  }
  json::array list;
  TextTable table({"OFFICE", "DATASET", "DIVISIONS", "GRADE", "PURPOSES", "UNTIL", "LEASE"});
  for (const OfficeEntry& office : offices) {
    ROOTLET_TRY(const std::vector<Grant> grants, realm.registry().grants_of(office.id));
    for (const Grant& grant : grants) {
      list.push_back(json_grant(office.id, grant));
      table.add({office.id, grant.dataset, joined(grant.divisions, ","),
                 std::to_string(grant.max_grade), joined(grant.purposes, ","),
                 format_time(grant.until).substr(0, 10), std::to_string(grant.lease_days) + " d"});
    }
  }
  return run.output.report(
      json::object{{"grants", std::move(list)}}, table,
      "No grant yet: rootlet-platform grant add OFFICE DATASET --purposes LIST\n");
}

std::vector<OptionSpec> grant_options() {
  return {
      {.name = "divisions",
       .value_name = "LIST",
       .help = {.en = "prefixes or all: 3304,33 (the office's own division)",
                .zh = "区划前缀或 all，如 3304,33（默认为单位所属区划）"}},
      {.name = "purposes",
       .value_name = "LIST",
       .help = {.en = "uses that a reader may name, from the dataset's",
                .zh = "允许的用途，须在数据集的用途之内"},
       .is_required = true},
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
       .help = {.en = "full, or masked: graded columns only behind their masks (full)",
                .zh = "full 为全文，masked 为分级列脱敏（默认 full）"},
       .choices = {"full", "masked"}},
      {.name = "export", .help = {.en = "whole files may leave the agent", .zh = "允许整文件导出"}},
      {.name = "basis", .value_name = "TEXT", .help = {.en = "the legal basis", .zh = "法律依据"}},
      {.name = "scenario",
       .value_name = "TEXT",
       .help = {.en = "what the data is used for", .zh = "应用场景"}},
      {.name = "approver",
       .value_name = "TEXT",
       .help = {.en = "who approved it", .zh = "审批人"}}};
}

std::vector<OptionSpec> address_options() {
  return {
      {.name = "out",
       .value_name = "FILE",
       .help = {.en = "where the invitation is written", .zh = "邀请文件的输出位置"},
       .type = ValueType::kFile},
      {.name = "url",
       .value_name = "URL",
       .help = {.en = "how this office reaches the gateway, if different from the others",
                .zh = "此单位访问网关的地址，与其他单位不同时指定"}},
      {.name = "ca",
       .value_name = "FILE",
       .help = {.en = "PEM of the authority to pin for https", .zh = "https 锁定的 CA 证书（PEM）"},
       .type = ValueType::kFile}};
}

std::vector<OptionSpec> invitation_options() {
  std::vector<OptionSpec> options = {
      {.name = "division",
       .value_name = "CODE",
       .help = {.en = "all, or 2, 4, 6, 9 or 12 digits",
                .zh = "区划代码：all，或 2、4、6、9、12 位数字"},
       .is_required = true},
      {.name = "name",
       .value_name = "N",
       .help = {.en = "what people call the office", .zh = "单位名称"},
       .is_required = true}};
  for (OptionSpec& option : address_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::vector<Command> office_commands() {
  return {
      {.name = "office add",
       .summary = {.en = "Invite an office; makes the file with which one machine enrols once",
                   .zh = "邀请单位，生成供一台机器注册一次的邀请文件"},
       .details = {.en = "Writes to --out, else to standard output. An office that never enrolled "
                         "may be invited again; the older invitation is then void.",
                   .zh = "写入 --out 指定的文件，否则写到标准输出。尚未注册的单位可重新邀请，"
                         "旧邀请随即失效。"},
       .example = {.en = "rootlet-platform office add jiaxing --division 3304 --name 嘉兴 --out "
                         "jiaxing.enroll"},
       .positionals = {{.name = "ID"}},
       .options = invitation_options(),
       .run = with_clock(run_office_add)},
      {.name = "office reinvite",
       .summary = {.en = "Invite an office again whose machine was lost or replaced",
                   .zh = "单位的机器丢失或更换后重新邀请"},
       .details = {.en = "The keys of the old machine are void at once: its records are refused, "
                         "and its grant file leaves the repository. Grants and records stay. A "
                         "machine that enrols with the new invitation gets the grants under its "
                         "own keys and starts a new batch chain. The content keys of the data "
                         "stay as they are: whoever has the old machine can still open what it "
                         "held and what is published under those keys.",
                   .zh =
                       "旧机器的密钥立即失效：其记录被拒收，其授权文件从发布目录撤下；授权与记录"
                       "保留。用新邀请注册的机器以自己的密钥获得授权，并使用新的批次链。"
                       "数据内容密钥不变：持有旧机器者仍可打开其已有数据及以这些密钥发布的内容。"},
       .example = {.en = "rootlet-platform office reinvite jiaxing --out jiaxing.enroll"},
       .positionals = {{.name = "ID"}},
       .options = address_options(),
       .run = with_clock(run_office_reinvite)},
      {.name = "office approve",
       .summary = {.en = "Accept an enrolment request that was carried here on a medium",
                   .zh = "受理人工送达的注册申请"},
       .details = {.en =
                       "REQUEST is what \"rootlet enroll FILE --offline REQUEST\" wrote. Carry the "
                       "answer back: \"rootlet enroll ANSWER\" completes the enrolment.",
                   .zh = "REQUEST 由 rootlet enroll FILE --offline REQUEST 生成。将答复带回，"
                         "运行 rootlet enroll ANSWER 完成注册。"},
       .example = {.en = "rootlet-platform office approve jiaxing.request --out jiaxing.answer"},
       .positionals = {{.name = "REQUEST", .type = ValueType::kFile}},
       .options = {{.name = "out",
                    .value_name = "FILE",
                    .help = {.en = "where the signed answer is written",
                             .zh = "签名答复的输出位置"},
                    .type = ValueType::kFile}},
       .run = with_clock(run_office_approve)},
      {.name = "office list",
       .summary = {.en = "Show the offices of the realm and whether they have enrolled",
                   .zh = "列出本域的单位及注册情况"},
       .example = {.en = "rootlet-platform office list"},
       .run = with_clock(run_office_list)},
      {.name = "grant add",
       .summary = {.en = "Permit an office to hold a dataset; replaces its grant for that dataset",
                   .zh = "授权单位持有数据集，替换其对同一数据集的原有授权"},
       .details = {.en = "Grant only the divisions, grade and time that the work needs. The office "
                         "receives the grant at its next poll.",
                   .zh = "只授予工作所需的区划、级别和期限。单位在下次查询时收到授权。"},
       .example = {.en = "rootlet-platform grant add jiaxing villages --divisions 3304 --purposes "
                         "address-lookup"},
       .positionals = {{.name = "OFFICE"}, {.name = "DATASET"}},
       .options = grant_options(),
       .run = with_clock(run_grant_add)},
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
       .run = with_clock(run_grant_remove)}};
}

}  // namespace rootlet::platform
