// A file in the home that only takes up space. On a full disk it is given up, and reading, the
// ledger and what people type go on in its place; downloads never use it.
#pragma once

#include "agent/office/home.hpp"

namespace rootlet::agent {

// Makes the file, limits::kDiskReserveBytes large, if it is missing and the disk has several times
// as much free. Without room it does nothing.
void keep_disk_reserve(const Home& home);

// Deletes the file. False if there was none.
bool release_disk_reserve(const Home& home);

}  // namespace rootlet::agent
