// The keys with which an office reads the directory, as a list in its invitation (the nodes from
// the root to its division, and the catalogue) and in its grant file (what its grants need beyond
// that). Pure.
#pragma once

#include <vector>

#include "core/format/json.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"

namespace rootlet {

struct DirectoryKey {
  StreamName stream;
  SymmetricKey key;
};
using DirectoryKeys = std::vector<DirectoryKey>;

json::array encode_directory_keys(const DirectoryKeys& keys);
// The list under `field`; kBadInput.
Result<DirectoryKeys> read_directory_keys(JsonObject& object, std::string_view field);
// Null if there is none.
const SymmetricKey* find_key(const DirectoryKeys& keys, const StreamName& stream);
DirectoryKeys copy_of(const DirectoryKeys& keys);
bool are_equal(const DirectoryKeys& a, const DirectoryKeys& b);

}  // namespace rootlet
