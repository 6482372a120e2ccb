// The platform's program: docs/ARCHITECTURE.md.
#include <sys/stat.h>

#include "config/cli/run_program.hpp"
#include "core/crypto.hpp"
#include "core/process/harden.hpp"
#include "platform/cli/cli.hpp"

int main(int count, char** words) {
  rootlet::harden_process();
  ::umask(0077);  // only repository/ is for others, and its files say so themselves
  rootlet::initialise_crypto();
  const std::vector<std::string> arguments(words + 1, words + count);
  return rootlet::run_program(rootlet::platform::platform_program(), arguments);
}
