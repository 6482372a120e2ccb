// The directory: the catalogue, and heads and packs of all streams of a realm, as rows of more
// streams (docs/FORMATS.md, "Directory"). It is a tree along the divisions: a node for each
// division in use lists its own streams and pins the nodes below it. Both ends read and write rows,
// names, paths and keys only through this header. Pure.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "sync/pack/table/digest.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// --- streams of the directory -----------------------------------------------------------------

// Datasets may not have names that begin like this.
inline constexpr std::string_view kDirectoryPrefix = "directory";
bool is_directory_stream(const StreamName& stream);

// The node of a division ("all", "33", "330402007"). Always published as a snapshot.
StreamName node_stream(std::string_view division);
// The grants of the offices at a division. A snapshot, pinned by the division's node.
StreamName offices_stream(std::string_view division);
// Streams of a node that has too many, cut by who may read them. A snapshot, pinned by the node.
// `name` as slice_name() makes it.
StreamName slice_stream(std::string_view name, std::string_view division);
// Heads and packs of a dataset in all divisions below one. Has a head and packs, like data.
StreamName heads_stream(std::string_view dataset, std::string_view division);
// The catalogue: one line for each dataset, and the forms. Has a head and packs in the root node.
StreamName catalogue_stream();
// The definition of one dataset. A snapshot, pinned by its line in the catalogue.
StreamName definition_stream(std::string_view dataset);

// "all", "33", "3304", "330402" for "330402": the divisions from the root to `division`.
std::vector<std::string> path_of(std::string_view division);
// Empty for "all".
std::string parent_of(std::string_view division);

// --- rows -------------------------------------------------------------------------------------

enum class DirectoryKind { kDefinition, kForm, kStream, kPack, kGrant, kNode, kListing };

// One row. Which fields count depends on the kind; the others are 0 or empty:
//   definition: id = dataset, body = its canonical definition
//   form:    id, body = its canonical definition
//   stream:  id "villages/330402007", a = head version, b = rows, size = epoch, time = published,
//            hash = pinned_digest() of section 1 at the head
//   pack:    id = its stream, a = from, b = to, size = file bytes, time = header bytes, file,
//   offset grant:   id = grant_token(), a = grant version, size = file bytes, time = issued,
//            hash = SHA-256 of the file
//   node:    id = its stream, a = version, size = pack bytes, file, offset, hash = pinned_digest()
//   listing: id = dataset, body = listing_of() the definition, and the fields of a node for its
//            definition_stream()
struct DirectoryRow {
  DirectoryKind kind = DirectoryKind::kDefinition;
  std::string id;
  std::int64_t a = 0, b = 0, size = 0, time = 0;
  std::int64_t file = 0, offset = 0;
  std::string hash = {};  // raw bytes
  std::string body = {};
  bool operator==(const DirectoryRow&) const = default;
};

SectionSchema directory_schema();  // kind, id, a, b, size, time, file, offset, hash, body
void push_directory_row(RowBlock& block, Rid rid, const DirectoryRow& row);
Result<DirectoryRow> directory_row(const RowBlock& block, std::size_t row);  // kUntrusted

// The order of a snapshot's rows: by id, kind, a, b.
bool is_before(const DirectoryRow& one, const DirectoryRow& other);

// What a parent says of a child's digest. Packs are signed, so this need only tell apart what the
// platform itself signed under one version: two histories of a restored realm.
inline constexpr std::size_t kPinnedDigestBytes = 8;
std::string pinned_digest(const SectionDigest& digest);  // raw bytes

// The line of a dataset in the catalogue: title, provider, sharing, update and summary of its
// canonical definition, as JSON.
Result<std::string> listing_of(std::string_view definition);

// --- paths ------------------------------------------------------------------------------------

// Packs of one publish lie together in files: one for each group, the first 4 digits of a division.
std::string group_of(std::string_view division);  // "3304" for "330402007"; "all"
std::string packs_path(std::string_view division, std::int64_t file);  // "packs/3304/1796.packs"
std::string nodes_path(std::string_view division,
                       std::int64_t file);  // "directory/3304/1796.packs"
// The path of the pack that a row of kind pack, node or listing describes.
std::string path_of_pack(const StreamName& stream, std::int64_t file);
std::string news_path(std::string_view division);  // "news/3304.news"
// "offices/<token>.<version>.grant": a name for each version, so that an office in the middle of a
// sync still finds the one that its directory names.
std::string grant_path(std::string_view token, std::uint64_t version);

// The root node is a TUF target.
inline constexpr std::string_view kRootNodeTarget = "directory/all.pack";

// --- keys and names that only some can tell ---------------------------------------------------

// The stream whose key opens `stream`: a node's key also opens its list of offices, the catalogue's
// also all definitions.
StreamName key_stream_of(const StreamName& stream);
// The content key of a stream of the directory, derived from the realm's secret. Offices get those
// that they need, never the secret.
SymmetricKey derive_directory_key(const SymmetricKey& realm_secret, const StreamName& stream);
// The name of the slice whose first dataset has this key (of its heads_stream()), and whose key is
// this key.
std::string slice_name(const SymmetricKey& heads_key);  // 8 hex digits
// Names a grant so that only the office and the platform know whose it is.
std::string grant_token(const PublicKey& office_signing_key);  // 32 hex digits

}  // namespace rootlet
