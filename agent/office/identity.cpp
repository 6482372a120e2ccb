// The identity as facts of keys.db. The request is an envelope: docs/FORMATS.md, "Envelope".
#include "agent/office/identity.hpp"

#include <array>

#include "sync/trust/office/enrolment.hpp"

namespace rootlet::agent {
namespace {

constexpr std::array<std::pair<EnrolmentState, std::string_view>, 4> kStates{{
    {EnrolmentState::kNone, "none"},
    {EnrolmentState::kPending, "pending"},
    {EnrolmentState::kRequested, "requested"},
    {EnrolmentState::kEnrolled, "enrolled"},
}};

Result<Bytes> needed(KeyStore& keys, std::string_view name) {
  ROOTLET_TRY(std::optional<Bytes> bytes, keys.fact(name));
  if (!bytes) {
    return fail(ErrorCode::kStorageDamaged, "keys.db: '" + std::string(name) + "' is missing");
  }
  return std::move(*bytes);
}

// The enrolment request: the token and the public keys, signed by the signing key it contains.
Bytes make_request(const Invitation& invitation, const SigningKey& signing,
                   const SealingKey& sealing) {
  const std::string payload = encode_enrolment_request({.token = invitation.token,
                                                        .signing_key = signing.public_key,
                                                        .sealing_key = sealing.public_key,
                                                        .agent_version = ROOTLET_VERSION});
  return seal_envelope(enrolment_header(invitation.realm_id, invitation.office_id),
                       as_bytes(payload), signing, invitation.ingest_key);
}

}  // namespace

std::string_view name_of(EnrolmentState state) {
  for (const auto& [one, name] : kStates) {
    if (one == state) return name;
  }
  return "none";
}

Result<Identity> load_identity(KeyStore& keys) {
  Identity out;
  ROOTLET_TRY(const std::optional<Bytes> state, keys.fact("enrolment_state"));
  if (!state) return out;
  for (const auto& [one, name] : kStates) {
    if (name == as_text(*state)) out.state = one;
  }
  ROOTLET_TRY(const Bytes invitation, needed(keys, "invitation"));
  out.invitation_text = std::string(as_text(invitation));
  ROOTLET_TRY(out.invitation, parse_invitation(out.invitation_text, "kept invitation"));
  ROOTLET_TRY(const Bytes seed, needed(keys, "signing_seed"));
  ROOTLET_TRY(const SymmetricKey signing_seed, SymmetricKey::from(seed));
  out.signing = SigningKey::from_seed(signing_seed);
  ROOTLET_TRY(const Bytes secret, needed(keys, "sealing_secret"));
  ROOTLET_TRY(SymmetricKey sealing_secret, SymmetricKey::from(secret));
  ROOTLET_TRY(out.sealing, SealingKey::from_secret(std::move(sealing_secret)));
  ROOTLET_TRY(out.request, needed(keys, "enrolment_request"));
  return out;
}

Result<Identity> create_identity(KeyStore& keys, std::string_view invitation_text) {
  Identity out;
  ROOTLET_TRY(out.invitation, parse_invitation(invitation_text, "invitation"));
  out.state = EnrolmentState::kPending;
  out.invitation_text = std::string(invitation_text);
  out.signing = SigningKey::generate();
  out.sealing = SealingKey::generate();
  out.request = make_request(out.invitation, out.signing, out.sealing);
  const SymmetricKey seed = out.signing.seed();
  ROOTLET_TRY(keys.save_facts({{"invitation", as_bytes(out.invitation_text)},
                               {"signing_seed", seed.expose()},
                               {"sealing_secret", out.sealing.secret.expose()},
                               {"enrolment_request", out.request},
                               {"enrolment_state", as_bytes(name_of(out.state))}}));
  return out;
}

Status save_enrolment_state(KeyStore& keys, EnrolmentState state) {
  return keys.save_fact("enrolment_state", as_bytes(name_of(state)));
}

Status require_enrolled(const Identity& identity) {
  if (identity.state == EnrolmentState::kEnrolled || identity.state == EnrolmentState::kRequested) {
    return ok();
  }
  if (identity.state == EnrolmentState::kPending) {
    return fail(ErrorCode::kNotEnrolled,
                "the enrolment of office " + identity.invitation.office_id +
                    " was begun but not answered: run `rootlet enroll` with the same file again");
  }
  return fail(ErrorCode::kNotEnrolled, "this machine is not enrolled");
}

}  // namespace rootlet::agent
