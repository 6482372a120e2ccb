// The two messages with which an office joins its realm (docs/FORMATS.md, "Invitation"): the
// office's request, sealed in an envelope of type "enrolment", and the platform's answer, a signed
// statement. Both ends use these definitions. Pure; callers seal, sign and verify.
#pragma once

#include <optional>

#include "core/clock.hpp"
#include "sync/trust/office/envelope.hpp"

namespace rootlet {

inline constexpr std::string_view kEnrolmentDomain = "rootlet enrolment v1";  // of the answer

// The payload of the request's envelope. The envelope is signed with `signing_key`.
struct EnrolmentRequest {
  Bytes token;              // from the invitation
  PublicKey signing_key{};  // of the office
  SealingPublicKey sealing_key;
  std::string agent_version;
};

std::string encode_enrolment_request(const EnrolmentRequest& request);
// Strict; kBadInput. Does not check the token.
Result<EnrolmentRequest> parse_enrolment_request(ByteView payload);

// By it the gateway, which cannot open a request, knows whose invitation it answers.
Hash256 invitation_token_hash(ByteView token);
// The header of the request to this realm from the office that has the token.
EnvelopeHeader enrolment_header(const std::string& realm_id, const std::string& office_id,
                                ByteView token);
// The hash of the token if `header` belongs to a request to this realm, from any office.
std::optional<Hash256> enrolment_token_hash(const EnvelopeHeader& header,
                                            std::string_view realm_id);

struct EnrolmentAnswer {
  std::string realm_id;
  std::string office_id;
  UnixTime enrolled{};  // when the office enrolled with these keys
  // The office's key in the request that this answers; older platforms do not state it.
  std::optional<PublicKey> signing_key = {};
};

json::object encode_enrolment_answer(const EnrolmentAnswer& answer);
// kUntrusted for another type of statement. Ignores unknown keys; a missing id or time reads as
// empty or zero, so the caller must compare the ids with its own.
Result<EnrolmentAnswer> parse_enrolment_answer(const json::value& statement);

}  // namespace rootlet
