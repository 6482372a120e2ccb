// The owner of a file descriptor.
#include "core/file/descriptor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

using namespace rootlet;

namespace {

int open_null() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int descriptor) {
  return ::fcntl(descriptor, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("descriptor: its owner closes it once, also after moves and reset") {
  const int number = open_null();
  {
    UniqueFd first(number);
    UniqueFd second(std::move(first));
    CHECK_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): promised to be empty
    CHECK(second.get() == number);
    UniqueFd third;
    third = std::move(second);
    CHECK(is_open(number));
    third.reset();
    CHECK_FALSE(is_open(number));
    CHECK_FALSE(third.is_open());
  }
  const int kept = open_null();
  CHECK(UniqueFd(kept).release() == kept);
  CHECK(is_open(kept));
  CHECK(UniqueFd(kept).close());
  CHECK_FALSE(is_open(kept));
}

TEST_CASE("descriptor: destruction leaves errno, close() reports a failure") {
  {
    const UniqueFd file(open_null());
    errno = ENOENT;
  }
  CHECK(errno == ENOENT);
  const int number = open_null();
  UniqueFd file(number);
  UniqueFd(number).reset();  // behind its back
  CHECK_FALSE(file.close());
  CHECK(errno == EBADF);
  CHECK_FALSE(file.is_open());
  CHECK(UniqueFd().close());
}
