// The nodes of the directory that an office holds (docs/FORMATS.md, "Directory"): short lists of
// rows, read and replaced whole, in the same file as the directory's longer streams. The caller's
// transaction makes several nodes visible at once. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/database.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet {

// What a parent says of a node: which content it has, and where its pack lies.
struct NodePin {
  StreamName stream = {};
  Version version = 0;
  std::string digest = {};  // pinned_digest()
  std::int64_t file = 0;
  std::uint64_t offset = 0, bytes = 0;
  bool operator==(const NodePin&) const = default;
};

struct HeldNode {
  StreamName stream = {};
  Version version = 0;
  SectionDigest digest = {};
  std::vector<DirectoryRow> rows = {};  // in the order of is_before()
  bool is_at(const NodePin& pin) const {
    return version == pin.version && pinned_digest(digest) == pin.digest;
  }
};

// Makes the tables if they are missing.
Status prepare_node_tables(Database& database);
// False for a file that never had a directory.
Result<bool> has_node_tables(Database& database);

Result<std::optional<HeldNode>> load_node(Database& database, const StreamName& stream);
Result<std::vector<StreamName>> held_node_streams(Database& database);
Status save_node(Database& database, const HeldNode& node);  // replaces what is held of it
Status remove_node(Database& database, const StreamName& stream);

// The digest of `rows` numbered from 0 in their order.
SectionDigest digest_of_rows(const std::vector<DirectoryRow>& rows,
                             const SymmetricKey& content_key);

// A row whose columns from `first` on are those of directory_schema().
DirectoryRow read_directory_row(const Statement& row, int first);
inline constexpr std::string_view kDirectoryColumns =
    "kind, id, a, b, size, time, file, offset, hash, body";

}  // namespace rootlet
