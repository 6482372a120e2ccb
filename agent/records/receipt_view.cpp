// Times are those that the receipts say; one that does not verify any more, because the platform
// has new keys, is shown with its text and without its time.
#include "agent/records/receipt_view.hpp"

namespace rootlet::agent {
namespace {

Error no_receipt(RecordState state) {
  const std::string name(name_of(state));
  return bad_input("there is no receipt yet: the record is " + name, "receipt",
                   {.en = "The platform's receipt comes with the sync that sends the record.",
                    .zh = "尚无回执：记录还未被平台接收，同步成功后即可打印。"});
}

json::object state_at(RecordState state, UnixTime at) {
  return {{"state", name_of(state)}, {"at", format_time(at)}};
}

json::array states_json(const RecordDetail& detail, const ServiceKeys& keys) {
  json::array out{state_at(RecordState::kSaved, detail.summary.saved_at),
                  state_at(RecordState::kSealed, detail.sealed_at)};
  const Result<BatchAnswer> received = verify_answer(detail.receipt, keys.receipt);
  if (received.has_value()) {
    out.push_back(state_at(RecordState::kReceived, received.value().at));
  }
  if (detail.judgement.empty()) return out;
  const Result<Judgement> judged = verify_judgement(detail.judgement, keys.judgement);
  if (judged.has_value()) out.push_back(state_at(detail.summary.state, judged.value().at));
  return out;
}

json::value base64_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(to_base64(as_bytes(text)));
}

}  // namespace

Result<json::object> receipt_json(const RecordDetail& detail, const FormDefinition* form,
                                  const Identity& identity) {
  const Invitation& invitation = identity.invitation;
  const RecordSummary& summary = detail.summary;
  if (detail.receipt.empty()) return no_receipt(summary.state);
  const Text title = form != nullptr ? form->title : Text{.en = summary.form, .zh = {}};
  return json::object{
      {"id", summary.id},
      {"form", summary.form},
      {"form_title", to_json(title)},
      {"subject", form != nullptr ? record_subject(*form, detail.record.values) : ""},
      {"state", name_of(summary.state)},
      {"attempt", summary.attempt},
      {"states", states_json(detail, identity.service_keys)},
      {"receipt", base64_or_null(detail.receipt)},
      {"judgement", base64_or_null(detail.judgement)},
      {"statement_key", to_base64(identity.service_keys.receipt.front())},
      {"judgement_key", to_base64(identity.service_keys.judgement.front())},
      {"office", json::object{{"id", invitation.office_id},
                              {"name", invitation.office_name},
                              {"division", invitation.office_division}}},
      {"realm", json::object{{"id", invitation.realm_id}, {"name", invitation.realm_name}}}};
}

}  // namespace rootlet::agent
