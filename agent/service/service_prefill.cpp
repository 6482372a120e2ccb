// What is known already, so that nobody types it twice: the row that a form prefills from, read for
// a purpose like any other row, with its source and date.
#include "agent/reading/reading.hpp"
#include "agent/records/record_view.hpp"
#include "agent/service/service.hpp"

namespace rootlet::agent {
namespace {

// Keeps the one row of a key, by the names of its columns.
class RowKeeper final : public AnswerSink {
 public:
  explicit RowKeeper(AnswerSink& caller) : caller_(caller) {}
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object& head) override {
    head_ = head;
    return ok();
  }
  Status rows(const json::array& rows) override {
    if (!rows.empty()) row_ = rows.front().get_array();
    return ok();
  }
  bool is_gone() const override { return caller_.is_gone(); }

  // Null if there is no such column, or if it is masked or empty: that is no value to send.
  const json::value* value_of(std::string_view column) const {
    const json::array& columns = array_at(head_, "columns");
    for (std::size_t i = 0; i < columns.size() && i < row_.size(); ++i) {
      const json::object& one = columns[i].get_object();
      if (text_at(one, "name") != column) continue;
      return boolean_at(one, "masked") || row_[i].is_null() ? nullptr : &row_[i];
    }
    return nullptr;
  }
  const json::object& provenance() const { return object_at(head_, "provenance"); }

 private:
  AnswerSink& caller_;
  json::object head_;
  json::array row_;
};

Status check_purpose_named(const FormDefinition& form, const std::string& purpose) {
  if (!purpose.empty()) return ok();
  Error error = fail(ErrorCode::kUsage, "form " + form.id + " names no purpose for its prefill");
  error.hint = {.en = "Name it with --purpose; `rootlet datasets` lists the purposes granted.",
                .zh = "请用 --purpose 说明用途；允许的用途见 rootlet datasets。"};
  return error;
}

// The key of the row itself, or the values of fields, one of which holds it.
struct Given {
  std::string key;
  json::object fields;
};

Result<Given> take_given(JsonObject& args) {
  Given given;
  if (!args.has("fields")) {
    ROOTLET_TRY(given.key, args.text("key"));
    return given;
  }
  const json::value* fields = args.find("fields");
  if (!fields->is_object()) return args.error("fields", "must be an object of texts");
  given.fields = fields->get_object();
  return given;
}

Result<std::string> key_of(const FormDefinition& form, const Given& given) {
  if (!given.key.empty()) return given.key;
  const std::string& field = form.prefill->key_field;
  for (const auto& [name, value] : given.fields) {
    if (std::string_view(name) != field) {
      return bad_input("form " + form.id + " is prefilled by '" + field + "' only",
                       std::string(name),
                       {.en = "Add " + field + "=VALUE.",
                        .zh = "此表单只按“" + title_of(form, field, Language::kChinese) + "”（" +
                              field + "）预填。"});
    }
  }
  const std::string key = text_at(given.fields, field);
  if (!key.empty()) return key;
  return bad_input("the value of '" + field + "' is missing", field,
                   {.en = "Add " + field + "=VALUE.",
                    .zh = "请填写“" + title_of(form, field, Language::kChinese) + "”。"});
}

}  // namespace

Result<json::object> Service::prefill(Call& call) {
  ReadRequest request{.command = "prefill", .dataset = {}, .purpose = {}, .limit = 1};
  ROOTLET_TRY(const std::string form_id, call.args.text("form", limits::kNameBytes));
  ROOTLET_TRY(const Given given, take_given(call.args));
  ROOTLET_TRY(request.purpose, call.args.text("purpose", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormDefinition form, find_form(office, form_id));
  if (!form.prefill) {
    return bad_input("form " + form.id + " prefills nothing", "form",
                     {.en = "Fill it in by hand.", .zh = "此表单没有预填数据，请手工填写。"});
  }
  ROOTLET_TRY(const std::string key, key_of(form, given));
  if (request.purpose.empty()) request.purpose = form.prefill->purpose;
  ROOTLET_TRY(check_purpose_named(form, request.purpose));
  request.dataset = form.prefill->dataset;
  request.key = key;
  RowKeeper row(call.sink);
  ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
  ROOTLET_TRY(const ReadOutcome outcome,
              read_dataset(*session, call.peer, request, row, should_stop_));
  if (outcome.count == 0) {
    return bad_input("dataset " + request.dataset + " has no row with this key here", "key");
  }
  json::object values{{form.prefill->key_field, key}};
  for (const FormField& field : form.fields) {
    const json::value* value = field.column.empty() ? nullptr : row.value_of(field.column);
    if (value != nullptr) values[field.name] = *value;
  }
  values = normalise_values(form, values);
  json::array fields = fields_json(form, values);
  return json::object{{"form", form.id},
                      {"values", std::move(values)},
                      {"fields", std::move(fields)},
                      {"source", row.provenance()}};
}

}  // namespace rootlet::agent
