// The enrolment request and answer as JSON (docs/FORMATS.md, "Invitation").
#include "sync/trust/office/enrolment.hpp"

#include "core/format/json.hpp"
#include "sync/trust/office/invitation.hpp"
#include "sync/trust/office/key_field.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kEnvelopeType = "enrolment";
constexpr std::string_view kPlatform = "platform";
constexpr std::string_view kAnswerType = "enrolled";
constexpr std::size_t kVersionBytes = 64;

}  // namespace

std::string encode_enrolment_request(const EnrolmentRequest& request) {
  return json::serialize(json::object{{"token", to_base64(request.token)},
                                      {"signing_key", to_base64(request.signing_key)},
                                      {"sealing_key", to_base64(request.sealing_key)},
                                      {"agent_version", request.agent_version}});
}

Result<EnrolmentRequest> parse_enrolment_request(ByteView payload) {
  ROOTLET_TRY(const json::value document, parse_json(as_text(payload), "enrolment"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "enrolment"));
  EnrolmentRequest request;
  ROOTLET_TRY(request.token, object.base64("token", kInvitationTokenBytes));
  ROOTLET_TRY(request.signing_key, read_public_key(object, "signing_key"));
  ROOTLET_TRY(request.sealing_key, read_sealing_key(object, "sealing_key"));
  ROOTLET_TRY(request.agent_version, object.text("agent_version", kVersionBytes));
  ROOTLET_TRY(object.finish());
  return request;
}

Hash256 invitation_token_hash(ByteView token) {
  return blake2b(token);
}

EnvelopeHeader enrolment_header(const std::string& realm_id, const std::string& office_id,
                                ByteView token) {
  return {.type = std::string(kEnvelopeType),
          .realm = realm_id,
          .from = office_id,
          .to = std::string(kPlatform),
          .chain = to_hex(invitation_token_hash(token))};
}

std::optional<Hash256> enrolment_token_hash(const EnvelopeHeader& header,
                                            std::string_view realm_id) {
  if (header.type != kEnvelopeType || header.realm != realm_id || header.to != kPlatform ||
      header.sequence != 0) {
    return std::nullopt;
  }
  const Result<Bytes> bytes = from_hex(header.chain);
  return bytes.has_value() ? hash_from_bytes(bytes.value()) : std::nullopt;
}

json::object encode_enrolment_answer(const EnrolmentAnswer& answer) {
  json::object out{{"type", kAnswerType},
                   {"realm", answer.realm_id},
                   {"office", answer.office_id},
                   {"at", format_time(answer.enrolled)}};
  if (answer.signing_key) out["signing_key"] = to_base64(*answer.signing_key);
  return out;
}

Result<EnrolmentAnswer> parse_enrolment_answer(const json::value& statement) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(statement, "the platform's answer"));
  if (object.text_or("type", "") != kAnswerType) {
    return fail(ErrorCode::kUntrusted, "the platform's answer: type must be \"enrolled\"");
  }
  EnrolmentAnswer answer;
  answer.realm_id = object.text_or("realm", "");
  answer.office_id = object.text_or("office", "");
  const Result<UnixTime> enrolled = parse_time(object.text_or("at", ""));
  if (enrolled.has_value()) answer.enrolled = enrolled.value();
  if (object.has("signing_key")) {
    ROOTLET_TRY(answer.signing_key, read_public_key(object, "signing_key"));
  }
  return answer;
}

}  // namespace rootlet
