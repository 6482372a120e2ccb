// inbox: the records taken in.
#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {
namespace {

json::array json_objections(const IntakeRecord& record) {
  json::array list;
  for (const Objection& objection : record.objections) {
    list.push_back(json::object{{"field", objection.field},
                                {"reason", objection.reason},
                                {"words", json_text(objection.words)}});
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

Result<IntakeFilter> read_filter(const CommandInput& input) {
  IntakeFilter filter{.office = input.text("office"), .form = input.text("form")};
  if (input.has("state")) {
    ROOTLET_TRY(filter.state, intake_state_named(input.text("state")));
  }
  return filter;
}

// What waits is judged first, so that the list is never behind.
Result<std::unique_ptr<IntakeSession>> open_judged(const CommandInput& input) {
  ROOTLET_TRY(std::unique_ptr<IntakeSession> session, IntakeSession::open(input.realm_folder()));
  ROOTLET_TRY(session->validate(input.now()));
  return session;
}

Status run_inbox_list(const CommandInput& input) {
  ROOTLET_TRY(IntakeFilter filter, read_filter(input));
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(input));
  json::array list;
  TextTable table({"RECORD", "OFFICE", "FORM", "STATE", "RECEIVED", "WHY"});
  while (true) {
    ROOTLET_TRY(const IntakePage page, session->intake().list(filter));
    for (const IntakeRecord& record : page.records) {
      if (input.json()) {
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
  if (input.json()) {
    print_json(json::object{{"records", std::move(list)}, {"quarantined", counts.quarantined}});
    return ok();
  }
  print_text(table.empty() ? "No record.\n" : table.text());
  if (counts.quarantined > 0) {
    print_text(std::to_string(counts.quarantined) +
               " batches could not be opened or read; they are kept and their offices told.\n");
  }
  return ok();
}

Status run_inbox_show(const CommandInput& input) {
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session, open_judged(input));
  ROOTLET_TRY(const IntakeRecord record, session->intake().show(input.text("ID")));
  json::object object = json_record(record);
  object["chain"] = record.chain;
  object["sequence"] = json_count(record.sequence);
  object["values"] = record.record.values;
  object["kept"] = record.record.kept;
  if (input.json()) {
    print_json(object);
    return ok();
  }
  TextTable table({"FIELD", "VALUE"});
  for (const auto& [name, value] : record.record.values) {
    table.add({std::string(name),
               value.is_string() ? std::string(value.get_string()) : json::serialize(value)});
  }
  print_text("Record " + record.record.id + " of " + record.office + ", form " +
             record.record.form + ": " + std::string(name_of(record.state)) + "\n" + table.text());
  for (const Objection& objection : record.objections) {
    print_text(objection.field + ": " + objection.words.in(language_from_environment()) + "\n");
  }
  return ok();
}

}  // namespace

std::vector<Command> inbox_commands() {
  return {{.name = "inbox list",
           .arguments = {},
           .summary = "Show the records taken in, oldest first.",
           .details = "Judges what waits first. Values are shown by \"inbox show\" only.",
           .example = "rootlet-platform inbox list --form household-visit --office jiaxing",
           .options = {{"form", "F", "only of this form", false},
                       {"office", "O", "only of this office", false},
                       {"state", "S", "only waiting, accepted or returned", false}},
           .run = run_inbox_list},
          {.name = "inbox show",
           .arguments = {"ID"},
           .summary = "Show one record with its values.",
           .details = "",
           .example = "rootlet-platform inbox show 0123456789abcdef0123456789abcdef",
           .options = {},
           .run = run_inbox_show}};
}

}  // namespace rootlet::platform
