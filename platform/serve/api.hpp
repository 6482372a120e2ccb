// The gateway's calls in this realm: enrolment, batches, mailboxes, counts. They open the serving
// home alone. Each call has a session of its own while it runs, so that calls wait for each other
// only at the databases' locks.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "platform/gateway/gateway_api.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {

class RealmApi final : public GatewayApi {
 public:
  RealmApi(ServingFolder folder, const Clock& clock, const IntakeLimits& limits = {})
      : folder_(std::move(folder)), clock_(clock), limits_(limits) {}
  // Called on the thread of the call when an enrolment waits: a keeper in the same process.
  void on_enrolment(std::function<void()> work) { on_enrolment_ = std::move(work); }

  ApiReply enroll(Bytes body) override;
  ApiReply batch(Bytes body) override;
  ApiReply mailbox(std::string address, std::uint64_t after) override;
  ApiReply status() override;

 private:
  Result<std::unique_ptr<GateSession>> take_session();
  void give_back(std::unique_ptr<GateSession> session);
  template <typename Work>
  ApiReply in_session(Work work);
  Result<ApiReply> wait_for_keeper(ServingHome& home, std::int64_t number);

  ServingFolder folder_;
  const Clock& clock_;
  std::function<void()> on_enrolment_;
  IntakeLimits limits_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<GateSession>> free_;  // under mutex_
};

}  // namespace rootlet::platform
