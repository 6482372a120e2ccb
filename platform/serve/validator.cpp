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

class Validator {
 public:
  Validator(const IntakeFolder& intake, const ServingFolder& serving, const Clock& clock)
      : intake_(intake), serving_(serving), clock_(clock) {}

  Status open() {
    ROOTLET_TRY(looking_, IntakeSession::open(intake_, serving_));
    return ok();
  }

  void turn() {
    const Result<bool> waits = looking_->intake().has_waiting();
    if (waits.has_error()) return log_error("worker: " + waits.error().message);
    if (!waits.value()) return;
    const Status opened = open();
    if (opened.has_error()) return log_error("worker: " + opened.error().message);
    report(looking_->validate(clock_.wall()));
  }

 private:
  static void report(const Result<ValidationReport>& report) {
    if (report.has_error()) return log_error("worker: " + report.error().message);
    const ValidationReport& done = report.value();
    log_info("worker: " + std::to_string(done.batches) + " batches; " +
             std::to_string(done.accepted) + " records accepted, " + std::to_string(done.returned) +
             " returned, " + std::to_string(done.duplicates) + " known already, " +
             std::to_string(done.quarantined) + " batches set aside");
  }

  IntakeFolder intake_;
  ServingFolder serving_;
  const Clock& clock_;
  std::unique_ptr<IntakeSession> looking_;
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
