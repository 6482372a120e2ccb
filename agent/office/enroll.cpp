// Enrolment: docs/FORMATS.md, "Invitation" and "Statement". The request is an envelope.
#include "agent/office/enroll.hpp"

#include "core/limits.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/office/enrolment.hpp"

namespace rootlet::agent {
namespace {

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

// The identity already started with this invitation, or a new one.
Result<Identity> begin(KeyStore& keys, std::string_view text, const Clock& clock) {
  ROOTLET_TRY(Identity held, load_identity(keys));
  const bool same = held.state != EnrolmentState::kNone && held.invitation_text == text;
  if (same) return held;
  const bool joined =
      held.state == EnrolmentState::kEnrolled || held.state == EnrolmentState::kRequested;
  if (joined) {
    return fail(ErrorCode::kUsage, "this machine already belongs to office " +
                                       held.invitation.office_id + " of realm " +
                                       held.invitation.realm_id +
                                       "; one home holds one office: use another --home");
  }
  ROOTLET_TRY(const Invitation invitation, parse_invitation(text, "invitation"));
  ROOTLET_TRY(check_root(invitation));
  if (invitation.expires <= clock.wall()) {
    return fail(ErrorCode::kNotPermitted, "the invitation expired at " +
                                              format_time(invitation.expires) +
                                              "; ask the platform's operator for a new one");
  }
  return create_identity(keys, text);
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
              verify_statement(as_text(body), kEnrolmentDomain, invitation.statement_key));
  ROOTLET_TRY(const EnrolmentAnswer answer, parse_enrolment_answer(statement));
  if (answer.realm_id != invitation.realm_id || answer.office_id != invitation.office_id) {
    return fail(ErrorCode::kUntrusted, "enrol: the answer is about another office or realm");
  }
  return ok();
}

Status ask_platform(const Identity& identity, const Settings& settings) {
  HttpClient client(http_options(settings, identity.invitation));
  HttpRequest request;
  request.url = join_url(gateway_url(settings, identity.invitation), "v1/enroll");
  request.max_bytes = limits::kReceiptBytes;
  request.body = identity.request;
  request.total_time = limits::kSmallRequestTime;
  ROOTLET_TRY(const HttpResponse response, client.send(request));
  if (response.status != 200) return refusal(response);
  return check_answer(identity, response.body);
}

}  // namespace

const std::string& gateway_url(const Settings& settings, const Invitation& invitation) {
  return settings.url.empty() ? invitation.url : settings.url;
}

const std::string& repository_address(const Settings& settings, const Invitation& invitation) {
  if (!settings.repository_url.empty()) return settings.repository_url;
  if (!settings.url.empty()) return settings.url;
  return repository_of(invitation);
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

Result<EnrolOutcome> enroll(const Home& home, const Settings& settings,
                            std::string_view invitation_text, EnrolMode mode, const Clock& clock) {
  ROOTLET_TRY(const Invitation checked, parse_invitation(invitation_text, "invitation"));
  ROOTLET_TRY(const SymmetricKey machine_key, make_machine_key(home));
  ROOTLET_TRY(KeyStore keys, KeyStore::open(home, machine_key));
  ROOTLET_TRY(const Identity identity, begin(keys, invitation_text, clock));
  EnrolOutcome outcome{.office = checked.office_id,
                       .office_name = checked.office_name,
                       .realm_name = checked.realm_name};
  if (mode == EnrolMode::kOffline) outcome.request = identity.request;
  if (identity.state == EnrolmentState::kEnrolled) {
    outcome.already = true;
    return outcome;
  }
  ROOTLET_TRY(TufClient::install_root(home.trust(), as_bytes(identity.invitation.root)));
  if (mode == EnrolMode::kOffline) {
    ROOTLET_TRY(save_enrolment_state(keys, EnrolmentState::kRequested));
    return outcome;
  }
  ROOTLET_TRY(ask_platform(identity, settings));
  ROOTLET_TRY(save_enrolment_state(keys, EnrolmentState::kEnrolled));
  return outcome;
}

}  // namespace rootlet::agent
