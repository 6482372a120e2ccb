// The commands for forms, records and the outbox.
#include "agent/care/read_cache.hpp"
#include "agent/office/office.hpp"
#include "agent/service/service.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kRecordsAtOnce = 1000;

Result<FormDefinition> find_form(Office& office, const std::string& id) {
  ROOTLET_TRY(const std::optional<std::vector<FormEntry>> forms,
              read_directory(office, [](DirectoryView& view) { return view.forms(); }));
  if (!forms) {
    return fail(ErrorCode::kUnreachable, "no form has arrived yet: run `rootlet sync`");
  }
  std::string names;
  for (const FormEntry& form : *forms) {
    if (form.id == id) return FormDefinition::parse(form.body, "form " + id);
    names += (names.empty() ? "" : ", ") + form.id;
  }
  return bad_input("there is no form '" + id + "'; there are: " + (names.empty() ? "none" : names),
                   "form");
}

json::object form_json(const FormDefinition& form) {
  json::array fields;
  for (const FormField& field : form.fields) {
    json::array choices;
    for (const Choice& choice : field.choices) {
      choices.push_back(json::object{{"value", choice.value}, {"title", to_json(choice.title)}});
    }
    fields.push_back(json::object{{"name", field.name},
                                  {"type", name_of(field.type)},
                                  {"title", to_json(field.title)},
                                  {"required", field.required},
                                  {"choices", std::move(choices)},
                                  {"tags", json::array(field.tags.begin(), field.tags.end())}});
  }
  return {{"id", form.id},
          {"version", form.version},
          {"title", to_json(form.title)},
          {"purpose", to_json(form.purpose)},
          {"basis", to_json(form.basis)},
          {"unit", to_json(form.unit)},
          {"contact", to_json(form.contact)},
          {"retention_days", form.retention_days},
          {"fields", std::move(fields)}};
}

json::array objections_json(const std::vector<Objection>& objections) {
  json::array out;
  for (const Objection& objection : objections) {
    out.push_back(json::object{{"field", objection.field},
                               {"reason", objection.reason},
                               {"words", to_json(objection.words)}});
  }
  return out;
}

json::object summary_json(const RecordSummary& summary) {
  json::object out{{"id", summary.id},
                   {"kind", summary.kind},
                   {"form", summary.form},
                   {"state", name_of(summary.state)},
                   {"attempt", summary.attempt},
                   {"at", format_time(summary.at)},
                   {"saved_at", format_time(summary.saved_at)},
                   {"objections", objections_json(summary.objections)},
                   {"erased", summary.erased}};
  if (summary.held_bytes > 0) {
    out["too_large"] = json::object{{"bytes", summary.held_bytes},
                                    {"words", to_json(words_of_held(summary.held_bytes))}};
  }
  return out;
}

json::object detail_json(const RecordDetail& detail) {
  json::object out = summary_json(detail.summary);
  out["form_version"] = detail.record.form_version;
  out["values"] = detail.record.values;
  out["kept"] = detail.record.kept;
  out["chain"] = detail.chain;
  out["sequence"] = detail.sequence;
  out["batch"] = detail.batch;
  json::array receipts;
  for (const std::string* receipt : {&detail.receipt, &detail.judgement}) {
    if (!receipt->empty()) receipts.push_back(json::string(*receipt));
  }
  out["receipts"] = std::move(receipts);
  return out;
}

Error in_record(std::size_t index, std::size_t of, Error error) {
  if (of > 1) error.message = "record " + std::to_string(index + 1) + ": " + error.message;
  return error;
}

}  // namespace

Result<json::object> Service::forms(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  json::array out;
  ROOTLET_TRY(const std::optional<std::vector<FormEntry>> entries,
              read_directory(office, [](DirectoryView& view) { return view.forms(); }));
  for (const FormEntry& entry : entries.value_or(std::vector<FormEntry>())) {
    ROOTLET_TRY(const FormDefinition form, FormDefinition::parse(entry.body, "form " + entry.id));
    out.push_back(form_json(form));
  }
  return json::object{{"forms", std::move(out)}};
}

Result<json::object> Service::submit(Call& call) {
  ROOTLET_TRY(const std::string form_id, call.args.text("form", limits::kNameBytes));
  ROOTLET_TRY(const json::array* records, call.args.array("records", kRecordsAtOnce));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormDefinition form, find_form(office, form_id));
  const UnixTime now = office.time().now;
  if (records->empty()) return bad_input("the list of records is empty", "records");
  // Validate all records before saving the first, so that a list is saved whole or not at all.
  for (std::size_t i = 0; i < records->size(); ++i) {
    const json::object* values = (*records)[i].if_object();
    if (values == nullptr) {
      return in_record(i, records->size(), bad_input("must be an object of values", "records"));
    }
    const std::vector<Violation> violations =
        validate_values(form, normalise_values(form, *values), {});
    if (!violations.empty()) return in_record(i, records->size(), error_of(form, violations));
  }
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  json::array saved;
  for (const json::value& values : *records) {
    Record record{.id = "",
                  .form = form.id,
                  .form_version = form.version,
                  .at = now,
                  .values = values.get_object()};
    ROOTLET_TRY(const std::string id, outbox.save(form, std::move(record), now));
    saved.push_back(json::object{{"id", id}, {"state", name_of(RecordState::kSaved)}});
  }
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  scheduler_->nudge();
  json::object out{{"form", form.id}};
  if (saved.size() == 1) out = saved.front().get_object(), out["form"] = form.id;
  out["records"] = std::move(saved);
  return out;
}

Result<json::object> Service::outbox_list(Call& call) {
  OutboxFilter filter;
  ROOTLET_TRY(const std::int64_t limit, call.args.integer("limit", 1, 100'000));
  ROOTLET_TRY(const std::string state, call.args.text("state", limits::kNameBytes));
  ROOTLET_TRY(filter.form, call.args.text("form", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  filter.limit = static_cast<std::size_t>(limit) + 1;  // one more shows whether there are more
  if (!state.empty()) {
    ROOTLET_TRY(filter.state, record_state_named(state));
  }
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(std::vector<RecordSummary> records, outbox.list(filter));
  const bool more = records.size() == filter.limit;
  if (more) records.pop_back();
  json::array out;
  for (const RecordSummary& record : records) out.push_back(summary_json(record));
  return json::object{{"records", std::move(out)}, {"truncated", more}};
}

Result<json::object> Service::outbox_show(Call& call) {
  ROOTLET_TRY(const std::string id, call.args.text("id", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const RecordDetail detail, outbox.show(id));
  return detail_json(detail);
}

Result<json::object> Service::outbox_fix(Call& call) {
  ROOTLET_TRY(const std::string id, call.args.text("id", limits::kNameBytes));
  const json::value* values = call.args.find("values");
  ROOTLET_TRY(call.args.finish());
  if (values == nullptr || !values->is_object()) {
    return bad_input("must be an object of values", "values");
  }
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const RecordDetail detail, outbox.show(id));
  ROOTLET_TRY(const FormDefinition form, find_form(office, detail.summary.form));
  ROOTLET_TRY(outbox.fix(form, id, values->get_object(), {}, office.time().now));
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, office.time().now));
  scheduler_->nudge();
  return json::object{{"id", id}, {"state", name_of(RecordState::kSaved)}};
}

Result<json::object> Service::outbox_restart(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(json::object report, restart_outbox(office.home(), office.keys(), office.time().now));
  scheduler_->nudge();
  return report;
}

}  // namespace rootlet::agent
