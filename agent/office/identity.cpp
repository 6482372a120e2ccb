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

constexpr std::string_view kStateFact = "enrolment_state";
constexpr std::string_view kServiceKeysFact = "service_keys";
constexpr std::array<std::string_view, 5> kFacts = {"invitation", "signing_seed", "sealing_secret",
                                                    "enrolment_request", kStateFact};
constexpr std::string_view kSuccessorPrefix = "successor/";

std::string fact_name(IdentitySlot slot, std::string_view name) {
  return std::string(slot == IdentitySlot::kSuccessor ? kSuccessorPrefix : "") + std::string(name);
}

Result<Bytes> needed(KeyStore& keys, IdentitySlot slot, std::string_view name) {
  ROOTLET_TRY(std::optional<Bytes> bytes, keys.fact(fact_name(slot, name)));
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
  return seal_envelope(
      enrolment_header(invitation.realm_id, invitation.office_id, invitation.token),
      as_bytes(payload), signing, invitation.keys.enrolment);
}

Result<ServiceKeys> load_service_keys(KeyStore& keys, const Identity& identity) {
  ROOTLET_TRY(const std::optional<Bytes> held, keys.fact(kServiceKeysFact));
  // A successor's invitation is newer than what the identity before it has learnt.
  if (!held || identity.slot == IdentitySlot::kSuccessor) return identity.invitation.keys;
  ROOTLET_TRY(const json::value document, parse_json(as_text(*held), "keys.db: service keys"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "keys.db"));
  return read_service_keys(object, kServiceKeysField);
}

}  // namespace

std::string_view name_of(EnrolmentState state) {
  for (const auto& [one, name] : kStates) {
    if (one == state) return name;
  }
  return "none";
}

Result<Identity> load_identity(KeyStore& keys, IdentitySlot slot) {
  Identity out{.slot = slot};
  ROOTLET_TRY(const std::optional<Bytes> state, keys.fact(fact_name(slot, kStateFact)));
  if (!state) return out;
  for (const auto& [one, name] : kStates) {
    if (name == as_text(*state)) out.state = one;
  }
  ROOTLET_TRY(const Bytes invitation, needed(keys, slot, "invitation"));
  ROOTLET_TRY(out.invitation, parse_invitation(as_text(invitation), "kept invitation"));
  ROOTLET_TRY(out.service_keys, load_service_keys(keys, out));
  ROOTLET_TRY(const Bytes seed, needed(keys, slot, "signing_seed"));
  ROOTLET_TRY(const SymmetricKey signing_seed, SymmetricKey::from(seed));
  out.signing = SigningKey::from_seed(signing_seed);
  ROOTLET_TRY(const Bytes secret, needed(keys, slot, "sealing_secret"));
  ROOTLET_TRY(SymmetricKey sealing_secret, SymmetricKey::from(secret));
  ROOTLET_TRY(out.sealing, SealingKey::from_secret(std::move(sealing_secret)));
  ROOTLET_TRY(out.request, needed(keys, slot, "enrolment_request"));
  return out;
}

Result<Identity> create_identity(KeyStore& keys, const Invitation& invitation, IdentitySlot slot) {
  Identity out{.slot = slot, .state = EnrolmentState::kPending};
  const std::string text = encode_invitation(invitation);
  ROOTLET_TRY(out.invitation, parse_invitation(text, "invitation"));
  out.service_keys = out.invitation.keys;
  out.signing = SigningKey::generate();
  out.sealing = SealingKey::generate();
  out.request = make_request(out.invitation, out.signing, out.sealing);
  const SymmetricKey seed = out.signing.seed();
  std::array<std::string, kFacts.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = fact_name(slot, kFacts[i]);
  ROOTLET_TRY(keys.save_facts({{names[0], as_bytes(text)},
                               {names[1], seed.expose()},
                               {names[2], out.sealing.secret.expose()},
                               {names[3], out.request},
                               {names[4], as_bytes(name_of(out.state))}}));
  return out;
}

Status save_enrolment_state(KeyStore& keys, EnrolmentState state, IdentitySlot slot) {
  return keys.save_fact(fact_name(slot, kStateFact), as_bytes(name_of(state)));
}

Status promote_successor(KeyStore& keys) {
  ROOTLET_TRY(save_enrolment_state(keys, EnrolmentState::kEnrolled, IdentitySlot::kSuccessor));
  ROOTLET_TRY(keys.forget_fact(kServiceKeysFact));
  return keys.move_facts(kSuccessorPrefix, kFacts);
}

Status save_service_keys(KeyStore& keys, Identity& identity, const ServiceKeys& service_keys) {
  if (identity.service_keys == service_keys) return ok();
  const json::object fact{{kServiceKeysField, encode_service_keys(service_keys)}};
  ROOTLET_TRY(keys.save_fact(kServiceKeysFact, as_bytes(json::serialize(fact))));
  identity.service_keys = service_keys;
  return ok();
}

bool has_joined(const Identity& identity) {
  return identity.state == EnrolmentState::kEnrolled ||
         identity.state == EnrolmentState::kRequested;
}

Status correct_addresses(KeyStore& keys, Identity& identity, const Invitation& invitation) {
  const std::string text = encode_invitation(invitation);
  const bool done = identity.state == EnrolmentState::kEnrolled;
  if (done || encode_invitation(identity.invitation) == text) return ok();
  ROOTLET_TRY(keys.save_fact(fact_name(identity.slot, kFacts[0]), as_bytes(text)));
  ROOTLET_TRY(identity.invitation, parse_invitation(text, "invitation"));
  return ok();
}

Status require_enrolled(const Identity& identity) {
  if (has_joined(identity)) return ok();
  if (identity.state == EnrolmentState::kPending) {
    return fail(ErrorCode::kNotEnrolled,
                "the enrolment of office " + identity.invitation.office_id +
                    " was begun but not answered: run `rootlet enroll` with the same file again");
  }
  return fail(ErrorCode::kNotEnrolled, "this machine is not enrolled");
}

}  // namespace rootlet::agent
