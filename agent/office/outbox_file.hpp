// outbox.db of this home, and keys.db's memory of it. The memory says that an outbox was begun and
// what it still had to send, so that a missing or unreadable outbox.db is an error with figures and
// never a new, empty one. Only restart_outbox() begins a new one, on a person's word.
#pragma once

#include "agent/office/key_store.hpp"
#include "core/format/json_fwd.hpp"
#include "sync/uplink/outbox/outbox.hpp"

namespace rootlet::agent {

// Begins the outbox if there was none. kStorageDamaged, with what it held and what helps, if it was
// begun and is missing, empty or does not open.
Result<Outbox> open_outbox(const Home& home, KeyStore& keys, UnixTime now);
// The same, and reads every page of the file: kStorageDamaged if one is damaged.
Result<Outbox> check_outbox(const Home& home, KeyStore& keys, UnixTime now);

// Remembers in keys.db what the outbox holds now; writes only if that changed.
Status remember_outbox(KeyStore& keys, Outbox& outbox, UnixTime now);

// Accepts the loss of outbox.db: sets aside what is left of it and begins a new one, whose first
// batch starts a new batch chain. Returns the report that `status` shows from then on. kUsage if
// the outbox is whole.
Result<json::object> restart_outbox(const Home& home, KeyStore& keys, UnixTime now);

// The report of the last restart; empty if there was none.
Result<json::object> last_outbox_restart(KeyStore& keys);

}  // namespace rootlet::agent
