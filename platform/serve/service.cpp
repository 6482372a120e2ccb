// Starts and stops the threads of `serve`; the work itself is in the rooms below.
#include "platform/serve/service.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/file/boot.hpp"
#include "core/log.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/repository/role_ends.hpp"
#include "platform/serve/api.hpp"

namespace rootlet::platform {
namespace {

// Batches are validated when they arrive; this is for those that another process left.
constexpr std::chrono::seconds kValidateEvery{60};
constexpr std::chrono::minutes kRenewEvery{10};
constexpr std::chrono::hours kWarnEvery{24};

// A thread that works when it is called, and at least once in each interval.
class Worker {
 public:
  Worker(std::chrono::seconds every, std::function<void()> work)
      : every_(every), work_(std::move(work)) {}
  // kBusy if the system has no more threads.
  Status start() {
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      return fail(ErrorCode::kBusy, std::string("start a thread: ") + error.what());
    }
    return ok();
  }
  ~Worker() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void call() {
    {
      const std::lock_guard guard(mutex_);
      called_ = true;
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock guard(mutex_);
    while (!stopping_) {
      called_ = false;
      guard.unlock();
      work_once();
      guard.lock();
      changed_.wait_for(guard, every_, [this] { return called_ || stopping_; });
    }
  }

  // Out of memory, for example: this turn is lost, the service and the next turn are not.
  void work_once() {
    try {
      work_();
    } catch (const std::exception& error) {
      log_error(std::string("serve: a turn of work was given up: ") + error.what());
    }
  }

  std::chrono::seconds every_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false, stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

void validate(IntakeSession& session, const Clock& clock) {
  const Result<ValidationReport> report = session.validate(clock.wall());
  if (report.has_error()) {
    log_error("validate: " + report.error().message);
  } else if (report.value().batches > 0) {
    const ValidationReport& done = report.value();
    log_info("validate: " + std::to_string(done.batches) + " batches; " +
             std::to_string(done.accepted) + " records accepted, " + std::to_string(done.returned) +
             " returned, " + std::to_string(done.duplicates) + " known already, " +
             std::to_string(done.quarantined) + " batches set aside");
  }
}

Status keep_fresh(Realm& realm, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(const bool renewed, renew_repository(realm, now));
  if (renewed) log_info("metadata: signed again");
  return ok();
}

// The renewal thread's work: signs, and says what it cannot keep from ending, once a day.
class Renewal {
 public:
  Renewal(Realm& realm, const Clock& clock) : realm_(realm), clock_(clock) {}

  void run() {
    const UnixTime now = clock_.wall();
    const Status kept = keep_fresh(realm_, now);
    if (kept.has_error()) log_error("metadata: " + kept.error().message);
    const auto passed = clock_.since_boot() - warned_;
    if (passed < kWarnEvery && warned_ != std::chrono::milliseconds(0)) return;
    const Result<std::vector<RoleEnd>> ends = role_ends(realm_.registry());
    if (ends.has_error()) return log_error("metadata: " + ends.error().message);
    for (const Text& warning : end_warnings(ends.value(), now)) {
      log_warning("metadata: " + warning.en);
      warned_ = clock_.since_boot();
    }
  }

 private:
  Realm& realm_;
  const Clock& clock_;
  std::chrono::milliseconds warned_{0};  // since boot; 0: not yet
};

bool listens_everywhere(const std::string& url) {
  return url.find("//0.0.0.0:") != std::string::npos || url.find("//[::]:") != std::string::npos;
}

// The URL that invitations name.
Status record_url(Realm& realm, const ServiceOptions& options, const std::string& listening) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  Registry& registry = realm.registry();
  if (!options.public_url.empty()) {
    ROOTLET_TRY(check_url(options.public_url, "public-url"));
    ROOTLET_TRY(registry.save_setting(kSettingUrl, options.public_url));
    return registry.save_setting(kSettingUrlGiven, "1");
  }
  ROOTLET_TRY(const auto given, registry.setting(kSettingUrlGiven));
  if (given == "1") return ok();
  if (listens_everywhere(listening)) {
    log_warning("invitations cannot name " + listening +
                ": give the URL for offices with --public-url");
    return ok();
  }
  return registry.save_setting(kSettingUrl, listening);
}

}  // namespace

Status serve_realm(const ServiceOptions& options, const Clock& clock,
                   const std::function<void(const std::string& url)>& ready,
                   const std::function<void()>& wait_for_stop) {
  const std::string boot = current_boot();
  ROOTLET_TRY(Realm realm, Realm::open(options.realm, {.clock = &clock, .boot = boot}));
  const Status fresh = keep_fresh(realm, clock.wall());
  // A doubtful clock only stops signing: offices still fetch, and records arrive. The renewal
  // thread says why.
  if (fresh.has_error() && fresh.error().code != ErrorCode::kUsage) return fresh.error();
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> validation_session,
              IntakeSession::open(options.realm));
  std::unique_ptr<Worker> validation_worker;
  if (options.intake) {
    validation_worker =
        std::make_unique<Worker>(kValidateEvery, [&] { validate(*validation_session, clock); });
    ROOTLET_TRY(validation_worker->start());
  }
  RealmApi api(
      options.realm, clock,
      [&] {
        if (validation_worker != nullptr) validation_worker->call();
      },
      options.limits, boot);
  GatewayOptions gateway_options = options.gateway;
  gateway_options.repository = realm.folder().repository();
  ROOTLET_TRY(Gateway gateway, Gateway::start(std::move(gateway_options), api));
  ROOTLET_TRY(record_url(realm, options, gateway.url()));
  {
    Renewal renewal(realm, clock);
    Worker renewal_worker(kRenewEvery, [&] { renewal.run(); });
    ROOTLET_TRY(renewal_worker.start());
    ready(gateway.url());
    wait_for_stop();
    gateway.stop();
  }
  return ok();
}

}  // namespace rootlet::platform
