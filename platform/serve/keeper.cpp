// Polls serving.db, which costs one small query, and signs every ten minutes.
#include "platform/serve/keeper.hpp"

#include "core/format/json.hpp"
#include "core/log.hpp"
#include "platform/office/membership.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/repository/repository.hpp"
#include "platform/serve/periodic_thread.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::milliseconds kLookEvery{300};
constexpr std::chrono::minutes kSignEvery{10};
constexpr std::chrono::seconds kPauseAfterError{30};  // one line of the log in that time
constexpr std::size_t kAtOnce = 100;
constexpr std::chrono::days kAnswerLife{40};  // longer than an invitation's

bool is_of_the_office(const Error& error) {
  return error.code == ErrorCode::kNotPermitted || error.code == ErrorCode::kUntrusted ||
         error.code == ErrorCode::kBadInput;
}

EnrolmentAnswerSaved refusal(const Error& error) {
  return {.status = error.code == ErrorCode::kBadInput ? 400 : 403,
          .body = json::serialize(
              json::object{{"error", name_of(error.code)}, {"message", error.message}})};
}

class Keeper {
 public:
  Keeper(Realm& realm, const Clock& clock) : realm_(realm), clock_(clock) {}

  void turn() {
    const auto passed = clock_.since_boot() - signed_at_;
    if (signed_at_.count() == 0 || passed >= kSignEvery) {
      signed_at_ = clock_.since_boot();
      const Status kept = keep_fresh();
      if (kept.has_error()) log_error("keeper: " + kept.error().message);
    }
    if (clock_.since_boot() < pause_until_) return;
    const Result<std::size_t> answered = answer_enrolments(realm_, clock_.wall());
    if (answered.has_error()) {
      log_error("keeper: enrolments wait: " + answered.error().message);
      pause_until_ = clock_.since_boot() + kPauseAfterError;
    } else if (answered.value() > 0) {
      log_info("keeper: " + std::to_string(answered.value()) + " enrolments answered");
    }
  }

 private:
  Status keep_fresh() {
    const UnixTime now = clock_.wall();
    ROOTLET_TRY(const FileLock lock, lock_realm(realm_.folder()));
    ROOTLET_TRY(finish_interrupted(realm_, now));
    ROOTLET_TRY(const bool is_renewed, renew_repository(realm_, now));
    if (is_renewed) log_info("keeper: metadata was signed again");
    return realm_.serving().forget_old_enrolments(now - kAnswerLife);
  }

  Realm& realm_;
  const Clock& clock_;
  std::chrono::milliseconds signed_at_{0};    // since boot; 0: not yet
  std::chrono::milliseconds pause_until_{0};  // since boot
};

}  // namespace

Result<std::size_t> answer_enrolments(Realm& realm, UnixTime now) {
  ROOTLET_TRY(const std::vector<WaitingEnrolment> waiting,
              realm.serving().waiting_enrolments(kAtOnce));
  std::size_t answered = 0;
  for (const WaitingEnrolment& one : waiting) {
    const Result<std::string> answer = enrol_office(realm, one.request, now);
    if (answer.has_error() && !is_of_the_office(answer.error())) return answer.error();
    ROOTLET_TRY(realm.serving().answer_enrolment(
        one.number,
        answer.has_value() ? EnrolmentAnswerSaved{200, answer.value()} : refusal(answer.error())));
    ++answered;
  }
  return answered;
}

Status run_keeper(const fs::path& folder, const SigningClock& clock,
                  const std::function<void()>& wait_for_stop) {
  ROOTLET_TRY(Realm realm, Realm::open(folder, clock));
  Keeper keeper(realm, *clock.clock);
  PeriodicThread thread(kLookEvery, [&] { keeper.turn(); });
  ROOTLET_TRY(thread.start());
  wait_for_stop();
  return ok();
}

}  // namespace rootlet::platform
