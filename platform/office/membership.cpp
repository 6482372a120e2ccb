// Invitations and enrolment: docs/FORMATS.md, "Invitation", "Envelope" and "Statement".
#include "platform/office/membership.hpp"

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/office/enrolment.hpp"
#include "sync/trust/office/invitation.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kNameMax = 200;

// What every office at the division may read of the directory.
DirectoryKeys keys_of_division(const SymmetricKey& secret, const std::string& division) {
  DirectoryKeys keys;
  for (const std::string& node : path_of(division)) {
    keys.push_back({node_stream(node), derive_directory_key(secret, node_stream(node))});
  }
  keys.push_back({catalogue_stream(), derive_directory_key(secret, catalogue_stream())});
  return keys;
}

// Where offices reach the gateway: what an operator said last, else where `serve` listens.
Result<std::string> url_for_offices(Realm& realm) {
  ROOTLET_TRY(const auto given, realm.serving().settings().find(kSettingPublicUrl));
  if (given.has_value()) return *given;
  ROOTLET_TRY(const auto is_given, realm.registry().setting(kSettingUrlGiven));
  ROOTLET_TRY(const auto listening, realm.serving().settings().find(kSettingListening));
  if (is_given != "1" && listening.has_value()) return *listening;
  return realm.registry().needed_setting(kSettingUrl);
}

Result<Invitation> make_invitation(Realm& realm, const NewOffice& office, Bytes token,
                                   UnixTime until) {
  Registry& registry = realm.registry();
  Invitation out;
  ROOTLET_TRY(out.realm_id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(out.realm_name, registry.needed_setting(kSettingName));
  ROOTLET_TRY(out.url, url_for_offices(realm));
  if (!office.url.empty()) out.url = office.url;
  ROOTLET_TRY(const auto repository_url, registry.setting(kSettingRepositoryUrl));
  out.repository_url = repository_url.value_or("");
  ROOTLET_TRY(const auto root, registry.newest_metadata("root"));
  if (!root.has_value()) return fail(ErrorCode::kStorageDamaged, "registry: the root is missing");
  out.root = as_text(root->file);
  ROOTLET_TRY(const SymmetricKey secret, registry.secret("directory-content"));
  out.directory_keys = keys_of_division(secret, office.division);
  ROOTLET_TRY(out.keys, service_keys(realm));
  out.office_id = office.id;
  out.office_division = office.division;
  out.office_name = office.name;
  out.token = std::move(token);
  out.expires = until;
  out.ca_pem = office.ca_pem;
  return out;
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
  Error error = fail(ErrorCode::kUsage, "office " + office.id + " is " +
                                            std::string(name_of(held->state)) + " already");
  error.hint = {.en = "If its machine was lost or replaced: rootlet-platform office reinvite " +
                      office.id + " --out FILE",
                .zh = "若该单位的机器丢失或更换：rootlet-platform office reinvite " + office.id +
                      " --out FILE"};
  return error;
}

struct OpenedRequest {
  std::string office_id;
  EnrolmentRequest request;
};

// kUntrusted or kBadInput if the bytes are not a valid request for this realm.
Result<OpenedRequest> open_request(Registry& registry, ByteView bytes) {
  ROOTLET_TRY(SealingKey key, registry.sealing_key("enrolment"));
  ROOTLET_TRY(const std::string realm_id, registry.needed_setting(kSettingRealmId));
  OpenedRequest out;
  std::vector<SealingKey> keys;
  keys.push_back(std::move(key));
  ROOTLET_TRY(std::vector<SymmetricKey> former, registry.secrets().former("enrolment"));
  for (SymmetricKey& secret : former) {
    ROOTLET_TRY(SealingKey one, SealingKey::from_secret(std::move(secret)));
    keys.push_back(std::move(one));
  }
  const auto signing_key = [&](const EnvelopeHeader&, ByteView payload) -> Result<PublicKey> {
    ROOTLET_TRY(out.request, parse_enrolment_request(payload));
    return out.request.signing_key;
  };
  Result<OpenedEnvelope> opened = fail(ErrorCode::kUntrusted, "enrolment: no key opens it");
  for (const SealingKey& one : keys) {
    opened = open_first_envelope(bytes, one, signing_key);
    if (opened.has_value()) break;
  }
  if (opened.has_error()) return opened.error();
  const auto token = enrolment_token_hash(opened.value().header, realm_id);
  if (!token.has_value() || *token != invitation_token_hash(out.request.token)) {
    return fail(ErrorCode::kUntrusted, "enrolment: the request is not for this realm");
  }
  out.office_id = opened.value().header.from;
  return out;
}

// The same message for a token that is unknown, of another office or void, so that a guess reveals
// nothing.
Error refused_token() {
  return fail(ErrorCode::kNotPermitted,
              "enrolment: this invitation is not valid (used, replaced or expired); ask the "
              "platform's operator for a new one");
}

bool waits_for_machine(const OfficeEntry& office) {
  return office.state == OfficeState::kInvited || office.state == OfficeState::kReinvited;
}

// A replaced machine does not come back with its old keys.
Status check_not_former(Registry& registry, const std::string& office,
                        const EnrolmentRequest& request) {
  ROOTLET_TRY(const std::vector<FormerKeys> former, registry.former_keys(office));
  for (const FormerKeys& keys : former) {
    if (keys.signing_key != request.signing_key && keys.sealing_key != request.sealing_key)
      continue;
    return fail(ErrorCode::kNotPermitted,
                "enrolment: the keys in this request are those of a machine that was replaced on " +
                    format_time(keys.ended));
  }
  return ok();
}

Result<OfficeEntry> welcome(Registry& registry, const OpenedRequest& opened, UnixTime now) {
  const EnrolmentRequest& request = opened.request;
  ROOTLET_TRY(std::optional<OfficeEntry> office,
              registry.office_of_token(invitation_token_hash(request.token)));
  if (!office.has_value() || office->id != opened.office_id) return refused_token();
  if (waits_for_machine(*office)) {
    if (office->token_until <= now) return refused_token();
    ROOTLET_TRY(check_not_former(registry, office->id, request));
    return *std::move(office);
  }
  const bool same_keys =
      office->signing_key == request.signing_key && office->sealing_key == request.sealing_key;
  if (!same_keys || office->state == OfficeState::kRevoked) return refused_token();
  return *std::move(office);
}

Result<std::string> enrolment_answer(Registry& registry, const OfficeEntry& office) {
  EnrolmentAnswer answer{.realm_id = {},
                         .office_id = office.id,
                         .enrolled = office.enrolled,
                         .signing_key = office.signing_key};
  ROOTLET_TRY(answer.realm_id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(const SigningKey key, registry.signing_key("answer"));
  return sign_statement(encode_enrolment_answer(answer), kEnrolmentDomain, key);
}

Status check_may_come_back(const OfficeEntry& office) {
  if (office.state != OfficeState::kSuspended && office.state != OfficeState::kRevoked) return ok();
  return fail(ErrorCode::kNotPermitted,
              "office " + office.id + " is " + std::string(name_of(office.state)) +
                  "; a new machine does not change that, so nothing was changed");
}

// The office has no keys and no grant file afterwards. Its grant's version stays, so that the file
// for the next machine has a higher one.
Status void_keys(Registry& registry, OfficeEntry& office, UnixTime now) {
  if (!office.signing_key.has_value()) return ok();
  ROOTLET_TRY(registry.save_former_keys(
      office.id, {.signing_key = *office.signing_key,
                  .sealing_key = office.sealing_key.value_or(SealingPublicKey()),
                  .enrolled = office.enrolled,
                  .ended = now}));
  office.state = OfficeState::kReinvited;
  office.signing_key.reset();
  office.sealing_key.reset();
  office.grant_bytes = 0;
  office.grant_hash = {};
  office.grant_fingerprint = {};
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
  Bytes token = random_bytes(kInvitationTokenBytes);
  const UnixTime until = now + kInvitationLife;
  OfficeEntry entry;
  entry.id = office.id;
  entry.division = office.division;
  entry.name = office.name;
  entry.token_hash = invitation_token_hash(token);
  entry.token_until = until;
  ROOTLET_TRY(const Invitation invitation, make_invitation(realm, office, std::move(token), until));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.save_office(entry));
  ROOTLET_TRY(registry.save_setting(kSettingFilesPending, "1"));
  ROOTLET_TRY(transaction.commit());
  ROOTLET_TRY(hand_over_offices(realm));  // nothing is published: no office sees an invitation
  return encode_invitation(invitation);
}

Result<std::string> reinvite_office(Realm& realm, const NewOffice& machine, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(OfficeEntry entry, find_office(registry, machine.id));
  ROOTLET_TRY(check_may_come_back(entry));
  NewOffice office = machine;
  office.division = entry.division;
  office.name = entry.name;
  Bytes token = random_bytes(kInvitationTokenBytes);
  const UnixTime until = now + kInvitationLife;
  ROOTLET_TRY(const std::vector<Grant> grants, registry.grants_of(entry.id));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  if (entry.signing_key.has_value()) {
    for (const Grant& grant : grants) {
      ROOTLET_TRY(registry.queue_rekeys(grant.dataset, grant.divisions));
    }
  }
  ROOTLET_TRY(void_keys(registry, entry, now));
  entry.token_hash = invitation_token_hash(token);
  entry.token_until = until;
  ROOTLET_TRY(registry.save_office(entry));
  ROOTLET_TRY(const Invitation invitation, make_invitation(realm, office, std::move(token), until));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(finish_rekeys(realm, now));
  return encode_invitation(invitation);
}

Result<std::string> enrol_office(Realm& realm, ByteView bytes, UnixTime now,
                                 std::chrono::milliseconds lock_wait) {
  Registry& registry = realm.registry();
  Result<OpenedRequest> opened = open_request(registry, bytes);
  if (opened.has_error()) {
    // Nobody typed these bytes: a mistake in them is a matter of trust.
    if (opened.error().code == ErrorCode::kBadInput) opened.error().code = ErrorCode::kUntrusted;
    return opened.error();
  }
  // Before the lock: a guess costs nobody a wait, and a repeated request writes nothing.
  ROOTLET_TRY(const OfficeEntry known, welcome(registry, opened.value(), now));
  if (known.state == OfficeState::kEnrolled) return enrolment_answer(registry, known);
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder(), lock_wait));
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(OfficeEntry office, welcome(registry, opened.value(), now));
  if (waits_for_machine(office)) {
    office.state = OfficeState::kEnrolled;
    office.enrolled = now;
    office.signing_key = opened.value().request.signing_key;
    office.sealing_key = opened.value().request.sealing_key;
    ROOTLET_TRY(Transaction transaction, registry.begin());
    ROOTLET_TRY(registry.save_office(office));
    ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  }
  return enrolment_answer(registry, office);
}

}  // namespace rootlet::platform
