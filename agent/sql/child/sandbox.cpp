// The filter is a classic BPF program over struct seccomp_data: architecture, number and arguments
// of the call. It is a list of rules; the first one that fits allows the call.
#include "agent/sql/child/sandbox.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace rootlet::agent {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__loongarch64)
constexpr std::uint32_t kArchitecture = EM_LOONGARCH | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE;
#else
#error "the sandbox does not know the system calls of this processor"
#endif

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kLowestX32Call = 0x40000000;  // of x86-64: other numbers, same architecture

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

// Calls that name nothing outside the process, or a descriptor that is open.
constexpr std::array kFreeCalls = {
    SYS_read,       SYS_pread64,         SYS_close,           SYS_lseek,         SYS_brk,
    SYS_munmap,     SYS_mremap,          SYS_madvise,         SYS_futex,         SYS_exit,
    SYS_exit_group, SYS_rt_sigreturn,    SYS_rt_sigprocmask,  SYS_clock_gettime, SYS_gettimeofday,
    SYS_nanosleep,  SYS_clock_nanosleep, SYS_getrandom,       SYS_sched_yield,   SYS_getpid,
    SYS_gettid,     SYS_getrusage,       SYS_restart_syscall,
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_fstat
    SYS_fstat,
#endif
};

constexpr std::uint32_t low_word_of(int argument) {
  // Little-endian: the low half of a 64-bit argument comes first.
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) +
         static_cast<std::uint32_t>(argument) * sizeof(std::uint64_t);
}

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    jump(BPF_JEQ, kArchitecture, 1, 0);
    answer(SECCOMP_RET_KILL);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    jump(BPF_JGE, kLowestX32Call, 0, 1);
    answer(SECCOMP_RET_KILL);
#endif
  }

  void allow(long call) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 1);
    answer(SECCOMP_RET_ALLOW);
  }
  // If the argument's low word is `value`.
  void allow_if_equal(long call, int argument, std::uint32_t value) {
    with_argument(call, argument, [&] { jump(BPF_JEQ, value, 0, 1); });
  }
  // If the argument has none of `bits`.
  void allow_without(long call, int argument, std::uint32_t bits) {
    with_argument(call, argument, [&] { jump(BPF_JSET, bits, 1, 0); });
  }

  Status install() {
    answer(kRefused);
    sock_fprog program{.len = static_cast<unsigned short>(count_), .filter = code_.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return ok();
    return fail(ErrorCode::kStorage,
                std::string("the kernel takes no seccomp filter: ") + std::strerror(errno));
  }

 private:
  void add(std::uint16_t code, std::uint8_t if_true, std::uint8_t if_false, std::uint32_t k) {
    code_[count_++] = {.code = code, .jt = if_true, .jf = if_false, .k = k};
  }
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset));
  }
  void jump(std::uint16_t test, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    add(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, value);
  }
  void answer(std::uint32_t what) {
    add(BPF_RET | BPF_K, 0, 0, what);
  }

  // `test` is one instruction that skips the next one if the argument does not fit.
  template <typename Test>
  void with_argument(long call, int argument, Test test) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 4);
    load(low_word_of(argument));
    test();
    answer(SECCOMP_RET_ALLOW);
    load(offsetof(seccomp_data, nr));
  }

  std::array<sock_filter, 160> code_{};
  std::size_t count_ = 0;
};

Status install_filter(int writable) {
  Filter filter;
  for (const long call : kFreeCalls) filter.allow(call);
  const auto descriptor = static_cast<std::uint32_t>(writable);
  filter.allow_if_equal(SYS_write, 0, descriptor);
  filter.allow_if_equal(SYS_fcntl, 1, F_SETLK);
  filter.allow_if_equal(SYS_fcntl, 1, F_GETLK);
  // fstat(2), as newer C libraries spell it: of the descriptor, without a path.
#ifdef SYS_newfstatat
  filter.allow_if_equal(SYS_newfstatat, 3, AT_EMPTY_PATH);
#endif
#ifdef SYS_statx
  filter.allow_if_equal(SYS_statx, 2, AT_EMPTY_PATH);
#endif
  filter.allow_without(SYS_mmap, 2, PROT_EXEC);
  filter.allow_without(SYS_mprotect, 2, PROT_EXEC);
  return filter.install();
}

Status limit(__rlimit_resource resource, rlim_t most) {
  const rlimit value{.rlim_cur = most, .rlim_max = most};
  if (::prlimit(0, resource, &value, nullptr) == 0) return ok();
  return fail(ErrorCode::kStorage, std::string("set a limit: ") + std::strerror(errno));
}

Result<std::size_t> address_space() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  unsigned long pages = 0;
  const bool read = file != nullptr && std::fscanf(file, "%lu", &pages) == 1;
  if (file != nullptr) std::fclose(file);
  if (!read) return fail(ErrorCode::kStorage, "/proc/self/statm cannot be read");
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Status enter_sandbox(const SandboxLimits& limits) {
  ROOTLET_TRY(const std::size_t bytes, address_space());
  ROOTLET_TRY(limit(RLIMIT_AS, bytes + limits.more_memory_bytes));
  ROOTLET_TRY(limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_time.count())));
  ROOTLET_TRY(limit(RLIMIT_CORE, 0));
  ROOTLET_TRY(limit(RLIMIT_FSIZE, 0));
  ROOTLET_TRY(limit(RLIMIT_NPROC, 0));
  ROOTLET_TRY(limit(RLIMIT_NOFILE, 0));  // those that are open stay open
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(ErrorCode::kStorage, std::string("no_new_privs: ") + std::strerror(errno));
  }
  return install_filter(limits.writable);
}

}  // namespace rootlet::agent
