// Sessions of the gateway, one for each call that runs; they are kept and used again while their
// key is the one of now.
#include "platform/serve/api.hpp"

#include <thread>

#include "core/log.hpp"
#include "platform/online/online_roles.hpp"
#include "sync/trust/office/enrolment.hpp"

namespace rootlet::platform {
namespace {

constexpr long kComeAgainSeconds = 5;
// An enrolment waits no longer than this for the keeper; then the office hears that it waits.
constexpr std::chrono::seconds kKeeperWait{3};
constexpr std::chrono::milliseconds kKeeperPause{50};

ApiReply json_reply(int status, const json::value& value) {
  return {.status = status, .body = to_bytes(json::serialize(value))};
}

// An error of the client is answered with its reason; one of this side is logged and answered 503.
ApiReply error_reply(const Error& error) {
  const bool caller = error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kUntrusted;
  if (caller || error.code == ErrorCode::kBadInput) {
    return json_reply(caller ? 403 : 400,
                      json::object{{"error", name_of(error.code)}, {"message", error.message}});
  }
  if (error.code == ErrorCode::kBusy) {
    log_info("gateway: " + error.message);
  } else {
    log_error("gateway: " + error.message);
  }
  ApiReply reply = json_reply(503, json::object{{"error", name_of(error.code)},
                                                {"message", "the platform is busy; try again"}});
  reply.retry_after_seconds = kComeAgainSeconds;
  return reply;
}

Result<json::object> counts_of(GateSession& session) {
  ROOTLET_TRY(const ServingHome::OfficeCounts offices, session.home().count_offices());
  ROOTLET_TRY(const std::uint64_t datasets, session.home().settings().number(kSettingDatasets, 0));
  ROOTLET_TRY(const IntakeCounts counts, session.intake().counts());
  return json::object{
      {"version", ROOTLET_VERSION},
      {"offices", json::object{{"known", offices.known}, {"enrolled", offices.enrolled}}},
      {"datasets", datasets},
      {"batches",
       json::object{{"waiting", counts.batches_waiting}, {"quarantined", counts.quarantined}}},
      {"records", json::object{{"waiting", counts.waiting},
                               {"accepted", counts.accepted},
                               {"returned", counts.returned}}}};
}

// The same message for a token that is unknown, of another office or void, so that a guess reveals
// nothing.
Error refused_token() {
  return fail(ErrorCode::kNotPermitted,
              "enrolment: this invitation is not valid (used, replaced or expired); ask the "
              "platform's operator for a new one");
}

bool waits_for_machine(const ServedOffice& office) {
  return office.state == OfficeState::kInvited || office.state == OfficeState::kReinvited;
}

// Whose request it is. The gateway cannot open it; the keeper checks it once more, and wholly.
Result<Hash256> token_of(ServingHome& home, ByteView request, UnixTime now) {
  const Result<EnvelopeHeader> header = peek_envelope(request);
  if (header.has_error()) return fail(ErrorCode::kUntrusted, header.error().message);
  ROOTLET_TRY(const std::string realm, home.settings().needed(kSettingRealmId));
  const std::optional<Hash256> token = enrolment_token_hash(header.value(), realm);
  if (!token.has_value()) {
    return fail(ErrorCode::kUntrusted, "enrolment: the request is not for this realm");
  }
  ROOTLET_TRY(const std::optional<ServedOffice> office, home.office_of_token(*token));
  const bool is_valid = office.has_value() && office->id == header.value().from &&
                        office->state != OfficeState::kRevoked &&
                        (!waits_for_machine(*office) || office->token_until > now);
  if (!is_valid) return refused_token();
  return *token;
}

}  // namespace

Result<std::unique_ptr<GateSession>> RealmApi::take_session() {
  std::unique_ptr<GateSession> session;
  {
    const std::lock_guard guard(mutex_);
    if (!free_.empty()) {
      session = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (session != nullptr) {
    // A database that was away may be back for a new session.
    const Result<bool> is_current = session->is_current();
    if (is_current.has_value() && is_current.value()) return session;
  }
  return GateSession::open(folder_, limits_);
}

void RealmApi::give_back(std::unique_ptr<GateSession> session) {
  const std::lock_guard guard(mutex_);
  free_.push_back(std::move(session));
}

template <typename Work>
ApiReply RealmApi::in_session(Work work) {
  Result<std::unique_ptr<GateSession>> session = take_session();
  if (session.has_error()) return error_reply(session.error());
  Result<ApiReply> reply = work(*session.value());
  give_back(std::move(session).value());
  return reply.has_error() ? error_reply(reply.error()) : std::move(reply).value();
}

Result<ApiReply> RealmApi::wait_for_keeper(ServingHome& home, std::int64_t number) {
  const auto until = std::chrono::steady_clock::now() + kKeeperWait;
  while (true) {
    ROOTLET_TRY(const std::optional<EnrolmentAnswerSaved> answer, home.enrolment_answer(number));
    if (answer.has_value()) {
      return ApiReply{.status = answer->status, .body = to_bytes(answer->body)};
    }
    if (std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(kKeeperPause);
  }
  ApiReply waits = json_reply(202, json::object{{"state", "waiting"},
                                                {"message",
                                                 "the request is kept and waits for "
                                                 "the platform's keeper"}});
  waits.retry_after_seconds = kComeAgainSeconds;
  return waits;
}

ApiReply RealmApi::enroll(Bytes body) {
  return in_session([&](GateSession& session) -> Result<ApiReply> {
    ServingHome& home = session.home();
    ROOTLET_TRY(const Hash256 token, token_of(home, body, clock_.wall()));
    ROOTLET_TRY(const std::int64_t number, home.keep_enrolment(token, body, clock_.wall()));
    if (on_enrolment_) on_enrolment_();
    return wait_for_keeper(home, number);
  });
}

ApiReply RealmApi::batch(Bytes body) {
  return in_session([&](GateSession& session) -> Result<ApiReply> {
    const GatewayAnswer answer = session.intake().accept_batch(body, session, clock_.wall());
    return ApiReply{.status = answer.status,
                    .body = to_bytes(answer.body),
                    .retry_after_seconds = answer.retry_after_seconds};
  });
}

ApiReply RealmApi::mailbox(std::string address, std::uint64_t after) {
  return in_session([&](GateSession& session) -> Result<ApiReply> {
    ROOTLET_TRY(const MailPage page, session.intake().mailbox(address, after));
    return ApiReply{.body = to_bytes(encode_mail_page(page))};
  });
}

ApiReply RealmApi::status() {
  return in_session([&](GateSession& session) -> Result<ApiReply> {
    ROOTLET_TRY(const json::object counts, counts_of(session));
    return json_reply(200, counts);
  });
}

}  // namespace rootlet::platform
