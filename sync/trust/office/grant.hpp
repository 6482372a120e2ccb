// What one office may hold and read, and the content keys for it
// (docs/adr/0004-grants-are-pinned-by-the-directory.md). A grant file is an envelope of type
// "grant", sealed to the office and signed by the grants role; its sequence is the grant version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "sync/trust/office/content_keys.hpp"
#include "sync/trust/office/directory_keys.hpp"

namespace rootlet {

struct Grant {
  std::string dataset;
  std::vector<std::string> divisions;  // prefixes, or "all"
  Grade max_grade = 1;
  std::string basis, scenario;
  std::vector<std::string> purposes;
  std::string mode = "full";  // full | masked | verify
  UnixTime until{};
  int lease_days = 30;
  bool may_export = false;
  std::string approver;
  // Datasets that one SQL statement may read together with this one, if their grants name it too.
  std::vector<std::string> join = {};
};

struct GrantFile {
  std::string office;
  std::uint64_t version = 0;
  UnixTime issued{};
  bool suspended = false;     // locked, not erased, until a later file
  bool revoked = false;       // the last file of this office: no grants
  std::vector<Grant> grants;  // at most one per dataset
  std::vector<ContentKey> keys;
  // Beyond those of the invitation: of other nodes on the paths to its divisions, and of the
  // heads_stream() of each granted dataset and division.
  DirectoryKeys directory_keys;

  const Grant* for_dataset(std::string_view dataset) const;
  // Derived from the key of a granted division; nullopt if there is none.
  std::optional<SymmetricKey> key_for(const StreamName& stream, Grade grade,
                                      std::uint32_t epoch) const {
    return find_content_key(keys, stream, grade, epoch);
  }
};

std::string encode_grant_file(const GrantFile& file);       // JSON
Result<GrantFile> parse_grant_file(std::string_view text);  // strict; kUntrusted on any mistake
// Whether one SQL statement may read both datasets.
bool may_join(const Grant& a, const Grant& b);
bool grant_covers(const Grant& grant, std::string_view partition);  // by its divisions

}  // namespace rootlet
