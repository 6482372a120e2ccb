// What the gateway tells Prometheus: when the newest signature of each role ends. From the
// published metadata, which everybody may read; so it is also true when the renewal does not run.
#pragma once

#include <filesystem>
#include <string>

namespace rootlet::platform {

// Prometheus' text format: rootlet_role_ends_seconds{role="root"} and so on, in Unix seconds. A
// role whose newest file cannot be read is missing.
std::string role_metrics(const std::filesystem::path& repository);

}  // namespace rootlet::platform
