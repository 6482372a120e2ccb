// What both programs do first, so that a crash shows no key: no core dump, no look into the memory
// by other processes of the same user, and freed memory that holds nothing.
#pragma once

namespace rootlet {

// False under the sanitizers, which need their own operators to see what is freed and how.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kHeapIsWiped = false;
#else
inline constexpr bool kHeapIsWiped = true;
#endif

// Sets the limit of core files to zero and makes the process undumpable; child processes inherit
// the first. A program that links this room also overwrites every block of the C++ heap when it is
// freed, because texts of grants and settings pass through strings and JSON values. Call it before
// the first secret is read.
void harden_process();

}  // namespace rootlet
