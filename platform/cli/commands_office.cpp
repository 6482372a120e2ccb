// The command office.
#include <functional>

#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/file/output_file.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/fork_text.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/intake/intake_session.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/office/revocation.hpp"

namespace rootlet::platform {
namespace {

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

using StateChanger = std::function<Result<OfficeChange>(Realm&, const std::string&, UnixTime)>;

std::string streams_text(std::size_t count, bool is_chinese) {
  if (is_chinese) return "已为 " + std::to_string(count) + " 个数据流更换密钥";
  return std::to_string(count) + (count == 1 ? " stream has" : " streams have") + " new keys";
}

Status change_state(const CommandRun& run, const StateChanger& change_to, const Text& then) {
  const std::string office = run.arguments.value("ID");
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const OfficeChange change, change_to(realm, office, run.now()));
  const bool zh = run.output.is_chinese();
  const std::string state(name_of(change.after));
  const std::string words =
      zh ? "单位 " + office + "：" + then.zh + "；" + streams_text(change.streams, true) + "。\n"
         : "Office " + office + " is " + state + ". " + then.en + "; " +
               streams_text(change.streams, false) + ".\n";
  return run.output.report(json::object{{"office", office},
                                        {"before", name_of(change.before)},
                                        {"state", state},
                                        {"grants", change.grants},
                                        {"streams", change.streams}},
                           words);
}

Status run_office_suspend(const CommandRun& run) {
  return change_state(run, suspend_office,
                      {.en = "At its next contact it locks what it holds and erases nothing",
                       .zh = "已暂停，下次联系时锁定本机数据，不清除"});
}

// The newest report of a loss by the office's machine, also one that is settled.
Result<std::string> reported_loss(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session,
              IntakeSession::open(RealmFolder{folder}.intake(), RealmFolder{folder}.serving()));
  ROOTLET_TRY(session->validate(run.now()));
  ROOTLET_TRY(const auto losses, session->intake().losses());
  const auto loss = losses.find(run.arguments.value("ID"));
  return loss == losses.end() ? std::string() : loss->second.record;
}

Status run_office_resume(const CommandRun& run) {
  ROOTLET_TRY(const std::string loss, reported_loss(run));
  return change_state(run,
                      [&loss](Realm& realm, const std::string& office, UnixTime now) {
                        return resume_office(realm, office, loss, now);
                      },
                      {.en = "At its next contact it reads and fetches again",
                       .zh = "已恢复，下次联系后可继续读取和更新"});
}

Status run_office_revoke(const CommandRun& run) {
  return change_state(
      run, revoke_office,
      {.en = "At its next contact it erases all it holds; its records are kept and not taken in",
       .zh = "已注销，下次联系时清除全部数据；其后报送的记录保留但不受理"});
}

Status run_office_remove(const CommandRun& run) {
  const std::string office = run.arguments.value("ID");
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(remove_office(realm, office, run.now()));
  return run.output.report(
      json::object{{"office", office}, {"removed", true}},
      run.output.is_chinese()
          ? "单位 " + office + " 已移除，其记录保留。\n"
          : "Office " + office + " is removed; records taken in from it stay.\n");
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

// The office's report of a loss that no resume has settled.
std::optional<ReportedLoss> open_loss(const std::map<std::string, ReportedLoss>& losses,
                                      const OfficeEntry& office) {
  const auto loss = losses.find(office.id);
  const bool is_open = loss != losses.end() && loss->second.record != office.settled_loss &&
                       office.signing_key.has_value() &&
                       loss->second.received_at >= office.enrolled;
  return is_open ? std::optional(loss->second) : std::nullopt;
}

json::value json_loss(const std::optional<ReportedLoss>& loss) {
  if (!loss) return nullptr;
  return json::object{{"record", loss->record},
                      {"noticed_at", format_time(loss->noticed_at)},
                      {"received_at", format_time(loss->received_at)},
                      {"reason", loss->reason}};
}

std::string loss_text(const std::string& office, const ReportedLoss& loss, bool zh) {
  const std::string at = format_time(loss.noticed_at);
  return zh ? "单位 " + office + " 的机器于 " + at + " 报失：" + loss.reason +
                  "。其数据已自行锁定。处置：office revoke " + office +
                  "（注销）、office reinvite " + office +
                  " --out FILE（换机），机器安全则 office resume " + office + "。\n"
            : "The machine of office " + office + " reported itself lost at " + at + ": " +
                  loss.reason + ". It has locked its data. Next: office revoke " + office +
                  ", or office reinvite " + office +
                  " --out FILE for another machine; office resume " + office +
                  " if it is in good hands.\n";
}

std::int64_t kept_of(const std::vector<KeptBatches>& kept, const std::string& office) {
  for (const KeptBatches& one : kept) {
    if (one.office == office) return one.batches;
  }
  return 0;
}

Status run_office_list(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session,
              IntakeSession::open(RealmFolder{folder}.intake(), RealmFolder{folder}.serving()));
  ROOTLET_TRY(Realm realm, Realm::open(folder, run.signing_clock()));
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, realm.registry().offices());
  ROOTLET_TRY(const std::vector<ForkEntry> forks, session->intake().forks());
  ROOTLET_TRY(const std::vector<KeptBatches> kept, session->intake().kept_batches());
  ROOTLET_TRY(const auto reported, session->intake().losses());
  json::array list;
  std::string losses;
  TextTable table =
      table_of(run.output, {"OFFICE", "NAME", "DIVISION", "STATE", "SINCE", "KEY", "FORKS"},
               {"单位", "名称", "区划", "状态", "登记时间", "密钥", "分叉"});
  for (const OfficeEntry& office : offices) {
    const bool enrolled = office.signing_key.has_value();
    ROOTLET_TRY(const json::array former, former_keys_json(realm.registry(), office.id));
    const std::optional<ReportedLoss> loss = open_loss(reported, office);
    if (loss) losses += loss_text(office.id, *loss, run.output.is_chinese());
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
                     {"former_keys", former},
                     {"kept_batches", kept_of(kept, office.id)},
                     {"loss", json_loss(loss)},
                     {"forks", forks_of(forks, office.id)}});
    table.add({office.id, office.name, office.division,
               std::string(name_of(office.state)) +
                   (loss ? (run.output.is_chinese() ? "，已报失" : ", reported lost") : ""),
               enrolled ? since : "until " + format_time(office.token_until),
               fingerprint(office.signing_key), forks_cell(forks, office.id)});
  }
  ROOTLET_TRY(run.output.report(
      json::object{{"offices", std::move(list)}, {"forks", json_forks(forks)}}, table,
      "No office yet: rootlet-platform office add ID --division CODE --name N\n"));
  if (run.output.json) return ok();
  if (!losses.empty()) {
    ROOTLET_TRY(run.output.print(losses));
  }
  for (const KeptBatches& one : kept) {
    const std::string batches = std::to_string(one.batches);
    ROOTLET_TRY(run.output.print(run.output.is_chinese()
                                     ? "单位 " + one.office + " 注销后报送了 " + batches +
                                           " 个批次：已保留，未受理。\n"
                                     : "Office " + one.office + " has sent " + batches +
                                           (one.batches == 1 ? " batch" : " batches") +
                                           " since it was revoked: kept, not taken in.\n"));
  }
  return forks.empty() ? ok() : run.output.print(forks_text(forks, run.output.language));
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
                         "own keys and starts a new batch chain. What the office holds gets new "
                         "content keys: the holder of the old machine can open what it held, and "
                         "nothing that is published from now on.",
                   .zh = "旧机器的密钥立即失效：其记录被拒收，其授权文件从发布目录撤下；授权与记录"
                         "保留。用新邀请注册的机器以自己的密钥获得授权，并使用新的批次链。"
                         "该单位持有的数据更换内容密钥：持有旧机器者只能打开其已有数据，"
                         "不能打开此后发布的内容。"},
       .example = {.en = "rootlet-platform office reinvite jiaxing --out jiaxing.enroll"},
       .positionals = {{.name = "ID"}},
       .options = address_options(),
       .run = with_bucket(run_office_reinvite)},
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
       .run = with_bucket(run_office_approve)},
      {.name = "office suspend",
       .summary = {.en = "Lock what an office holds, until it is resumed",
                   .zh = "暂停单位：锁定其数据，直到恢复"},
       .details = {.en = "For a machine that is missing and may come back. Nothing is erased. What "
                         "the office holds gets new keys at once, which it has again once it is "
                         "resumed. Its records are still taken in.",
                   .zh = "用于机器下落不明、可能找回的情形。不清除任何数据；其持有的数据立即更换"
                         "密钥，恢复后重新提供。仍受理其报送的记录。"},
       .example = {.en = "rootlet-platform office suspend xinfeng"},
       .positionals = {{.name = "ID"}},
       .run = with_bucket(run_office_suspend)},
      {.name = "office resume",
       .summary = {.en = "Let a suspended office, or one that reported its machine lost, go on",
                   .zh = "恢复已暂停或已报失的单位"},
       .details = {.en = "Settles the report of its machine (`rootlet lost`), if there is one: the "
                         "machine reads again after its next contact. A report that comes later "
                         "locks it again.",
                   .zh = "同时了结其机器的报失（rootlet lost）：下次联系后恢复读取。"
                         "此后再次报失会重新锁定。"},
       .example = {.en = "rootlet-platform office resume xinfeng"},
       .positionals = {{.name = "ID"}},
       .run = with_bucket(run_office_resume)},
      {.name = "office revoke",
       .summary = {.en = "End all grants of an office for good; it erases what it holds",
                   .zh = "注销单位：永久终止其全部授权并清除数据"},
       .details = {.en =
                       "The office's last grant file is the order to erase. What it held gets new "
                       "keys: a copy of its disk and everything published later open nothing "
                       "newer. Its later batches are refused, kept and marked. There is no way "
                       "back; for a machine that was replaced use office reinvite, for one that "
                       "may come back office suspend.",
                   .zh =
                       "单位的最后一份授权文件即清除指令。其持有的数据更换密钥：即使复制其磁盘并"
                       "取得此后发布的全部文件，也打不开新的内容。其后报送的批次拒收、保留并标记。"
                       "不可撤销；更换机器用 office reinvite，可能找回用 office suspend。"},
       .example = {.en = "rootlet-platform office revoke xinfeng"},
       .positionals = {{.name = "ID"}},
       .run = with_bucket(run_office_revoke)},
      {.name = "office remove",
       .summary = {.en = "Forget a revoked office", .zh = "移除已注销的单位"},
       .details = {.en = "Its grant file leaves the repository, so remove an office only after it "
                         "has erased what it held, or when its leases have ended.",
                   .zh = "其授权文件将从发布目录撤下，请在其已清除数据或租期已过之后再移除。"},
       .example = {.en = "rootlet-platform office remove xinfeng"},
       .positionals = {{.name = "ID"}},
       .run = with_bucket(run_office_remove)},
      {.name = "office list",
       .summary = {.en = "Show the offices of the realm and whether they have enrolled",
                   .zh = "列出本域的单位及注册情况"},
       .example = {.en = "rootlet-platform office list"},
       .run = with_clock(run_office_list)}};
}

}  // namespace rootlet::platform
