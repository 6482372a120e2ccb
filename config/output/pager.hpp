// Long output through a pager, as git does it: only on a terminal, by ROOTLET_PAGER, else PAGER,
// else `less -FRX`. "cat" or an empty value turns it off.
#pragma once

#include <sys/types.h>

#include <string>

#include "config/output/cli_output.hpp"

namespace rootlet {

// From its construction to its end standard output goes through the pager; the end waits until the
// person leaves it. Without a terminal, with --json, or if no pager starts, it does nothing. If the
// person leaves early, the process ends by SIGPIPE, as any program before a pipe.
class Pager {
 public:
  explicit Pager(const CliOutput& output);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  pid_t child_ = -1;
  int terminal_ = -1;  // standard output as it was
};

// The shell command that shows output, from the values of ROOTLET_PAGER and PAGER, which may be
// null; "" for none.
std::string pager_command(const char* own, const char* usual);

}  // namespace rootlet
