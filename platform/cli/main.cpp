// rootlet-platform: the upstream side. Everything it can do is in the commands.
#include "core/crypto.hpp"
#include "platform/cli/command.hpp"

int main(int argc, char** argv) {
  rootlet::initialise_crypto();
  const std::span<const char* const> all(argv, static_cast<std::size_t>(argc));
  return rootlet::platform::run_platform(all.subspan(argc > 0 ? 1 : 0), rootlet::system_clock());
}
