// Decoding and writing at the same time: a pack's changes are read on a thread of their own and
// written on the caller's, in the order in which they come. Few rows are ever under way, so memory
// stays bounded.
#pragma once

#include <functional>

#include "sync/pack/pack.hpp"

namespace rootlet {

// Calls `read` on another thread, with a sink that hands everything to `sink` on this one, and
// waits for both. An error of `sink` ends the reading and is returned; else what `read` returns.
// `read` may touch nothing that `sink` touches.
Status relay_changes(const std::function<Status(ChangeSink&)>& read, ChangeSink& sink);

}  // namespace rootlet
