// Runs one operation again and again, each time in a child process whose disk fails at another
// call, and lets a test look at what is left. The folder starts each time from the same copy.
#pragma once

#include <functional>
#include <string>

#include "core/result.hpp"
#include "tests/faults/disk.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

// What became of one run.
struct FaultyRun {
  Fault fault;
  std::uint64_t at = 0;
  bool was_hit = false;          // else the operation ended before the fault's turn
  bool succeeded = false;        // as the operation said; false if the power went off
  std::string acknowledgements;  // what the operation passed to its caller before it ended
};

struct Sweep {
  std::string name;
  std::filesystem::path folder;  // all that the operation and the check may change
  std::filesystem::path disk;    // the part that fails
  // Runs in the child: opens what it needs. What it appends to `acknowledged` is what a caller was
  // promised by then; it reaches the parent even if the power goes off later.
  std::function<Status(const std::function<void(std::string_view)>& acknowledge)> run;
  // Runs in the parent, on what is left: opens, checks, repeats the operation without faults,
  // checks again.
  std::function<void(const FaultyRun&)> check;
  // Closes what the parent holds open below `folder`.
  std::function<void()> close = [] {};
};

// Tries every call with every fault if ROOTLET_LONG is set, otherwise `short_runs` pairs by the
// seed. Prints counts.
void run_sweep(const Sweep& sweep, std::size_t short_runs = 14);

}  // namespace rootlet::test
