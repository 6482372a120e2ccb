// Lays out forms and records as JSON.
#include "agent/records/record_view.hpp"

#include <algorithm>

#include "agent/care/read_cache.hpp"
#include "config/cli/suggestion.hpp"
#include "config/output/readable.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/kinds.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kSubjectParts = 2;    // if the form does not name its own
constexpr std::size_t kSubjectBytes = 120;  // one line
constexpr std::size_t kShortId = 8;         // digits by which lists show a record
constexpr std::size_t kCandidates = 10;

bool has_tag(const FormField& field, std::string_view tag) {
  return std::find(field.tags.begin(), field.tags.end(), tag) != field.tags.end();
}

std::string plain_value(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  return value.is_null() ? "" : json::serialize(value);
}

std::string shown_value(const FormField& field, const json::value& value) {
  const std::string text = plain_value(value);
  if (text.empty()) return text;
  if (field.type == FieldType::kIdCard) return mask_text("id", text);
  if (field.type == FieldType::kPhone) return mask_text("phone", text);
  return has_tag(field, "sensitive_pi") ? mask_text("name", text) : text;
}

std::vector<const FormField*> subject_fields(const FormDefinition& form) {
  std::vector<const FormField*> out;
  for (const std::string& name : form.subject) out.push_back(form.field(name));
  if (!out.empty()) return out;
  if (form.prefill) out.push_back(form.field(form.prefill->key_field));
  for (const FormField& field : form.fields) {
    if (out.size() >= kSubjectParts) break;
    const bool is_new = std::find(out.begin(), out.end(), &field) == out.end();
    if (field.type == FieldType::kText && is_new) out.push_back(&field);
  }
  return out;
}

Text title_text(const FormDefinition* form, const std::string& field) {
  if (form == nullptr) return {.en = field, .zh = field};
  return {.en = title_of(*form, field, Language::kEnglish),
          .zh = title_of(*form, field, Language::kChinese)};
}

json::array objections_json(const std::vector<Objection>& objections, const FormDefinition* form) {
  json::array out;
  for (const Objection& objection : objections) {
    out.push_back(json::object{{"field", objection.field},
                               {"title", to_json(title_text(form, objection.field))},
                               {"reason", objection.reason},
                               {"words", to_json(objection.words)}});
  }
  return out;
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

json::object field_json(const FormField& field) {
  json::array choices;
  for (const Choice& choice : field.choices) {
    choices.push_back(json::object{{"value", choice.value}, {"title", to_json(choice.title)}});
  }
  return {{"name", field.name},
          {"type", name_of(field.type)},
          {"title", to_json(field.title)},
          {"required", field.required},
          {"choices", std::move(choices)},
          {"tags", json_texts(field.tags)},
          {"scale", field.scale},
          {"max_length", field.max_length},
          {"min", text_or_null(field.min.value_or(""))},
          {"max", text_or_null(field.max.value_or(""))},
          {"pattern", text_or_null(field.pattern_text)},
          {"column", text_or_null(field.column)}};
}

json::value prefill_json(const FormDefinition& form) {
  if (!form.prefill) return nullptr;
  return json::object{{"dataset", form.prefill->dataset},
                      {"key_field", form.prefill->key_field},
                      {"purpose", form.prefill->purpose}};
}

bool may_begin_id(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error no_record(const std::string& given) {
  return bad_input("there is no record " + given, "id",
                   {.en = "No record's id begins so: `rootlet outbox list` shows them.",
                    .zh = "没有以此开头的记录编号：请用 rootlet outbox list 查看。"});
}

// The candidates, one to a line, so that the person can type more of the right one.
Error several_records(const std::string& given, const std::vector<RecordSummary>& found) {
  std::string lines;
  for (std::size_t i = 0; i < std::min(found.size(), kCandidates); ++i) {
    const RecordSummary& one = found[i];
    lines += (lines.empty() ? "" : "\n  ") +
             one.id.substr(0, std::max(kShortId, given.size() + 4)) + "  " + one.form + "  " +
             one.subject + "  " + format_time(one.saved_at);
  }
  if (found.size() > kCandidates) lines += "\n  …";
  return bad_input("several records begin with " + given, "id", {.en = lines, .zh = lines});
}

}  // namespace

Result<FormShelf> FormShelf::open(Office& office) {
  FormShelf shelf;
  ROOTLET_TRY(const std::optional<std::vector<FormEntry>> entries,
              read_directory(office, [](DirectoryView& view) { return view.forms(); }));
  for (const FormEntry& entry : entries.value_or(std::vector<FormEntry>())) {
    Result<FormDefinition> form = FormDefinition::parse(entry.body, "form " + entry.id);
    // One that this program cannot read hides no record.
    if (form.has_value()) shelf.forms_.emplace(entry.id, std::move(form).value());
  }
  return shelf;
}

const FormDefinition* FormShelf::find(std::string_view kind, std::string_view form) const {
  if (const FormDefinition* own = builtin_form(kind)) return own;
  const auto found = forms_.find(form);
  return found == forms_.end() ? nullptr : &found->second;
}

std::string record_subject(const FormDefinition& form, const json::object& values) {
  std::string out;
  for (const FormField* field : subject_fields(form)) {
    const json::value* value = values.if_contains(field->name);
    const std::string text = value == nullptr ? "" : shown_value(*field, *value);
    if (!text.empty()) out += (out.empty() ? "" : " · ") + text;
  }
  return out.size() <= kSubjectBytes ? out : std::string(cut_utf8(out, kSubjectBytes)) + "…";
}

Result<FormDefinition> find_form(Office& office, const std::string& id) {
  ROOTLET_TRY(const std::optional<std::vector<FormEntry>> forms,
              read_directory(office, [](DirectoryView& view) { return view.forms(); }));
  if (!forms) {
    return fail(ErrorCode::kUnreachable, "no form has arrived yet: run `rootlet sync`");
  }
  std::vector<std::string> known;
  for (const FormEntry& form : *forms) {
    if (form.id == id) return FormDefinition::parse(form.body, "form " + id);
    known.push_back(form.id);
  }
  const std::string names = known.empty() ? "none" : joined(known, ", ");
  return bad_input("there is no form '" + id + "'; there are: " + names, "form",
                   did_you_mean(nearest_words(id, known)));
}

json::array fields_json(const FormDefinition& form, const json::object& values) {
  json::array out;
  for (const FormField& field : form.fields) {
    const json::value* value = values.if_contains(field.name);
    if (value == nullptr) continue;
    json::object one{{"name", field.name}, {"title", to_json(field.title)}, {"value", *value}};
    for (const Choice& choice : field.choices) {
      if (plain_value(*value) == choice.value) one["words"] = to_json(choice.title);
    }
    out.push_back(std::move(one));
  }
  return out;
}

json::object form_json(const FormDefinition& form) {
  json::array fields;
  for (const FormField& field : form.fields) fields.push_back(field_json(field));
  return {{"id", form.id},
          {"version", form.version},
          {"title", to_json(form.title)},
          {"purpose", to_json(form.purpose)},
          {"basis", to_json(form.basis)},
          {"unit", to_json(form.unit)},
          {"contact", to_json(form.contact)},
          {"retention_days", form.retention_days},
          {"prefill", prefill_json(form)},
          {"fields", std::move(fields)}};
}

json::object summary_json(const RecordSummary& summary, const FormDefinition* form) {
  json::object out{
      {"id", summary.id},
      {"kind", summary.kind},
      {"form", summary.form},
      {"form_title", to_json(form != nullptr ? form->title : Text{.en = summary.form, .zh = {}})},
      {"subject", summary.subject},
      {"state", name_of(summary.state)},
      {"attempt", summary.attempt},
      {"at", format_time(summary.at)},
      {"saved_at", format_time(summary.saved_at)},
      {"objections", objections_json(summary.objections, form)},
      {"erased", summary.erased}};
  if (summary.held_bytes > 0) {
    out["too_large"] = json::object{{"bytes", summary.held_bytes},
                                    {"words", to_json(words_of_held(summary.held_bytes))}};
  }
  return out;
}

json::object detail_json(const RecordDetail& detail, const FormDefinition* form) {
  RecordSummary summary = detail.summary;
  if (form != nullptr) summary.subject = record_subject(*form, detail.record.values);
  json::object out = summary_json(summary, form);
  out["form_version"] = detail.record.form_version;
  out["values"] = detail.record.values;
  out["kept"] = detail.record.kept;
  out["fields"] = form != nullptr ? fields_json(*form, detail.record.values) : json::array();
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

json::object mistake_json(std::size_t record, const FormDefinition& form,
                          const Violation& violation) {
  return {{"record", record},
          {"field", violation.field},
          {"title", to_json(title_text(&form, violation.field))},
          {"reason", violation.reason},
          {"words", to_json(violation.words)}};
}

Result<std::string> find_record_id(Outbox& outbox, const FormShelf& forms, std::string given) {
  if (is_record_id(given)) return given;
  for (char& c : given) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!may_begin_id(given)) {
    return bad_input(
        "'" + given + "' is not the beginning of a record's id", "id",
        {.en = "An id has digits and the letters a to f.", .zh = "编号由数字和字母 a 至 f 组成。"});
  }
  OutboxFilter filter{.limit = kCandidates + 1, .prefix = given};
  filter.subject_of = [&](const Record& record) {
    const FormDefinition* form = forms.find(record.kind, record.form);
    return form != nullptr ? record_subject(*form, record.values) : std::string();
  };
  ROOTLET_TRY(const std::vector<RecordSummary> found, outbox.list(filter));
  if (found.empty()) return no_record(given);
  if (found.size() > 1) return several_records(given, found);
  return found.front().id;
}

}  // namespace rootlet::agent
