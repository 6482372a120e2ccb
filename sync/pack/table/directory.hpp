// The directory: the catalogue, heads and packs of all streams of a realm, as rows of one more
// stream (docs/FORMATS.md, "Directory rows"). Both ends read and write it only through this header.
#pragma once

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

inline const StreamName kDirectoryStream{"directory", "all"};

enum class DirectoryKind { kDataset, kForm, kStream, kPack, kGrant };

// One row. Which fields count depends on the kind:
//   dataset: id, body (canonical definition)         form: id, body
//   stream:  id "villages/3304", a = head version, b = rows, size = epoch, time = published
//   pack:    id "villages/3304/6-7", a = from, b = to, size = file bytes, time = header bytes,
//            hash = pack id
//   grant:   id = office, a = grant version, size = file bytes, time = issued,
//            hash = SHA-256 of the file
// Only the provider says what the rows of a stream are, in the headers of its packs.
struct DirectoryRow {
  DirectoryKind kind = DirectoryKind::kDataset;
  std::string id;
  std::int64_t a = 0, b = 0, size = 0, time = 0;
  std::string hash = {};  // raw bytes
  std::string body = {};
  bool operator==(const DirectoryRow&) const = default;
};

SectionSchema directory_schema();  // kind, id, a, b, size, time, hash, body
void push_directory_row(RowBlock& block, Rid rid, const DirectoryRow& row);
Result<DirectoryRow> directory_row(const RowBlock& block, std::size_t row);  // kUntrusted

std::string pack_path(const Hash256& id);         // "packs/ab/ab12….pack"
std::string grant_path(std::string_view office);  // "offices/<id>.grant"

}  // namespace rootlet
