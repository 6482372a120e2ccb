// The memory that SQLite works in: pages, cells and bound values pass through it decrypted, so each
// block is overwritten when it is freed. The forms are those of SQLite's memory methods
// (sqlite.org/c3ref/mem_methods.html), which database.cpp installs.
#pragma once

#include "core/result.hpp"

namespace rootlet::sqlite_memory {

void* take(int bytes);                 // null if there is none
void* resize(void* block, int bytes);  // null if there is none; `block` stays then
void wipe_and_free(void* block);
int size_of(void* block);
int round_up(int bytes);

// Before the first database of the process is opened; any thread.
Status use();

}  // namespace rootlet::sqlite_memory
