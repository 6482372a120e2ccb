// The registry's tables of the directory's streams, as last published, and the list of what the
// next stage of the directory must make again (docs/FORMATS.md, "Directory").
//
// A change of what the directory says is noted here in the same transaction, so that a stage looks
// at what changed and at nothing else. One thread, inside the caller's transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "core/ids.hpp"
#include "platform/change/stream_history.hpp"
#include "platform/store/store.hpp"

namespace rootlet::platform {

struct PackEntry;

// The tables, for the migrations of platform.db.
inline constexpr std::string_view kDirectoryTables = R"sql(
CREATE TABLE touched(kind INTEGER, dataset TEXT, division TEXT,
  PRIMARY KEY(kind, dataset, division)) WITHOUT ROWID;
CREATE TABLE grant_divisions(dataset TEXT, division TEXT, office TEXT,
  PRIMARY KEY(dataset, division, office)) WITHOUT ROWID;
CREATE INDEX grant_divisions_by_division ON grant_divisions(division, dataset, office);
CREATE INDEX grant_divisions_by_office ON grant_divisions(office, dataset);
CREATE TABLE directory_streams(number INTEGER PRIMARY KEY, dataset TEXT NOT NULL,
  partition TEXT NOT NULL, about TEXT NOT NULL, parent TEXT NOT NULL, version INTEGER NOT NULL,
  rows INTEGER NOT NULL, published INTEGER NOT NULL, digest BLOB NOT NULL,
  is_present INTEGER NOT NULL, UNIQUE(dataset, partition));
CREATE INDEX directory_streams_by_parent ON directory_streams(parent, dataset);
CREATE TABLE directory_packs(dataset TEXT, partition TEXT, to_version INTEGER, from_version INTEGER,
  grp TEXT NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL, file_bytes INTEGER NOT NULL,
  header_bytes INTEGER NOT NULL, id BLOB NOT NULL,
  PRIMARY KEY(dataset, partition, to_version, from_version)) WITHOUT ROWID;
CREATE INDEX directory_packs_by_file ON directory_packs(grp, file);
CREATE TABLE directory_files(grp TEXT, file INTEGER, stamp TEXT NOT NULL, unused_since INTEGER,
  PRIMARY KEY(grp, file)) WITHOUT ROWID;
CREATE TABLE directory_rows(stream INTEGER, rid INTEGER, key BLOB NOT NULL, image BLOB NOT NULL,
  PRIMARY KEY(stream, rid)) WITHOUT ROWID;
CREATE INDEX directory_rows_by_key ON directory_rows(stream, key);
CREATE TABLE node_packs(division TEXT PRIMARY KEY, pack BLOB NOT NULL);
CREATE TABLE old_files(path TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// The partitions that a division covers, in the order of texts: those from `begin` up to, and
// without, `end`.
struct PartitionRange {
  std::string begin, end;
};
PartitionRange range_of(std::string_view division);

enum class Touched {
  kOffice,      // division: the office's id; its grant file
  kKeys,        // a dataset's division with new content keys
  kStream,      // a stream with a new head or other live packs
  kOfficeList,  // division
  kHeads,       // heads of a dataset below a division
  kDefinition,  // dataset
  kCatalogue,
  kNode,  // division
};

struct Touch {
  std::string dataset, division;
};

// A stream of the directory as last published.
struct DirectoryStream {
  std::int64_t number = 0;  // in the registry; 0 before it is saved
  StreamName name;
  std::string about = {};  // the dataset, if it is of one
  Version version = 0;     // 0: never published
  std::uint64_t rows = 0;
  UnixTime published{};
  Hash256 digest{};
  bool is_present = false;  // false: no other stream names it any more
};

// A file of packs of the directory: those of one stage in one group (group_of()).
struct DirectoryFile {
  std::string group;
  std::int64_t file = 0;
  std::string stamp = {};  // PackFiles::stamp_of() when its packs were last verified
};

class DirectoryTables {
 public:
  explicit DirectoryTables(Store& database) : database_(database) {}

  Status touch(Touched kind, std::string_view dataset, std::string_view division);
  Result<std::vector<Touch>> touched(Touched kind);  // by dataset and division
  Status forget_touched();

  // Version 0 for a stream that was never published.
  Result<DirectoryStream> stream(const StreamName& name);
  Status save_stream(DirectoryStream& stream);  // sets its number if it is new
  // Present nodes right below a division, and present slices of it, by name.
  Result<std::vector<DirectoryStream>> nodes_below(std::string_view division);
  Result<std::vector<DirectoryStream>> slices_of(std::string_view division);
  Status visit_present(const std::function<Status(const DirectoryStream&)>& visit);
  StreamHistory history(const DirectoryStream& stream) { return {database_, stream.number}; }

  // Rows of a stream that has a history. The images are row images (row_image.hpp).
  struct Row {
    Rid rid = 0;
    std::string_view key, image;  // valid until the next row
  };
  // Yields the rows by key; false at the end.
  Result<std::function<Result<bool>(Row&)>> rows_by_key(const DirectoryStream& stream);
  Result<Statement> row_saver();    // bind stream, rid, key, image
  Result<Statement> row_remover();  // bind stream, rid

  // Packs that a present stream names, by `to` and `from`. Those of one file are in its group.
  Result<std::vector<PackEntry>> packs_of(const StreamName& stream);
  Result<std::vector<PackEntry>> packs_in(const DirectoryFile& file);
  Status save_pack(const PackEntry& pack);
  Status remove_pack(const PackEntry& pack);
  Status remove_packs_of(const StreamName& stream);

  Result<std::vector<DirectoryFile>> files_in_use();
  Result<std::vector<DirectoryFile>> files();  // all that are not swept yet
  Status save_file(const DirectoryFile& file);
  Status note_unused_files(UnixTime now);
  Result<std::vector<DirectoryFile>> files_unused_since(UnixTime until);
  Status remove_file(const DirectoryFile& file);

  // The newest packs of nodes of up to 4 digits.
  Status save_node_pack(std::string_view division, ByteView pack);
  Status remove_node_pack(std::string_view division);
  Result<std::optional<Bytes>> node_pack(std::string_view division);
  struct NodePack {
    std::string division;
    Bytes pack;
  };
  Result<std::vector<NodePack>> node_packs();

  // Other files that stay for a while.
  Status save_old_file(std::string_view path, UnixTime since);
  Result<std::vector<std::string>> old_files(UnixTime until);
  Status remove_old_file(std::string_view path);

 private:
  Store& database_;
};

}  // namespace rootlet::platform
