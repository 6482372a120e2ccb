// Goes on with the ledger after entries were lost, on the word of an operator.
#pragma once

#include "agent/ledger/ledger.hpp"

namespace rootlet::agent {

// Accepts the loss of entries by `user`: sets aside a file that does not open, and marks every gap
// as accepted. Returns {"gaps"} and, if a file was set aside, {"kept_in"}. kUsage if nothing is
// lost; the error of verify() if entries were changed, which is no loss.
Result<json::object> restart_ledger(const Home& home, KeyStore& keys, const std::string& user,
                                    UnixTime now);

}  // namespace rootlet::agent
