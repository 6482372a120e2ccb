// The published files as answers: type, and how long caches may keep them.
#pragma once

#include "sync/wire/server/static_file.hpp"

namespace rootlet::platform {

using http::FileAnswer;
using http::FileRequest;

// `request.segments` come from route_of.
FileAnswer answer_file(const std::filesystem::path& repository, const FileRequest& request);

}  // namespace rootlet::platform
