// Root's commands on a folder that belongs to a service's user. They act as that user, so that root
// never leaves a file there that the service cannot open; and an error that comes of an owner names
// the owner.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/file/file.hpp"

namespace rootlet {

// If root runs this process and another user owns `folder`, becomes that user for good. If `folder`
// does not exist, its nearest existing parent decides. Call it before other threads start, and
// after opening what only root may read (OutputFile, read_file). kStorage if the kernel refuses.
Status act_as_owner_of(const fs::path& folder);

// The user's name, or its number if it has none.
std::string user_name(uid_t uid);

// If another user owns `path`, or else its nearest existing parent: " (PATH belongs to user 'root',
// this process is user 'rootlet')". Else empty. Keeps errno.
std::string foreign_owner_note(const fs::path& path);

}  // namespace rootlet
