// Enrolment: docs/FORMATS.md, "Invitation" and "Statement". The request is an envelope.
#include "agent/office/enroll.hpp"

#include "agent/office/loss.hpp"
#include "agent/office/outbox_file.hpp"
#include "core/encoding/text_file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/client/tuf_store.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"
#include "sync/trust/office/enrolment.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kUrlBytes = 2048;  // what servers and proxies take

// A realm's id is a prefix of the hash of its first root, so only version 1 can be checked.
Status check_root(const Invitation& invitation) {
  ROOTLET_TRY(const auto root,
              parse_metadata<TufRoot>(as_bytes(invitation.root), "the invitation's root"));
  const std::string hash = to_hex(sha256(as_bytes(invitation.root)));
  if (root.version == 1 && !hash.starts_with(invitation.realm_id)) {
    return fail(ErrorCode::kUntrusted,
                "the invitation's root is not the root of its realm " + invitation.realm_id);
  }
  return ok();
}

Error other_office(const Invitation& held) {
  return fail(ErrorCode::kUsage, "this machine already belongs to office " + held.office_id +
                                     " of realm " + held.realm_id +
                                     "; one home holds one office: use another --home");
}

Status check_new(const Invitation& invitation, const Clock& clock) {
  ROOTLET_TRY(check_root(invitation));
  if (invitation.expires > clock.wall()) return ok();
  return fail(ErrorCode::kNotPermitted, "the invitation expired at " +
                                            format_time(invitation.expires) +
                                            "; ask the platform's operator for a new one");
}

// The key that answers enrolments shows that both come from the same platform.
bool is_of_same_office(const Identity& held, const Invitation& given) {
  return held.invitation.realm_id == given.realm_id &&
         held.invitation.office_id == given.office_id &&
         held.service_keys.answer == given.keys.answer;
}

// The identity already started with this invitation, or a new one. An office that has joined and
// was invited again gets a successor, and keeps its identity until the platform accepts that one.
Result<Identity> begin(KeyStore& keys, const Invitation& invitation, const Clock& clock) {
  for (const IdentitySlot slot : {IdentitySlot::kCurrent, IdentitySlot::kSuccessor}) {
    ROOTLET_TRY(Identity held, load_identity(keys, slot));
    const bool same =
        held.state != EnrolmentState::kNone && is_same_invitation(held.invitation, invitation);
    if (!same) continue;
    ROOTLET_TRY(correct_addresses(keys, held, invitation));
    return held;
  }
  ROOTLET_TRY(const Identity held, load_identity(keys));
  const bool joined = has_joined(held);
  if (joined && !is_of_same_office(held, invitation)) {
    return other_office(held.invitation);
  }
  ROOTLET_TRY(check_new(invitation, clock));
  return create_identity(keys, invitation,
                         joined ? IdentitySlot::kSuccessor : IdentitySlot::kCurrent);
}

Error refusal(const HttpResponse& response) {
  std::string reason = "HTTP status " + std::to_string(response.status);
  const auto parsed = parse_json(as_text(response.body), "the platform's answer");
  if (parsed.has_value() && parsed.value().is_object()) {
    if (const json::value* text = parsed.value().get_object().if_contains("message");
        text != nullptr && text->is_string()) {
      reason = std::string(text->get_string());
    }
  }
  if (response.status == 503 || response.status == 429 || response.status >= 500) {
    Error busy = fail(ErrorCode::kUnreachable, "enrol: the platform is busy: " + reason);
    busy.retry_after_seconds = response.retry_after_seconds;
    return busy;
  }
  if (response.status == 403) {
    return fail(ErrorCode::kNotPermitted, "enrol: the platform refused: " + reason);
  }
  return fail(ErrorCode::kUntrusted, "enrol: unexpected answer: " + reason);
}

Status check_answer(const Identity& identity, ByteView body) {
  const Invitation& invitation = identity.invitation;
  ROOTLET_TRY(const json::value statement,
              verify_statement(as_text(body), kEnrolmentDomain, identity.service_keys.answer));
  ROOTLET_TRY(const EnrolmentAnswer answer, parse_enrolment_answer(statement));
  if (answer.realm_id != invitation.realm_id || answer.office_id != invitation.office_id) {
    return fail(ErrorCode::kUntrusted, "enrol: the answer is about another office or realm");
  }
  if (answer.signing_key && *answer.signing_key != identity.signing.public_key) {
    return fail(ErrorCode::kUntrusted,
                "enrol: the answer is to another request of this office, not to this machine's");
  }
  return ok();
}

// False if the platform keeps the request and has not answered it yet.
Result<bool> ask_platform(const Identity& identity, const Settings& settings) {
  HttpClient client(http_options(settings, identity.invitation));
  HttpRequest request;
  request.url = join_url(gateway_url(settings, identity.invitation), "v1/enroll");
  request.max_bytes = limits::kReceiptBytes;
  request.body = identity.request;
  request.total_time = limits::kSmallRequestTime;
  ROOTLET_TRY(const HttpResponse response, client.send(request));
  if (response.status == 202) return false;
  if (response.status != 200) return refusal(response);
  ROOTLET_TRY(check_answer(identity, response.body));
  return true;
}

// keys.db of the home, made if the home is new. Begins anew after a loss only if told to.
Result<KeyStore> keys_to_enrol(const Home& home, OnLoss on_loss, UnixTime now,
                               EnrolOutcome& outcome) {
  Result<std::optional<KeyStore>> held = open_keys(home);
  const bool lost = held.has_error() && held.error().code == ErrorCode::kStorageDamaged;
  if (held.has_error() && !(lost && on_loss == OnLoss::kBeginAnew)) return held.error();
  if (held.has_value() && held.value()) return std::move(*held.value());
  if (lost) {
    ROOTLET_TRY(const fs::path folder, set_office_aside(home, now));
    outcome.kept_in = folder.string();
  }
  ROOTLET_TRY(const SymmetricKey machine_key, make_machine_key(home));
  return KeyStore::open(home, machine_key);
}

// The platform has accepted `identity`. A successor's outbox begins a new batch chain before the
// successor takes over; after a crash in between the same call finishes it.
Status accept(const Home& home, KeyStore& keys, const Identity& identity, UnixTime now) {
  if (identity.slot == IdentitySlot::kCurrent) {
    return save_enrolment_state(keys, EnrolmentState::kEnrolled);
  }
  Result<Outbox> outbox = open_outbox(home, keys, now);
  if (outbox.has_value()) {
    ROOTLET_TRY(outbox.value().begin_again());
  } else if (outbox.error().code != ErrorCode::kStorageDamaged) {
    return outbox.error();  // a lost outbox begins a new chain anyway
  }
  return promote_successor(keys);
}

void describe(const Invitation& invitation, EnrolOutcome& outcome) {
  outcome.office = invitation.office_id;
  outcome.office_name = invitation.office_name;
  outcome.realm_name = invitation.realm_name;
}

bool is_answer(std::string_view text) {
  const auto parsed = parse_json(text, "the platform's answer");
  return parsed.has_value() && parsed.value().is_object() &&
         parsed.value().get_object().contains("signed");
}

// The answer that was carried here from `office approve --out`.
Result<EnrolOutcome> take_answer(const Home& home, std::string_view text, UnixTime now) {
  ROOTLET_TRY(std::optional<KeyStore> keys, open_keys(home));
  if (!keys) {
    return fail(ErrorCode::kNotEnrolled,
                "this file answers a request, but this home has made none: run `rootlet enroll` "
                "with the invitation first");
  }
  EnrolOutcome outcome;
  Status checked = ok();
  for (const IdentitySlot slot : {IdentitySlot::kSuccessor, IdentitySlot::kCurrent}) {
    ROOTLET_TRY(const Identity identity, load_identity(*keys, slot));
    if (identity.state == EnrolmentState::kNone) continue;
    checked = check_answer(identity, as_bytes(text));
    if (checked.has_error()) continue;
    describe(identity.invitation, outcome);
    outcome.already = identity.state == EnrolmentState::kEnrolled;
    if (!outcome.already) {
      ROOTLET_TRY(accept(home, *keys, identity, now));
    }
    return outcome;
  }
  if (checked.has_error()) return checked.error();
  return fail(ErrorCode::kNotEnrolled, "this home has made no request that the file could answer");
}

// The first root may be installed again and again; a later one must not be replaced by an older.
Status prepare_trust(const Home& home, const Identity& identity) {
  if (identity.slot == IdentitySlot::kSuccessor) {
    ROOTLET_TRY(rebuild_trust(home, identity));
    return ok();
  }
  return TufClient::install_root(home.trust(), as_bytes(identity.invitation.root));
}

// As the verified targets metadata names it; "" is the gateway. Only a web address: no signature of
// the platform makes this machine read its own files.
std::optional<std::string> announced_repository(const Home& home) {
  const std::optional<Bytes> file = TufStore(home.trust()).load(kTufTargets);
  if (!file) return std::nullopt;
  const auto targets = parse_metadata<TufTargets>(*file, kTufTargets);
  if (targets.has_error()) return std::nullopt;
  const json::value* field = targets.value().signed_part.if_contains(kRepositoryField);
  if (field == nullptr || !field->is_string()) return std::nullopt;
  const std::string url(std::string_view(field->get_string()));
  if (url.empty()) return url;
  if (url.size() > kUrlBytes) return std::nullopt;
  const bool is_web = url.starts_with("http://") || url.starts_with("https://");
  return is_web && repository_url(url).has_value() ? std::optional(url) : std::nullopt;
}

}  // namespace

const std::string& gateway_url(const Settings& settings, const Invitation& invitation) {
  return settings.url.empty() ? invitation.url : settings.url;
}

std::string repository_address(const Settings& settings, const Invitation& invitation,
                               const Home& home) {
  if (!settings.repository_url.empty()) return settings.repository_url;
  if (!settings.url.empty()) return settings.url;
  const std::optional<std::string> announced = announced_repository(home);
  if (!announced.has_value()) return repository_of(invitation);
  return announced->empty() ? invitation.url : *announced;
}

HttpOptions http_options(const Settings& settings, const Invitation& invitation) {
  HttpOptions options;
  options.proxy = settings.proxy;
  if (settings.limit_rate > 0) options.rate = std::make_shared<RateLimit>(settings.limit_rate);
  // What the operator of this machine says goes before what the invitation says.
  options.ca_file = settings.ca_file;
  if (settings.ca_file.empty()) options.ca_pem = invitation.ca_pem;
  return options;
}

Result<bool> rebuild_trust(const Home& home, const Identity& identity) {
  if (TufClient::standing(home.trust(), UnixTime{}).has_value()) return false;
  ROOTLET_TRY(TufClient::install_root(home.trust(), as_bytes(identity.invitation.root)));
  return true;
}

Result<EnrolOutcome> enroll(const Home& home, const Settings& settings, std::string_view text,
                            EnrolMode mode, const Clock& clock, OnLoss on_loss) {
  ROOTLET_TRY(const PlainText plain, decode_plain_text(std::string(text), "invitation"));
  if (is_answer(plain.text)) return take_answer(home, plain.text, clock.wall());
  ROOTLET_TRY(const Invitation invitation, parse_invitation(plain.text, "invitation"));
  EnrolOutcome outcome;
  describe(invitation, outcome);
  ROOTLET_TRY(KeyStore keys, keys_to_enrol(home, on_loss, clock.wall(), outcome));
  ROOTLET_TRY(const Identity identity, begin(keys, invitation, clock));
  if (mode == EnrolMode::kOffline) outcome.request = identity.request;
  if (identity.state == EnrolmentState::kEnrolled) {
    outcome.already = true;
    return outcome;
  }
  ROOTLET_TRY(prepare_trust(home, identity));
  if (mode == EnrolMode::kOffline) {
    ROOTLET_TRY(save_enrolment_state(keys, EnrolmentState::kRequested, identity.slot));
    return outcome;
  }
  ROOTLET_TRY(const bool is_answered, ask_platform(identity, settings));
  if (is_answered) {
    ROOTLET_TRY(accept(home, keys, identity, clock.wall()));
    return outcome;
  }
  if (identity.slot == IdentitySlot::kSuccessor) {
    return fail(ErrorCode::kUnreachable,
                "the platform keeps the request and has not answered yet; until it does, this "
                "machine stays the office that it was: run the same command again later");
  }
  outcome.waits = true;
  ROOTLET_TRY(save_enrolment_state(keys, EnrolmentState::kRequested, identity.slot));
  return outcome;
}

}  // namespace rootlet::agent
