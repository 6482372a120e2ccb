// The commands of drafts: records that are not finished. Like all records they belong to the
// office, and any clerk may finish one. A draft may have mistakes and gaps; it is never sent.
#include "agent/office/office.hpp"
#include "agent/records/record_view.hpp"
#include "agent/service/service.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

Error no_draft(const std::string& id) {
  return bad_input(
      "there is no draft " + id.substr(0, 64), "id",
      {.en = "It was sent or removed meanwhile.", .zh = "没有此草稿：可能已提交或已删除。"});
}

// The draft of this id. kBadInput, field "id", if there is none.
Result<RecordDetail> find_draft(Outbox& outbox, const std::string& id) {
  if (!is_record_id(id)) return no_draft(id);
  Result<RecordDetail> found = outbox.show(id);
  if (found.has_error() && found.error().code != ErrorCode::kBadInput) return found;
  if (found.has_error() || found.value().summary.state != RecordState::kDraft) return no_draft(id);
  return found;
}

Status check_size(const json::object& values) {
  if (json::serialize(values).size() <= limits::kDraftBytes) return ok();
  const std::string most = std::to_string(limits::kDraftBytes / limits::kKiB);
  return bad_input("a draft has at most " + most + " KiB", "values",
                   {.en = "Shorten the long texts.",
                    .zh = "草稿内容过大，最多 " + most + " KiB，请缩短较长的文字。"});
}

Status check_room(Outbox& outbox) {
  ROOTLET_TRY(const OutboxCounts counts, outbox.counts());
  if (counts.of(RecordState::kDraft) < static_cast<std::int64_t>(limits::kDrafts)) return ok();
  const std::string most = std::to_string(limits::kDrafts);
  return bad_input("there are " + most + " drafts, the most of an office", "form",
                   {.en = "Send or remove some first.",
                    .zh = "草稿已达上限 " + most + " 份，请先提交或删除部分草稿。"});
}

json::object draft_json(const RecordDetail& draft, const FormDefinition* form) {
  const Text title = form != nullptr ? form->title : Text{.en = draft.record.form, .zh = {}};
  return {{"id", draft.record.id},
          {"form", draft.record.form},
          {"form_title", to_json(title)},
          {"subject", form != nullptr ? record_subject(*form, draft.record.values) : ""},
          {"saved_at", format_time(draft.summary.saved_at)},
          {"values", draft.record.values}};
}

}  // namespace

Result<json::object> Service::draft_save(Call& call) {
  ROOTLET_TRY(const std::string form_id, call.args.text("form", limits::kNameBytes));
  std::string id;
  if (call.args.has("id")) {
    ROOTLET_TRY(id, call.args.text("id", limits::kNameBytes));
  }
  const json::value* values = call.args.find("values");
  ROOTLET_TRY(call.args.finish());
  if (values == nullptr || !values->is_object()) {
    return bad_input(
        "must be an object of values", "values",
        {.en = "Send {\"field\": value …}.", .zh = "应为一组填写值：{\"项目\": 值}。"});
  }
  ROOTLET_TRY(check_size(values->get_object()));
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormDefinition form, find_form(office, form_id));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  if (id.empty()) {
    ROOTLET_TRY(check_room(outbox));
  } else {
    ROOTLET_TRY(find_draft(outbox, id));
  }
  const UnixTime now = office.time().now;
  Record record{.id = id, .form = form.id, .at = now, .values = values->get_object()};
  ROOTLET_TRY(id, outbox.save_draft(form, std::move(record), now));
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  return json::object{
      {"id", id}, {"form", form.id}, {"state", "draft"}, {"saved_at", format_time(now)}};
}

Result<json::object> Service::draft_list(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const FormShelf forms, FormShelf::open(office));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(const std::vector<RecordSummary> drafts,
              outbox.list({.state = RecordState::kDraft, .limit = limits::kDrafts}));
  json::array out;
  for (const RecordSummary& one : drafts) {
    ROOTLET_TRY(const RecordDetail draft, outbox.show(one.id));
    out.push_back(draft_json(draft, forms.find(draft.record.kind, draft.record.form)));
  }
  return json::object{{"drafts", std::move(out)}};
}

Result<json::object> Service::draft_remove(Call& call) {
  ROOTLET_TRY(const std::string id, call.args.text("id", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(find_draft(outbox, id));
  ROOTLET_TRY(outbox.discard(id));
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, office.time().now));
  return json::object{{"id", id}, {"removed", true}};
}

}  // namespace rootlet::agent
