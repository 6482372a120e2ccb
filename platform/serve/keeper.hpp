// The work of `rootlet-platform keeper`, beside the publishing keys: answers enrolment requests
// that wait in the serving home, signs what the publishing home signs before it ends, and finishes
// what a power cut interrupted.
#pragma once

#include <functional>

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// Answers the requests that wait; returns how many. What is refused is answered too; what fails on
// this side waits.
Result<std::size_t> answer_enrolments(Realm& realm, UnixTime now);

// Until `wait_for_stop` returns.
Status run_keeper(const fs::path& realm, const SigningClock& clock,
                  const std::function<void()>& wait_for_stop);

}  // namespace rootlet::platform
