// What the gateway's verbs do in this realm: enrolment, batches, mailboxes, counts. Each call takes
// a session of its own while it runs, so that calls do not wait for one another except where the
// databases make them.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "platform/gateway/gateway_api.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {

class RealmApi final : public GatewayApi {
 public:
  // `on_batch` is told after a batch is durable, on the thread of the call.
  RealmApi(fs::path folder, const Clock& clock, std::function<void()> on_batch)
      : folder_(std::move(folder)), clock_(clock), on_batch_(std::move(on_batch)) {}

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
  std::mutex mutex_;
  std::vector<std::unique_ptr<IntakeSession>> free_;  // under mutex_
};

}  // namespace rootlet::platform
