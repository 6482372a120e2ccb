// The only owner of a POSIX file descriptor: of a file, a folder or a socket.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace rootlet {

// Move-only; closes on destruction. Destruction and reset() leave errno as it was, so that the
// caller can still report the error that made it give up.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int descriptor) : descriptor_(descriptor) {}  // takes it over; -1 for none
  UniqueFd(UniqueFd&& other) noexcept : descriptor_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return descriptor_; }  // -1 for none
  bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

  void reset(int descriptor = -1) {
    const int old = std::exchange(descriptor_, descriptor);
    if (old < 0) return;
    const int kept = errno;
    ::close(old);
    errno = kept;
  }
  // False with errno set if close(2) failed: a network file system or a quota may report a lost
  // write only here. For files that are not fsynced before.
  [[nodiscard]] bool close() { return !is_open() || ::close(release()) == 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace rootlet
