// The limits of the process, and the operators `new` and `delete` of the programs that call
// harden_process(): glibc's heap, each block overwritten once when it is freed.
#include "core/process/harden.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "core/log.hpp"

namespace rootlet {

void harden_process() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  const bool is_limited = ::setrlimit(RLIMIT_CORE, &none) == 0;
  const bool is_closed = ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
  if (!is_limited && !is_closed) log_warning("core dumps could not be switched off");
}

}  // namespace rootlet

// As kHeapIsWiped says.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

void* take_block(std::size_t bytes) noexcept {
  while (true) {
    if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) return nullptr;
    handler();
  }
}

void wipe_and_free(void* block) noexcept {
  if (block == nullptr) return;
  ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* block = take_block(bytes)) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return take_block(bytes);
}
void operator delete(void* block) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  wipe_and_free(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  wipe_and_free(block);
}

#endif
