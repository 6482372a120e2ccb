// Starts and stops the threads of `serve`; the work itself is in the rooms below.
#include "platform/serve/service.hpp"

#include <unistd.h>

#include "core/file/boot.hpp"
#include "core/log.hpp"
#include "platform/bucket/bucket_update.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/online/online_roles.hpp"
#include "platform/realm/realm_key.hpp"
#include "platform/repository/role_ends.hpp"
#include "platform/serve/api.hpp"
#include "platform/serve/helper_process.hpp"
#include "platform/serve/periodic_thread.hpp"

namespace rootlet::platform {
namespace {

constexpr std::chrono::minutes kRenewEvery{10};
constexpr std::chrono::hours kWarnEvery{24};
constexpr std::chrono::seconds kLookAfterHelpers{1};
constexpr std::chrono::seconds kLookAtBucket{2};  // one stat() as long as nothing changed

// The renewal thread's work: signs, and says what it cannot keep from ending, once a day.
class Renewal {
 public:
  Renewal(ServingHome& home, fs::path repository, const SigningClock& clock)
      : home_(home), repository_(std::move(repository)), clock_(clock) {}

  Status renew() {
    ROOTLET_TRY(const bool is_renewed,
                renew_online_roles(home_, repository_, clock_, clock_.clock->wall()));
    if (is_renewed) log_info("metadata: timestamp and snapshot were signed again");
    return ok();
  }

  void turn() {
    const Status renewed = renew();
    if (renewed.has_error()) log_error("metadata: " + renewed.error().message);
    const auto passed = clock_.clock->since_boot() - warned_;
    if (passed < kWarnEvery && warned_ != std::chrono::milliseconds(0)) return;
    const Result<std::vector<RoleEnd>> ends = role_ends(home_);
    if (ends.has_error()) return log_error("metadata: " + ends.error().message);
    for (const Text& warning : end_warnings(ends.value(), clock_.clock->wall())) {
      log_warning("metadata: " + warning.en);
      warned_ = clock_.clock->since_boot();
    }
  }

 private:
  ServingHome& home_;
  fs::path repository_;
  SigningClock clock_;
  std::chrono::milliseconds warned_{0};  // since boot; 0: not yet
};

// Keeper and worker, if their keys are on this machine and this user may read them.
class Helpers {
 public:
  Helpers(const RealmFolder& realm, const ServiceOptions& options) {
    const std::string folder = realm.path.string();
    if (options.keeper && opens_unattended(realm.key())) {
      keeper_.emplace(std::vector<std::string>{"keeper", "--realm", folder});
    } else {
      log_info("serve: enrolments wait until a keeper answers them");
    }
    if (options.intake && may_read(realm.intake().key())) {
      worker_.emplace(std::vector<std::string>{"worker", "--realm", folder});
    } else {
      log_info("serve: records wait until a worker validates them");
    }
  }

  void keep_running() {
    if (keeper_) keeper_->keep_running();
    if (worker_) worker_->keep_running();
  }

 private:
  static bool may_read(const fs::path& file) { return ::access(file.c_str(), R_OK) == 0; }
  std::optional<HelperProcess> keeper_, worker_;
};

bool listens_everywhere(const std::string& url) {
  return url.find("//0.0.0.0:") != std::string::npos || url.find("//[::]:") != std::string::npos;
}

// The URL that invitations name.
Status record_url(ServingHome& home, const ServiceOptions& options, const std::string& listening) {
  if (!options.public_url.empty()) {
    ROOTLET_TRY(check_url(options.public_url, "public-url"));
    return home.settings().save(kSettingPublicUrl, options.public_url);
  }
  if (listens_everywhere(listening)) {
    log_warning("invitations cannot name " + listening +
                ": give the URL for offices with --public-url");
    return ok();
  }
  return home.settings().save(kSettingListening, listening);
}

}  // namespace

Status serve_realm(const ServiceOptions& options, const Clock& clock,
                   const std::function<void(const std::string& url)>& ready,
                   const std::function<void()>& wait_for_stop) {
  const SigningClock signing{.clock = &clock, .boot = current_boot()};
  const RealmFolder folder{options.realm};
  ROOTLET_TRY(ServingHome home, ServingHome::open(folder.serving()));
  Renewal renewal(home, folder.repository(), signing);
  const Status fresh = renewal.renew();
  // A doubtful clock only stops signing: offices still fetch, and records arrive. The renewal
  // thread says why.
  if (fresh.has_error() && fresh.error().code != ErrorCode::kUsage) return fresh.error();
  RealmApi api(folder.serving(), clock, options.limits);
  GatewayOptions gateway_options = options.gateway;
  gateway_options.repository = folder.repository();
  ROOTLET_TRY(Gateway gateway, Gateway::start(std::move(gateway_options), api));
  ROOTLET_TRY(record_url(home, options, gateway.url()));
  {
    Helpers helpers(folder, options);
    PeriodicThread helper_thread(kLookAfterHelpers, [&] { helpers.keep_running(); });
    PeriodicThread renewal_thread(kRenewEvery, [&] { renewal.turn(); });
    BucketFollower bucket(folder);
    PeriodicThread bucket_thread(kLookAtBucket, [&] { bucket.turn(); });
    ROOTLET_TRY(helper_thread.start());
    ROOTLET_TRY(bucket_thread.start());
    ROOTLET_TRY(renewal_thread.start());
    ready(gateway.url());
    wait_for_stop();
    bucket.stop();
    gateway.stop();
  }
  return ok();
}

}  // namespace rootlet::platform
