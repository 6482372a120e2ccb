// The options that name a bucket, for init and realm migrate.
#pragma once

#include "config/cli/arguments.hpp"
#include "config/cli/command.hpp"
#include "platform/bucket/bucket.hpp"

namespace rootlet::platform {

std::vector<OptionSpec> bucket_options();
// kBadInput that names the option.
Result<Bucket> bucket_of(const Arguments& arguments);

}  // namespace rootlet::platform
