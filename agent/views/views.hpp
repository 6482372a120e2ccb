// Views: what a page of the console shows (filters, columns, order) under a short random id, so
// that an address holds no names of people. Kept in keys.db, as saved queries are and for the same
// reasons. Only the owner finds one: for everybody else it is not there.
#pragma once

#include "agent/channel/local_socket.hpp"
#include "agent/office/key_store.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// On disk on return; the id: 32 hexadecimal digits. kBadInput, field "view", for more than
// limits::kViewBytes. Beyond limits::kViews the owner's oldest is forgotten. A view equal
// to the newest one keeps its id.
Result<std::string> save_view(KeyStore& keys, const Peer& owner, const json::object& view);
// kBadInput, field "view", if the owner has none of this id.
Result<json::object> find_view(KeyStore& keys, const Peer& owner, std::string_view id);

}  // namespace rootlet::agent
