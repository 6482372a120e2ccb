// A node of the directory as rows: fetched whole, checked, and read in memory. Nothing is stored.
#pragma once

#include "sync/downlink/fetch/file_source.hpp"
#include "sync/downlink/store/node_table.hpp"

namespace rootlet {

// The rows of a node's pack. kUntrusted unless one of `signers` signed it, it is a snapshot of
// `pin`'s stream at `pin`'s version, and its rows have `pin`'s digest. A pin with version 0 is of
// the root node, whose bytes a hash has pinned already: it takes version and digest from the pack.
Result<HeldNode> read_node(ByteView pack, const NodePin& pin, const SymmetricKey& content_key,
                           const std::vector<PublicKey>& signers);

// The pack's bytes, unchecked. kUnreachable also if the repository does not have it.
Result<Bytes> fetch_node(FileSource& source, const NodePin& pin);

}  // namespace rootlet
