// The command inbox: the records taken in.
#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
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
              IntakeSession::open(folder, run.signing_clock()));
  ROOTLET_TRY(session->validate(run.now()));
  return session;
}

Status run_inbox_list(const CommandRun& run) {
  ROOTLET_TRY(IntakeFilter filter, read_filter(run));
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(run));
  json::array list;
  TextTable table({"RECORD", "OFFICE", "FORM", "STATE", "RECEIVED", "WHY"});
  while (true) {
    ROOTLET_TRY(const IntakePage page, session->intake().list(filter));
    for (const IntakeRecord& record : page.records) {
      if (run.output.json) {
        list.push_back(json_record(record));
        continue;
      }
      const std::string why = record.objections.empty()
                                  ? ""
                                  : record.objections[0].field + ": " + record.objections[0].reason;
      table.add({record.record.id, record.office, record.record.form,
                 std::string(name_of(record.state)), format_time(record.received_at), why});
    }
    if (page.records.size() < filter.limit) break;
    filter.after = page.last;
  }
  ROOTLET_TRY(const IntakeCounts counts, session->intake().counts());
  ROOTLET_TRY(run.output.report(
      json::object{{"records", std::move(list)}, {"quarantined", counts.quarantined}}, table,
      "No record.\n"));
  if (run.output.json || counts.quarantined == 0) return ok();
  return run.output.print(
      std::to_string(counts.quarantined) +
      " batches could not be opened or read; they are kept and their offices informed.\n");
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
  TextTable table({"FIELD", "VALUE"});
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

}  // namespace

std::vector<Command> inbox_commands() {
  return {{.name = "inbox list",
           .summary = {.en = "Show the records taken in, oldest first",
                       .zh = "列出已接收的记录，旧的在前"},
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
           .example = {.en = "rootlet-platform inbox show 0123456789abcdef0123456789abcdef"},
           .positionals = {{.name = "ID"}},
           .run = with_clock(run_inbox_show)}};
}

}  // namespace rootlet::platform
