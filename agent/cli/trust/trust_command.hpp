// `rootlet trust`: a plain client of The Update Framework (specification 1.0) for any repository of
// that kind. Options come before the verb:
//
//   --metadata-dir D init ROOT
//   --metadata-dir D --metadata-url U refresh
//   --metadata-dir D --metadata-url U --target-name N [--target-name N …] --target-base-url B
//       --target-dir T download
//
// The grammar is that of the TUF client conformance suite. Needs no home, no configuration and no
// daemon.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "config/cli/command.hpp"

namespace rootlet::agent {

Command trust_command();

// `arguments` are those after "trust". Returns 0 if everything was done, else 1 with the reason on
// `err`. `download` refreshes once and fetches the targets in the order given. The first failure
// ends it; targets fetched before it remain.
int run_trust_command(const std::vector<std::string>& arguments, std::ostream& out,
                      std::ostream& err);

}  // namespace rootlet::agent
