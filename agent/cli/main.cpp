// The agent's program: docs/ARCHITECTURE.md.
#include <sys/stat.h>

#include "agent/cli/cli.hpp"
#include "agent/sql/child/sql_child.hpp"
#include "agent/sql/sql.hpp"
#include "config/cli/run_program.hpp"
#include "core/crypto.hpp"
#include "core/process/harden.hpp"

int main(int count, char** words) {
  rootlet::harden_process();
  ::umask(0077);  // for others is only what says so itself (FileMode::kPublic)
  rootlet::initialise_crypto();
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments == std::vector<std::string>{rootlet::agent::kSqlProcessWord}) {
    return rootlet::agent::run_sql_process();
  }
  rootlet::agent::use_this_program_for_sql();
  return rootlet::run_program(rootlet::agent::agent_program(), arguments);
}
