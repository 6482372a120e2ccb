// The commands for forms, records and the outbox.
#include "agent/care/read_cache.hpp"
#include "agent/office/office.hpp"
#include "agent/records/receipt_view.hpp"
#include "agent/service/service.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kRecordsAtOnce = 1000;

// The violations of one record of a list.
struct WrongRecord {
  std::size_t number = 0;  // from 1
  std::vector<Violation> violations;
};

std::vector<WrongRecord> find_violations(const FormDefinition& form, const json::array& records) {
  std::vector<WrongRecord> out;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const json::object* values = records[i].if_object();
    std::vector<Violation> violations;
    if (values == nullptr) {
      violations.push_back({"records",
                            "type",
                            {.en = "A record is an object of values: {\"field\": value}.",
                             .zh = "每条记录应为一组填写值：{\"项目\": 值}。"}});
    } else {
      violations = validate_values(form, normalise_values(form, *values), {});
    }
    if (!violations.empty()) out.push_back({i + 1, std::move(violations)});
  }
  return out;
}

// All mistakes of a submission as one error: a line for each, by its record and title.
Error error_of_records(const FormDefinition& form, const std::vector<WrongRecord>& wrong,
                       std::size_t of) {
  const WrongRecord& first = wrong.front();
  Error error = error_of(form, first.violations);
  if (of == 1) return error;
  const std::string number = std::to_string(first.number);
  if (wrong.size() == 1) return within("record " + number, std::move(error));
  std::size_t count = 0;
  Text lines;
  for (const WrongRecord& each : wrong) {
    for (const Violation& violation : each.violations) {
      if (++count > limits::kMistakes) continue;
      const std::string place = std::to_string(each.number);
      const Text words = words_at_field(form, violation);
      lines.en += (lines.en.empty() ? "" : "\n  ") + ("Record " + place + ", " + words.en);
      lines.zh += (lines.zh.empty() ? "" : "\n  ") + ("第 " + place + " 条，" + words.zh);
    }
  }
  return bad_input(std::to_string(wrong.size()) + " records have " + std::to_string(count) +
                       " mistakes; the first is in record " + number,
                   first.violations.front().field, std::move(lines));
}

// `id` is that of a draft, or of the record that it has become when this request is sent again; ""
// for new records.
Status check_draft(Outbox& outbox, const std::string& id, std::size_t records) {
  if (id.empty()) return ok();
  if (records != 1) return bad_input("a draft becomes one record, not several", "id");
  if (outbox.show(id).has_value()) return ok();
  return bad_input("there is no draft " + id, "id",
                   {.en = "It was removed meanwhile; send it without id.",
                    .zh = "没有此草稿：可能已被删除，请不带编号重新提交。"});
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
  std::string draft;
  if (call.args.has("id")) {
    ROOTLET_TRY(draft, call.args.text("id", limits::kNameBytes));
  }
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormDefinition form, find_form(office, form_id));
  const UnixTime now = office.time().now;
  if (records->empty()) return bad_input("the list of records is empty", "records");
  // Validate all records before saving the first, so that a list is saved whole or not at all.
  const std::vector<WrongRecord> wrong = find_violations(form, *records);
  if (!wrong.empty()) return error_of_records(form, wrong, records->size());
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(check_draft(outbox, draft, records->size()));
  json::array saved;
  for (const json::value& values : *records) {
    Record record{.id = draft,
                  .form = form.id,
                  .form_version = form.version,
                  .at = now,
                  .values = values.get_object()};
    ROOTLET_TRY(const std::string id, outbox.save(form, std::move(record), now));
    saved.push_back(json::object{{"id", id},
                                 {"state", name_of(RecordState::kSaved)},
                                 {"subject", record_subject(form, values.get_object())}});
  }
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  scheduler_->nudge();
  json::object out{{"form", form.id}};
  if (saved.size() == 1) out = saved.front().get_object(), out["form"] = form.id;
  out["records"] = std::move(saved);
  return out;
}

Result<json::object> Service::submit_check(Call& call) {
  ROOTLET_TRY(const std::string form_id, call.args.text("form", limits::kNameBytes));
  ROOTLET_TRY(const json::array* records, call.args.array("records", kRecordsAtOnce));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormDefinition form, find_form(office, form_id));
  json::array mistakes;
  bool more = false;
  for (const WrongRecord& wrong : find_violations(form, *records)) {
    for (const Violation& violation : wrong.violations) {
      more = mistakes.size() == limits::kMistakes;
      if (more) break;
      mistakes.push_back(mistake_json(wrong.number, form, violation));
    }
  }
  return json::object{{"form", form.id},
                      {"valid", mistakes.empty()},
                      {"mistakes", std::move(mistakes)},
                      {"more", more}};
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
  ROOTLET_TRY(const FormShelf forms, FormShelf::open(office));
  filter.subject_of = [&](const Record& record) {
    const FormDefinition* form = forms.find(record.kind, record.form);
    return form != nullptr ? record_subject(*form, record.values) : std::string();
  };
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(std::vector<RecordSummary> records, outbox.list(filter));
  const bool more = records.size() == filter.limit;
  if (more) records.pop_back();
  json::array out;
  for (const RecordSummary& record : records) {
    out.push_back(summary_json(record, forms.find(record.kind, record.form)));
  }
  return json::object{{"records", std::move(out)}, {"truncated", more}};
}

Result<json::object> Service::outbox_show(Call& call) {
  ROOTLET_TRY(const std::string given, call.args.text("id", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormShelf forms, FormShelf::open(office));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const std::string id, find_record_id(outbox, forms, given));
  ROOTLET_TRY(const RecordDetail detail, outbox.show(id));
  return detail_json(detail, forms.find(detail.summary.kind, detail.summary.form));
}

Result<json::object> Service::outbox_receipt(Call& call) {
  ROOTLET_TRY(const std::string given, call.args.text("id", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormShelf forms, FormShelf::open(office));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const std::string id, find_record_id(outbox, forms, given));
  ROOTLET_TRY(const RecordDetail detail, outbox.show(id));
  return receipt_json(detail, forms.find(detail.summary.kind, detail.summary.form),
                      office.identity());
}

Result<json::object> Service::outbox_fix(Call& call) {
  ROOTLET_TRY(const std::string given, call.args.text("id", limits::kNameBytes));
  const json::value* values = call.args.find("values");
  ROOTLET_TRY(call.args.finish());
  if (values == nullptr || !values->is_object()) {
    return bad_input("must be an object of values", "values");
  }
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormShelf forms, FormShelf::open(office));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const std::string id, find_record_id(outbox, forms, given));
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
