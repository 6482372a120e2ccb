// The lock of a home that is an older copy of itself, or that nobody vouches for any more: its data
// is not read until the platform has been heard. agent/anchor sets and lifts it.
#pragma once

#include <string>

#include "agent/office/key_store.hpp"

namespace rootlet::agent {

struct CopyLock {
  UnixTime since{};
  std::string why;  // empty: there is none
  bool is_set() const { return !why.empty(); }
};

Result<CopyLock> load_copy_lock(KeyStore& keys);
Status save_copy_lock(KeyStore& keys, const CopyLock& lock);  // without `why`: lifts it

}  // namespace rootlet::agent
