// Looks for batches several times a second, which costs one small query. A session is opened anew
// for each turn with work, so that keys and forms are those of now.
#include "platform/serve/validator.hpp"

#include <memory>

#include "core/log.hpp"
#include "platform/intake/intake_session.hpp"
#include "platform/serve/periodic_thread.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};
constexpr std::chrono::seconds kPauseAfterError{30};  // one line of the log in that time
constexpr std::chrono::seconds kPauseAfterLoss{5};    // of the database, which may be back soon

class Validator {
 public:
  Validator(const IntakeFolder& intake, const ServingFolder& serving, const Clock& clock)
      : intake_(intake), serving_(serving), clock_(clock) {}

  Status open() {
    ROOTLET_TRY(looking_, IntakeSession::open(intake_, serving_));
    return ok();
  }

  void turn() {
    if (clock_.since_boot() < pause_until_) return;
    const Status done = work();
    if (done.has_value()) return;
    log_error("worker: records wait: " + done.error().message);
    const bool is_away = remedy_of(done.error().code) == Remedy::kRetry;
    pause_until_ = clock_.since_boot() + (is_away ? kPauseAfterLoss : kPauseAfterError);
  }

 private:
  Status work() {
    ROOTLET_TRY(const bool waits, looking_->intake().has_waiting());
    if (!waits) return ok();
    ROOTLET_TRY(open());
    ROOTLET_TRY(const ValidationReport done, looking_->validate(clock_.wall()));
    report(done);
    return ok();
  }

  static void report(const ValidationReport& done) {
    log_info("worker: " + std::to_string(done.batches) + " batches; " +
             std::to_string(done.accepted) + " records accepted, " + std::to_string(done.returned) +
             " returned, " + std::to_string(done.duplicates) + " known already, " +
             std::to_string(done.quarantined) + " batches set aside");
  }

  IntakeFolder intake_;
  ServingFolder serving_;
  const Clock& clock_;
  std::unique_ptr<IntakeSession> looking_;
  std::chrono::milliseconds pause_until_{0};  // since boot
};

}  // namespace

Status run_validator(const IntakeFolder& intake, const ServingFolder& serving, const Clock& clock,
                     const std::function<void()>& wait_for_stop) {
  Validator validator(intake, serving, clock);
  ROOTLET_TRY(validator.open());
  PeriodicThread thread(kLookEvery, [&] { validator.turn(); });
  ROOTLET_TRY(thread.start());
  wait_for_stop();
  return ok();
}

}  // namespace rootlet::platform
