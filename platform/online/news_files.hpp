// The news of the repository when only timestamp and snapshot were signed again: the copies of
// these are replaced, and the rest of each file stays.
#pragma once

#include "platform/homes/serving_home.hpp"

namespace rootlet::platform {

// A file that cannot be read is left as it is: it is only a copy, and the next publish makes it.
Status renew_news(ServingHome& home, const fs::path& repository);

}  // namespace rootlet::platform
