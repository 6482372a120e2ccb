// The gateway's calls in this realm: enrolment, batches, mailboxes, counts. Each call has a session
// of its own while it runs, so that calls wait for each other only at the databases' locks.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "platform/gateway/gateway_api.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {

class RealmApi final : public GatewayApi {
 public:
  // Calls `on_batch` after a batch is durable, on the thread of the call.
  // `boot` is current_boot(), by which a jump of the clock is noticed; "" if unknown.
  RealmApi(fs::path folder, const Clock& clock, std::function<void()> on_batch,
           const IntakeLimits& limits = {}, std::string boot = "")
      : folder_(std::move(folder)),
        clock_(clock),
        on_batch_(std::move(on_batch)),
        limits_(limits),
        boot_(std::move(boot)) {}

  ApiReply enroll(Bytes body) override;
  ApiReply batch(Bytes body) override;
  ApiReply mailbox(std::string address, std::uint64_t after) override;
  ApiReply status() override;

 private:
  Result<std::unique_ptr<IntakeSession>> take_session();
  void give_back(std::unique_ptr<IntakeSession> session);
  template <typename Work>
  ApiReply in_session(Work work);

  fs::path folder_;
  const Clock& clock_;
  std::function<void()> on_batch_;
  IntakeLimits limits_;
  std::string boot_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<IntakeSession>> free_;  // under mutex_
};

}  // namespace rootlet::platform
