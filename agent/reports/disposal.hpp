// Disposal certificates: what the office says upstream of data that it has erased (Order 809,
// Art. 27). Each is a record of the built-in form "disposal", sent and answered like any other.
//
// keys.db gets the certificate in the transaction that destroys the key, so neither is ever without
// the other. From there it goes to the outbox, once the key is gone from the log of keys.db too.
#pragma once

#include "agent/office/office.hpp"

namespace rootlet::agent {

// For the dataset as it is held now, whatever state its file is in: without its rows if it does not
// open. `access` says why it ends, `at` when.
WaitingCertificate certificate_of(Office& office, std::string_view dataset, Access access,
                                  UnixTime at);

// Of datasets that the held grants name, `next` leaves out, and this machine does not hold: the
// platform learns that there is nothing to wait for. Saves them in keys.db.
Status certify_unheld(Office& office, const GrantFile& next);

// Puts the waiting certificates into the outbox, each once. Returns how many. None while a
// destroyed key may still lie in the log of keys.db.
Result<std::size_t> file_certificates(Office& office);

}  // namespace rootlet::agent
