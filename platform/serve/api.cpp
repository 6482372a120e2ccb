// Sessions of the intake, one for each call that runs; they are kept and used again.
#include "platform/serve/api.hpp"

#include "core/log.hpp"
#include "platform/office/membership.hpp"

namespace rootlet::platform {
namespace {

constexpr long kComeAgainSeconds = 5;
// An enrolment waits no longer than this for a publish; the office asks again.
constexpr std::chrono::seconds kEnrolmentWait{2};

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

Result<json::object> counts_of(IntakeSession& session) {
  Registry& registry = session.realm().registry();
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, registry.offices());
  std::int64_t enrolled = 0;
  for (const OfficeEntry& office : offices) enrolled += office.state == OfficeState::kEnrolled;
  ROOTLET_TRY(const std::vector<std::string> datasets, registry.dataset_ids());
  ROOTLET_TRY(const IntakeCounts counts, session.intake().counts());
  return json::object{{"version", ROOTLET_VERSION},
                      {"offices", json::object{{"known", static_cast<std::int64_t>(offices.size())},
                                               {"enrolled", enrolled}}},
                      {"datasets", static_cast<std::int64_t>(datasets.size())},
                      {"batches", json::object{{"waiting", counts.batches_waiting},
                                               {"quarantined", counts.quarantined}}},
                      {"records", json::object{{"waiting", counts.waiting},
                                               {"accepted", counts.accepted},
                                               {"returned", counts.returned}}}};
}

}  // namespace

Result<std::unique_ptr<IntakeSession>> RealmApi::take_session() {
  {
    const std::lock_guard guard(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<IntakeSession> session = std::move(free_.back());
      free_.pop_back();
      return session;
    }
  }
  return IntakeSession::open(folder_, {.clock = &clock_, .boot = boot_}, limits_);
}

void RealmApi::give_back(std::unique_ptr<IntakeSession> session) {
  const std::lock_guard guard(mutex_);
  free_.push_back(std::move(session));
}

template <typename Work>
ApiReply RealmApi::in_session(Work work) {
  Result<std::unique_ptr<IntakeSession>> session = take_session();
  if (session.has_error()) return error_reply(session.error());
  Result<ApiReply> reply = work(*session.value());
  give_back(std::move(session).value());
  return reply.has_error() ? error_reply(reply.error()) : std::move(reply).value();
}

ApiReply RealmApi::enroll(Bytes body) {
  return in_session([&](IntakeSession& session) -> Result<ApiReply> {
    ROOTLET_TRY(const std::string answer,
                enrol_office(session.realm(), body, clock_.wall(), kEnrolmentWait));
    return ApiReply{.body = to_bytes(answer)};
  });
}

ApiReply RealmApi::batch(Bytes body) {
  ApiReply reply = in_session([&](IntakeSession& session) -> Result<ApiReply> {
    const GatewayAnswer answer = session.intake().accept_batch(body, session, clock_.wall());
    return ApiReply{.status = answer.status,
                    .body = to_bytes(answer.body),
                    .retry_after_seconds = answer.retry_after_seconds};
  });
  if (reply.status == 200 && on_batch_) on_batch_();
  return reply;
}

ApiReply RealmApi::mailbox(std::string address, std::uint64_t after) {
  return in_session([&](IntakeSession& session) -> Result<ApiReply> {
    ROOTLET_TRY(const MailPage page, session.intake().mailbox(address, after));
    return ApiReply{.body = to_bytes(encode_mail_page(page))};
  });
}

ApiReply RealmApi::status() {
  return in_session([&](IntakeSession& session) -> Result<ApiReply> {
    ROOTLET_TRY(const json::object counts, counts_of(session));
    return json_reply(200, counts);
  });
}

}  // namespace rootlet::platform
