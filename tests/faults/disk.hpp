// A disk that fails. This program defines write(), fsync(), rename() and the other calls that
// change files itself, in place of the C library's, so that every writer meets the faults: SQLite,
// our own code and the C++ library. Below one folder it counts these calls and makes the Nth one
// fail. At a power-off it writes an image of what a disk holds that keeps only what was synced: a
// file's bytes since its last fsync() and a folder's entries since its own last fsync() are lost,
// or some of them are. Without a plan all calls pass through. One plan at a time, in a child
// process; any thread may write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace rootlet::test {

enum class Fault {
  kErrorOnce,     // the call fails with EIO and changes nothing; later calls work
  kErrorForever,  // so do all later calls
  kFullOnce,      // ENOSPC; a call that takes no room (a sync, a removal) works
  kFullForever,
  kTorn,           // a write keeps its first half and fails; later calls work
  kPowerOff,       // the process ends; the image holds what was synced
  kPowerOffMixed,  // the same, but the image also has some of the unsynced 4096-byte pages and
                   // entries
};
inline constexpr Fault kFaults[] = {Fault::kErrorOnce,    Fault::kErrorForever, Fault::kFullOnce,
                                    Fault::kFullForever,  Fault::kTorn,         Fault::kPowerOff,
                                    Fault::kPowerOffMixed};

std::string_view name_of(Fault fault);
bool is_power_off(Fault fault);

struct FaultPlan {
  Fault fault = Fault::kErrorOnce;
  std::uint64_t at = 0;              // the call that fails, from 1; 0: none, only count
  std::uint64_t seed = 0;            // of kPowerOffMixed
  std::filesystem::path below = {};  // only calls on files below this folder count
  std::filesystem::path image = {};  // where a power-off writes its image
};

inline constexpr int kPowerOffExit = 77;  // the exit status of a process whose disk lost power

// All that is below the plan's folder now counts as synced.
void break_disk(const FaultPlan& plan);
void repair_disk();
std::uint64_t calls_counted();

}  // namespace rootlet::test
