// The agent's program. Everything is in cli.hpp.
#include "agent/cli.hpp"
#include "core/crypto.hpp"

int main(int count, char** words) {
  rootlet::initialise_crypto();
  return rootlet::run_cli(std::vector<std::string>(words + 1, words + count));
}
