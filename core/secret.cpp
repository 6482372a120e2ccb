// The pool of slots: blocks of locked pages between two pages that nobody may touch. Blocks are
// kept for the life of the process, so a slot never returns to the heap.
#include "core/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <vector>

namespace rootlet {
namespace {

constexpr std::size_t kBlockPages = 4;  // 256 slots with pages of 4 KiB: an office's keys

class SecretPool {
 public:
  std::uint8_t* take() {
    const std::lock_guard guard(mutex_);
    if (free_.empty()) add_block();
    std::uint8_t* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void give_back(std::uint8_t* slot) noexcept {
    sodium_memzero(slot, kSecretSlotBytes);
    const std::lock_guard guard(mutex_);
    free_.push_back(slot);  // never grows: add_block() reserved a place for each slot
  }

  SecretPages pages() {
    const std::lock_guard guard(mutex_);
    return pages_;
  }

 private:
  void add_block() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes = kBlockPages * page;
    void* const whole =
        ::mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED) std::abort();
    auto* const first = static_cast<std::uint8_t*>(whole) + page;
    if (::mprotect(first, bytes, PROT_READ | PROT_WRITE) != 0) std::abort();
    ::madvise(first, bytes, MADV_DONTDUMP);
    const bool is_locked = ::mlock(first, bytes) == 0;
    pages_.all += kBlockPages;
    if (is_locked) pages_.locked += kBlockPages;
    free_.reserve(pages_.all * page / kSecretSlotBytes);
    for (std::size_t at = 0; at < bytes; at += kSecretSlotBytes) free_.push_back(first + at);
  }

  std::mutex mutex_;
  std::vector<std::uint8_t*> free_;
  SecretPages pages_;
};

// Never destroyed: secrets with static storage may outlive any order of destruction.
SecretPool& pool() {
  static SecretPool& one = *new SecretPool;
  return one;
}

}  // namespace

std::uint8_t* take_secret_slot() {
  return pool().take();
}

void return_secret_slot(std::uint8_t* slot) noexcept {
  if (slot != nullptr) pool().give_back(slot);
}

SecretPages secret_pages() {
  return pool().pages();
}

}  // namespace rootlet
