// `rootlet trust`: a plain client of The Update Framework, for any repository of that kind. Options
// come before the verb:
//
//   --metadata-dir D init ROOT
//   --metadata-dir D --metadata-url U refresh
//   --metadata-dir D --metadata-url U --target-name N [--target-name N …] --target-base-url B
//       --target-dir T download
//
// Needs no home, no configuration and no daemon. docs/ARCHITECTURE.md.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace rootlet::agent {

// `arguments` are those after "trust". 0 when everything was done, else 1 and the reason on `err`.
// `download` refreshes once and fetches the targets in the order given; the first failure ends it,
// and targets fetched before it stay.
int run_trust_command(const std::vector<std::string>& arguments, std::ostream& out,
                      std::ostream& err);

}  // namespace rootlet::agent
