// The command inbox: the records taken in, and a person's decisions about those that wait.
#include <algorithm>
#include <array>

#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/fork_text.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {
namespace {

json::array json_objections(const IntakeRecord& record) {
  json::array list;
  for (const Objection& objection : record.objections) {
    list.push_back(json::object{{"field", objection.field},
                                {"reason", objection.reason},
                                {"words", to_json(objection.words)}});
  }
  return list;
}

json::object json_record(const IntakeRecord& record) {
  return {{"id", record.record.id},
          {"office", record.office},
          {"kind", record.record.kind},
          {"form", record.record.form},
          {"form_version", record.record.form_version},
          {"state", name_of(record.state)},
          {"attempt", record.record.attempt},
          {"at", format_time(record.record.at)},
          {"received_at", format_time(record.received_at)},
          {"judged_at", format_time(record.judged_at)},
          {"objections", json_objections(record)}};
}

Result<IntakeFilter> read_filter(const CommandRun& run) {
  IntakeFilter filter{.office = run.arguments.value("office"), .form = run.arguments.value("form")};
  if (run.arguments.has("state")) {
    ROOTLET_TRY(filter.state, intake_state_named(run.arguments.value("state")));
  }
  return filter;
}

// Validates waiting records first, so that the list is never behind.
Result<std::unique_ptr<IntakeSession>> open_judged(const CommandRun& run) {
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(std::unique_ptr<IntakeSession> session,
              IntakeSession::open(RealmFolder{folder}.intake(), RealmFolder{folder}.serving()));
  ROOTLET_TRY(session->validate(run.now()));
  return session;
}

// The records that were listed, as rows and as JSON, and how many are in each state.
struct Listing {
  json::array list;
  TextTable table;
  std::array<std::int64_t, 3> counts{};  // by IntakeState

  std::int64_t count(IntakeState state) const { return counts[static_cast<std::size_t>(state)]; }
  void add(const IntakeRecord& record, bool as_json) {
    ++counts[static_cast<std::size_t>(record.state)];
    if (as_json) {
      list.push_back(json_record(record));
      return;
    }
    const std::string why = record.objections.empty()
                                ? ""
                                : record.objections[0].field + ": " + record.objections[0].reason;
    table.add({record.record.id, record.office, record.record.form,
               std::string(name_of(record.state)), format_time(record.received_at), why});
  }
};

Status list_records(Intake& intake, IntakeFilter filter, bool as_json, Listing& listing) {
  while (true) {
    ROOTLET_TRY(const IntakePage page, intake.list(filter));
    for (const IntakeRecord& record : page.records) listing.add(record, as_json);
    if (page.records.size() < filter.limit) return ok();
    filter.after = page.last;
  }
}

// Those that wait for a person come first.
Status list_waiting_first(Intake& intake, const IntakeFilter& filter, bool as_json,
                          Listing& listing) {
  if (filter.state.has_value()) return list_records(intake, filter, as_json, listing);
  for (const IntakeState state :
       {IntakeState::kWaiting, IntakeState::kReturned, IntakeState::kAccepted}) {
    IntakeFilter part = filter;
    part.state = state;
    ROOTLET_TRY(list_records(intake, std::move(part), as_json, listing));
  }
  return ok();
}

std::string counts_text(const Listing& listing, std::int64_t quarantined, bool zh) {
  const auto number = [&](IntakeState state) { return std::to_string(listing.count(state)); };
  const std::string waiting = number(IntakeState::kWaiting),
                    returned = number(IntakeState::kReturned),
                    accepted = number(IntakeState::kAccepted), closed = std::to_string(quarantined);
  std::string text =
      zh ? "待审 " + waiting + "，已退回 " + returned + "，已受理 " + accepted + "。\n"
         : waiting + " waiting, " + returned + " returned, " + accepted + " accepted.\n";
  if (quarantined > 0) {
    text += zh ? closed + " 个批次无法打开或读取，已保留并通知单位。\n"
               : closed +
                     " batches could not be opened or read; they are kept and their offices "
                     "informed.\n";
  }
  return text;
}

Status run_inbox_list(const CommandRun& run) {
  ROOTLET_TRY(const IntakeFilter filter, read_filter(run));
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(run));
  Listing listing{
      .list = {},
      .table = table_of(run.output, {"RECORD", "OFFICE", "FORM", "STATE", "RECEIVED", "WHY"},
                        {"记录", "单位", "表单", "状态", "接收时间", "原因"})};
  ROOTLET_TRY(list_waiting_first(session->intake(), filter, run.output.json, listing));
  ROOTLET_TRY(const IntakeCounts counts, session->intake().counts());
  ROOTLET_TRY(const std::vector<ForkEntry> forks, session->intake().forks());
  if (run.output.json) {
    return run.output.print_json(
        json::object{{"records", std::move(listing.list)},
                     {"counts",
                      {{"waiting", listing.count(IntakeState::kWaiting)},
                       {"returned", listing.count(IntakeState::kReturned)},
                       {"accepted", listing.count(IntakeState::kAccepted)}}},
                     {"quarantined", counts.quarantined},
                     {"forks", json_forks(forks)}});
  }
  if (!listing.table.empty()) {
    ROOTLET_TRY(run.output.print(listing.table));
  }
  return run.output.print(counts_text(listing, counts.quarantined, run.output.is_chinese()) +
                          forks_text(forks, run.output.language));
}

Status run_inbox_show(const CommandRun& run) {
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(run));
  ROOTLET_TRY(const IntakeRecord record, session->intake().show(run.arguments.value("ID")));
  json::object object = json_record(record);
  object["chain"] = record.chain;
  object["sequence"] = json_count(record.sequence);
  object["values"] = record.record.values;
  object["kept"] = record.record.kept;
  if (run.output.json) return run.output.print_json(object);
  TextTable table = table_of(run.output, {"FIELD", "VALUE"}, {"字段", "内容"});
  for (const auto& [name, value] : record.record.values) {
    table.add({std::string(name),
               value.is_string() ? std::string(value.get_string()) : json::serialize(value)});
  }
  ROOTLET_TRY(run.output.print("Record " + record.record.id + " of " + record.office + ", form " +
                               record.record.form + ": " + std::string(name_of(record.state)) +
                               "\n"));
  ROOTLET_TRY(run.output.print(table));
  for (const Objection& objection : record.objections) {
    ROOTLET_TRY(
        run.output.print(objection.field + ": " + objection.words.in(run.output.language) + "\n"));
  }
  return ok();
}

// Judges the records and reports which of them changed.
Status judge(const CommandRun& run, std::optional<Objection> objection) {
  const IntakeState state = objection ? IntakeState::kReturned : IntakeState::kAccepted;
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(run));
  ROOTLET_TRY(const std::vector<ManualOutcome> outcomes,
              session->intake().judge_records({.ids = run.arguments.values("ID"),
                                               .office = run.arguments.value("office"),
                                               .objection = std::move(objection)},
                                              *session, *session, run.now()));
  const std::string word(name_of(state));
  const bool zh = run.output.is_chinese();
  json::array list;
  std::string text;
  for (const ManualOutcome& one : outcomes) {
    list.push_back(json::object{
        {"id", one.id}, {"office", one.office}, {"state", word}, {"already", one.was_already}});
    const std::string done = state == IntakeState::kAccepted ? "已受理" : "已退回";
    text += one.was_already
                ? (zh ? "记录 " + one.id + " 此前" + done + "，未作改动。\n"
                      : "Record " + one.id + " was " + word + " already; nothing changed.\n")
                : (zh ? "记录 " + one.id + "（" + one.office + "）" + done + "，结果随邮箱送达。\n"
                      : "Record " + one.id + " of " + one.office + " is " + word +
                            "; its office learns it with the next mail.\n");
  }
  return run.output.report(json::object{{"records", std::move(list)}}, text);
}

Status run_inbox_accept(const CommandRun& run) {
  return judge(run, std::nullopt);
}

Status run_inbox_return(const CommandRun& run) {
  Objection objection{
      .field = run.arguments.value("field"), .reason = run.arguments.value("reason"), .words = {}};
  ROOTLET_TRY(check_identifier(objection.reason, "reason"));
  std::string words = run.arguments.value("words");
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (words.size() > kObjectionWordsBytes || !is_utf8(words) ||
      std::any_of(words.begin(), words.end(), is_control)) {
    return bad_input(
        "words: at most " + std::to_string(kObjectionWordsBytes) + " bytes of UTF-8 on one line",
        "words");
  }
  objection.words = {.en = "The platform's reviewer returned it: " + objection.reason,
                     .zh = "平台审核退回：" + objection.reason};
  if (!words.empty()) objection.words = {.en = words, .zh = std::move(words)};
  return judge(run, std::move(objection));
}

OptionSpec office_option() {
  return {.name = "office",
          .value_name = "O",
          .help = {.en = "the records' office, if several have a record of this ID",
                   .zh = "记录所属单位，编号在多个单位重复时指定"}};
}

}  // namespace

std::vector<Command> inbox_commands() {
  return {
      {.name = "inbox list",
       .summary = {.en = "Show the records taken in, waiting ones first",
                   .zh = "列出已接收的记录，待审的在前"},
       .details = {.en = "Validates waiting records first. Only \"inbox show\" shows values.",
                   .zh = "先审核待审记录。记录内容只在 inbox show 中显示。"},
       .example = {.en = "rootlet-platform inbox list --form household-visit --office jiaxing"},
       .options = {{.name = "form",
                    .value_name = "F",
                    .help = {.en = "only records of this form", .zh = "只列出此表单"}},
                   {.name = "office",
                    .value_name = "O",
                    .help = {.en = "only records of this office", .zh = "只列出此单位"}},
                   {.name = "state",
                    .value_name = "S",
                    .help = {.en = "only waiting, accepted or returned",
                             .zh = "只列出此状态：waiting、accepted 或 returned"},
                    .choices = {"waiting", "accepted", "returned"}}},
       .run = with_clock(run_inbox_list)},
      {.name = "inbox show",
       .summary = {.en = "Show one record with its values", .zh = "查看一条记录的内容"},
       .details = {.en = "The beginning of the ID is enough, if no other record's begins so.",
                   .zh = "编号只需输入能区分的开头几位。"},
       .example = {.en = "rootlet-platform inbox show 0123456789abcdef0123456789abcdef"},
       .positionals = {{.name = "ID"}},
       .run = with_clock(run_inbox_show)},
      {.name = "inbox accept",
       .summary = {.en = "Accept waiting records of forms with manual review",
                   .zh = "受理人工审核表单的待审记录"},
       .details = {.en = "All of the records, or none if one of them cannot be accepted. The "
                         "office learns it by mail.",
                   .zh = "全部受理；其中一条不能受理时全部不作改动。结果随邮箱送达单位。"},
       .example = {.en = "rootlet-platform inbox accept 0123456789abcdef0123456789abcdef"},
       .positionals = {{.name = "ID", .may_repeat = true}},
       .options = {office_option()},
       .run = with_clock(run_inbox_accept)},
      {.name = "inbox return",
       .summary = {.en = "Return waiting records to their offices, with the reason",
                   .zh = "将待审记录退回单位并说明原因"},
       .details = {.en = "All of the records, or none if one of them cannot be returned. The "
                         "office corrects the record and sends it again under the same ID.",
                   .zh = "全部退回；其中一条不能退回时全部不作改动。单位改正后以原编号重新报送。"},
       .example = {.en = "rootlet-platform inbox return 0123456789abcdef0123456789abcdef "
                         "--field name --reason unclear --words 请核对姓名"},
       .positionals = {{.name = "ID", .may_repeat = true}},
       .options = {{.name = "field",
                    .value_name = "F",
                    .help = {.en = "the field of the form", .zh = "表单字段"},
                    .is_required = true},
                   {.name = "reason",
                    .value_name = "CODE",
                    .help = {.en = "a short word: a-z, 0-9, - and _",
                             .zh = "原因代码：a-z、0-9、- 和 _"},
                    .is_required = true},
                   {.name = "words",
                    .value_name = "TEXT",
                    .help = {.en = "what the clerk reads", .zh = "给填报人的说明"}},
                   office_option()},
       .run = with_clock(run_inbox_return)}};
}

}  // namespace rootlet::platform
