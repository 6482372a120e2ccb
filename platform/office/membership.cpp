// Invitations, enrolment and grants: docs/FORMATS.md, "Invitation", "Envelope" and "Statement".
#include "platform/office/membership.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "platform/office/catalogue.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/trust/office/envelope.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kInvitationFormat = "rootlet-enroll/1";
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kNameMax = 200;

Hash256 token_hash(ByteView token) {
  return blake2b(token);
}

Result<std::string> invitation_text(Registry& registry, const NewOffice& office, ByteView token,
                                    UnixTime until) {
  ROOTLET_TRY(const std::string realm_id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(const std::string name, registry.needed_setting(kSettingName));
  ROOTLET_TRY(const std::string url, registry.needed_setting(kSettingUrl));
  ROOTLET_TRY(const auto root, registry.newest_metadata("root"));
  if (!root.has_value()) return fail(ErrorCode::kStorageDamaged, "registry: the root is missing");
  ROOTLET_TRY(const SymmetricKey directory_key, registry.secret("directory-content"));
  ROOTLET_TRY(const SealingKey ingest, registry.sealing_key("ingest"));
  ROOTLET_TRY(const SigningKey statement, registry.signing_key("statement"));
  json::object invitation{
      {"format", kInvitationFormat},
      {"realm", {{"id", realm_id}, {"name", name}}},
      {"office", {{"id", office.id}, {"division", office.division}, {"name", office.name}}},
      {"url", office.url.empty() ? url : office.url},
      {"token", to_base64(token)},
      {"expires", format_time(until)},
      {"root", as_text(root->file)},
      {"directory_key", to_base64(directory_key.expose())},
      {"ingest_key", to_base64(ingest.public_key)},
      {"statement_key", to_base64(statement.public_key)}};
  if (!office.ca_pem.empty()) invitation["ca"] = office.ca_pem;
  return pretty_json(invitation);
}

Status check_new_office(Registry& registry, const NewOffice& office) {
  ROOTLET_TRY(check_identifier(office.id, "office"));
  if (office.id == "platform") return bad_input("office: \"platform\" is taken", "office");
  ROOTLET_TRY(check_division(office.division, "division"));
  if (office.name.empty() || office.name.size() > kNameMax || !is_utf8(office.name)) {
    return bad_input("name: an office needs a name of at most 200 bytes", "name");
  }
  ROOTLET_TRY(const auto held, registry.office(office.id));
  if (!held.has_value() || held->state == OfficeState::kInvited) return ok();
  return fail(ErrorCode::kUsage,
              "office " + office.id + " is " + std::string(name_of(held->state)) + " already");
}

// The payload of an enrolment request.
struct EnrolmentRequest {
  std::string office;
  Bytes token;
  PublicKey signing_key{}, sealing_key{};
};

Result<PublicKey> key_in(JsonObject& object, std::string_view name) {
  ROOTLET_TRY(const Bytes bytes, object.base64(name, 32));
  return public_key_from(bytes);
}

Result<EnrolmentRequest> read_payload(ByteView payload) {
  ROOTLET_TRY(const json::value document, parse_json(as_text(payload), "enrolment"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, "enrolment"));
  EnrolmentRequest request;
  ROOTLET_TRY(request.token, object.base64("token", kTokenBytes));
  ROOTLET_TRY(request.signing_key, key_in(object, "signing_key"));
  ROOTLET_TRY(request.sealing_key, key_in(object, "sealing_key"));
  ROOTLET_TRY(object.text("agent_version", 64));
  ROOTLET_TRY(object.finish());
  return request;
}

// kUntrusted or kBadInput if the bytes are not a valid request for this realm.
Result<EnrolmentRequest> open_request(Registry& registry, ByteView bytes) {
  ROOTLET_TRY(const SealingKey ingest, registry.sealing_key("ingest"));
  ROOTLET_TRY(const std::string realm_id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(const OpenedEnvelope opened,
              open_first_envelope(
                  bytes, ingest, [](const EnvelopeHeader&, ByteView payload) -> Result<PublicKey> {
                    ROOTLET_TRY(const EnrolmentRequest request, read_payload(payload));
                    return request.signing_key;
                  }));
  ROOTLET_TRY(EnrolmentRequest request, read_payload(opened.payload));
  const EnvelopeHeader& header = opened.header;
  if (header.type != "enrolment" || header.realm != realm_id || header.to != "platform" ||
      header.sequence != 0 || !header.chain.empty()) {
    return fail(ErrorCode::kUntrusted, "enrolment: the request is not for this realm");
  }
  request.office = header.from;
  return request;
}

// The same message for a token that is unknown, of another office or void, so that a guess reveals
// nothing.
Error refused_token() {
  return fail(ErrorCode::kNotPermitted,
              "enrolment: this invitation is not valid (used, replaced or expired); ask the "
              "platform's operator for a new one");
}

Result<OfficeEntry> welcome(Registry& registry, const EnrolmentRequest& request, UnixTime now) {
  ROOTLET_TRY(std::optional<OfficeEntry> office,
              registry.office_of_token(token_hash(request.token)));
  if (!office.has_value() || office->id != request.office) return refused_token();
  if (office->state == OfficeState::kInvited) {
    if (office->token_until <= now) return refused_token();
    return *std::move(office);
  }
  const bool same_keys =
      office->signing_key == request.signing_key && office->sealing_key == request.sealing_key;
  if (!same_keys || office->state == OfficeState::kRevoked) return refused_token();
  return *std::move(office);
}

Result<std::string> enrolment_answer(Registry& registry, const OfficeEntry& office) {
  ROOTLET_TRY(const std::string realm_id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(const SigningKey key, registry.signing_key("statement"));
  return sign_statement(json::object{{"type", "enrolled"},
                                     {"realm", realm_id},
                                     {"office", office.id},
                                     {"at", format_time(office.enrolled)}},
                        kEnrolmentDomain, key);
}

Status check_purposes(const DatasetDefinition& definition, const Grant& grant) {
  for (const std::string& purpose : grant.purposes) {
    ROOTLET_TRY(check_identifier(purpose, "purposes"));
    const auto& uses = definition.uses;
    if (uses.empty() || std::find(uses.begin(), uses.end(), purpose) != uses.end()) continue;
    std::string known;
    for (const std::string& use : uses) known += (known.empty() ? "" : ", ") + use;
    Error error =
        fail(ErrorCode::kNotPermitted,
             "purpose " + purpose + " is not among the uses of " + definition.id + ": " + known);
    error.field = "purposes";
    return error;
  }
  return grant.purposes.empty() ? bad_input("purposes: a grant names at least one", "purposes")
                                : ok();
}

Status check_grant(const DatasetDefinition& definition, const Grant& grant, UnixTime now) {
  if (definition.sharing == SharingAttribute::kNotShared) {
    return fail(ErrorCode::kNotPermitted,
                "dataset " + definition.id + " is not shared: " + definition.reason);
  }
  ROOTLET_TRY(check_purposes(definition, grant));
  if (grant.divisions.empty()) return bad_input("divisions: name at least one", "divisions");
  for (const std::string& division : grant.divisions) {
    ROOTLET_TRY(check_division(division, "divisions"));
  }
  if (grant.max_grade < 1 || grant.max_grade > 4) {
    return bad_input("max-grade: a grade is 1, 2, 3 or 4", "max-grade");
  }
  if (grant.lease_days < 1 || grant.lease_days > 3650) {
    return bad_input("lease-days: between 1 and 3650", "lease-days");
  }
  if (grant.until <= now) return bad_input("until: this day has passed", "until");
  if (grant.mode != "full" && grant.mode != "masked") {
    return bad_input("mode: full or masked", "mode");
  }
  return ok();
}

}  // namespace

Result<OfficeEntry> find_office(Registry& registry, const std::string& id) {
  ROOTLET_TRY(std::optional<OfficeEntry> office, registry.office(id));
  if (office.has_value()) return *std::move(office);
  return fail(ErrorCode::kUsage,
              "there is no office " + id + " (rootlet-platform office list shows all)");
}

Result<std::string> invite_office(Realm& realm, const NewOffice& office, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(check_new_office(registry, office));
  const Bytes token = random_bytes(kTokenBytes);
  const UnixTime until = now + kInvitationLife;
  ROOTLET_TRY(std::string text, invitation_text(registry, office, token, until));
  OfficeEntry entry;
  entry.id = office.id;
  entry.division = office.division;
  entry.name = office.name;
  entry.token_hash = token_hash(token);
  entry.token_until = until;
  ROOTLET_TRY(registry.save_office(entry));
  return text;
}

Result<std::string> enrol_office(Realm& realm, ByteView bytes, UnixTime now) {
  Registry& registry = realm.registry();
  Result<EnrolmentRequest> request = open_request(registry, bytes);
  if (request.has_error()) {
    if (request.error().code == ErrorCode::kBadInput) request.error().code = ErrorCode::kUntrusted;
    return request.error();
  }
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(OfficeEntry office, welcome(registry, request.value(), now));
  if (office.state == OfficeState::kInvited) {
    office.state = OfficeState::kEnrolled;
    office.enrolled = now;
    office.signing_key = request.value().signing_key;
    office.sealing_key = request.value().sealing_key;
    ROOTLET_TRY(Transaction transaction, registry.begin());
    ROOTLET_TRY(registry.save_office(office));
    ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  }
  return enrolment_answer(registry, office);
}

Status add_grant(Realm& realm, const std::string& office, const Grant& grant, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(find_office(registry, office));
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, grant.dataset));
  ROOTLET_TRY(check_grant(definition, grant, now));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.save_grant(office, grant));
  return commit_repository(realm, std::move(transaction), now);
}

Status remove_grant(Realm& realm, const std::string& office, const std::string& dataset,
                    UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(find_office(registry, office));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(const bool removed, registry.remove_grant(office, dataset));
  if (!removed) {
    return fail(ErrorCode::kUsage, "office " + office + " has no grant for " + dataset);
  }
  return commit_repository(realm, std::move(transaction), now);
}

}  // namespace rootlet::platform
