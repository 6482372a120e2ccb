// Over the C heap.
#include "storage/sqlite/sqlite_memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace rootlet::sqlite_memory {

void* take(int bytes) {
  return std::malloc(static_cast<std::size_t>(bytes));
}

// realloc() could move the bytes and leave the old ones behind.
void* resize(void* block, int bytes) {
  if (bytes <= size_of(block)) return block;
  void* const larger = take(bytes);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, static_cast<std::size_t>(std::min(bytes, size_of(block))));
  wipe_and_free(block);
  return larger;
}

void wipe_and_free(void* block) {
  if (block == nullptr) return;
  ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

int size_of(void* block) {
  return block == nullptr ? 0 : static_cast<int>(::malloc_usable_size(block));
}

int round_up(int bytes) {
  return (bytes + 7) & ~7;
}

}  // namespace rootlet::sqlite_memory
