// The work of `rootlet-platform worker`, beside the intake keys: opens the batches that wait in the
// inbox, validates their records, and answers by mail.
#pragma once

#include <functional>

#include "core/clock.hpp"
#include "platform/homes/intake_home.hpp"
#include "platform/homes/serving_home.hpp"

namespace rootlet::platform {

// Until `wait_for_stop` returns.
Status run_validator(const IntakeFolder& intake, const ServingFolder& serving, const Clock& clock,
                     const std::function<void()>& wait_for_stop);

}  // namespace rootlet::platform
