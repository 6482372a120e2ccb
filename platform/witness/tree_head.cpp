// Hashes level by level: a node without a neighbour moves up as it is, which gives the same root as
// the split at a power of two in RFC 6962.
#include "platform/witness/tree_head.hpp"

#include "core/crypto.hpp"

namespace rootlet::platform {
namespace {

constexpr std::uint8_t kLeaf = 0, kNode = 1;

Hash256 node_hash(const Hash256& left, const Hash256& right) {
  Bytes bytes{kNode};
  bytes.insert(bytes.end(), left.begin(), left.end());
  bytes.insert(bytes.end(), right.begin(), right.end());
  return sha256(bytes);
}

}  // namespace

Hash256 leaf_hash(ByteView leaf) {
  Bytes bytes{kLeaf};
  bytes.insert(bytes.end(), leaf.begin(), leaf.end());
  return sha256(bytes);
}

Hash256 tree_root(std::vector<Hash256> leaves) {
  if (leaves.empty()) return sha256({});
  while (leaves.size() > 1) {
    std::size_t above = 0;
    for (std::size_t i = 0; i < leaves.size(); i += 2) {
      const bool has_neighbour = i + 1 < leaves.size();
      leaves[above++] = has_neighbour ? node_hash(leaves[i], leaves[i + 1]) : leaves[i];
    }
    leaves.resize(above);
  }
  return leaves.front();
}

}  // namespace rootlet::platform
