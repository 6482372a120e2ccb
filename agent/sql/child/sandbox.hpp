// Takes almost all rights from this process, for good: it keeps the files that it has open, and can
// compute, read them, and write to one descriptor. It can open, create, connect, start and map
// executable memory no more. Uses prctl(2), prlimit(2) and a seccomp filter (seccomp(2),
// SECCOMP_MODE_FILTER), all of which Linux 4.4 has; needs no privilege.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/result.hpp"

namespace rootlet::agent {

struct SandboxLimits {
  std::size_t more_memory_bytes = 0;  // of address space, beyond what the process has now
  std::chrono::seconds processor_time{0};
  int writable = 0;  // the one descriptor that may be written
};

// For a process with one thread. A system call outside the list fails with EPERM. kStorage if the
// kernel refuses: then nothing may run that needed the sandbox.
Status enter_sandbox(const SandboxLimits& limits);

}  // namespace rootlet::agent
