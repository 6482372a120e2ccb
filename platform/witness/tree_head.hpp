// The root of a Merkle tree over the lines of a log (RFC 6962, section 2.1). Pure.
#pragma once

#include <span>

#include "core/bytes.hpp"

namespace rootlet::platform {

Hash256 leaf_hash(ByteView leaf);
// Of the empty tree too.
Hash256 tree_root(std::vector<Hash256> leaves);

}  // namespace rootlet::platform
