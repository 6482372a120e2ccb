// What the memory of a process shows of its keys: nothing once they are gone, and no core dump
// while they are there.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>

#include "core/crypto.hpp"
#include "core/file/file.hpp"
#include "core/process/harden.hpp"
#include "tests/support/memory_scan.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using test::copies_in_memory;
using test::TempDir;
using test::turned_over;

namespace {

// The exit code of a child that runs `work`; 128 and the signal if one ended it.
template <typename Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFSIGNALED(status) && WCOREDUMP(status)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("secret: a moved or default key is zeros, a clone is equal, and each has its own place") {
  SymmetricKey key = SymmetricKey::random();
  const SymmetricKey copy = key.clone();
  CHECK(key == copy);
  const SymmetricKey moved = std::move(key);
  CHECK(moved == copy);
  CHECK(SymmetricKey().expose()[0] == 0);
  CHECK(SymmetricKey() == SymmetricKey().clone());
  CHECK_FALSE(moved == SymmetricKey());
}

TEST_CASE("secret: a key that is gone is nowhere in the memory" * doctest::skip(!kHeapIsWiped)) {
  auto key = std::make_unique<SigningKey>(SigningKey::generate());
  auto seed = std::make_unique<SymmetricKey>(key->seed());
  const auto shadow = turned_over(seed->expose());
  CHECK(copies_in_memory(shadow) == 2);  // the seed, and the first half of the signing key
  seed.reset();
  key.reset();
  CHECK(copies_in_memory(shadow) == 0);
}

TEST_CASE("secret: keys lie in locked pages, and work without them when no more may be locked") {
  const SymmetricKey key = SymmetricKey::random();
  CHECK(secret_pages().all > 0);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_MEMLOCK, &limit) == 0);
  if (limit.rlim_cur >= 64 * 1024) CHECK(secret_pages().locked > 0);
  // A child that may lock nothing more.
  CHECK(in_child([] {
          const rlimit none{.rlim_cur = 0, .rlim_max = 0};
          if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 1;
          std::vector<SymmetricKey> keys;
          for (int i = 0; i < 5'000; ++i) keys.push_back(SymmetricKey::random());
          const SymmetricKey first = keys.front().clone();
          const bool is_root = ::geteuid() == 0;  // root may always lock
          const SecretPages pages = secret_pages();
          const bool as_expected = is_root || pages.locked < pages.all;
          return first == keys.front() && as_expected ? 0 : 2;
        }) == 0);
}

TEST_CASE("heap: a text that held a key is overwritten when it is freed" *
          doctest::skip(!kHeapIsWiped)) {
  const SymmetricKey key = SymmetricKey::random();
  const auto shadow = turned_over(key.expose());
  auto text = std::make_unique<std::string>(as_text(key.expose()));
  CHECK(copies_in_memory(shadow) == 2);  // the text, and the key in its own page
  text.reset();
  CHECK(copies_in_memory(shadow) == 1);
}

TEST_CASE("crash: a hardened process leaves no core, whatever the limit was before") {
  const TempDir folder;
  const int ended = in_child([&] {
    const rlimit wide{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    static_cast<void>(::setrlimit(RLIMIT_CORE, &wide));
    if (::chdir(folder.path().c_str()) != 0) return 1;
    harden_process();
    rlimit now{};
    if (::getrlimit(RLIMIT_CORE, &now) != 0 || now.rlim_cur != 0 || now.rlim_max != 0) return 2;
    if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 3;
    const SymmetricKey key = SymmetricKey::random();
    ::signal(SIGABRT, SIG_DFL);
    std::abort();
    return 0;
  });
  CHECK(ended == 128 + SIGABRT);
  CHECK(fs::is_empty(folder.path()));
}
