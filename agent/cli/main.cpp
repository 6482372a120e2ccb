// The agent's program. Everything is in cli.hpp.
#include <sys/stat.h>

#include "agent/cli/cli.hpp"
#include "core/crypto.hpp"

int main(int count, char** words) {
  ::umask(0077);  // nothing this program makes is for others
  rootlet::initialise_crypto();
  return rootlet::agent::run_cli(std::vector<std::string>(words + 1, words + count));
}
