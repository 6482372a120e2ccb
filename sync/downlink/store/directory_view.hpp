// The directory as values: the catalogue, heads and packs of streams, grants. Reads the file in
// which an office holds its nodes and the directory's longer streams; each of them shows one whole
// version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/node_table.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet {

struct StreamHead {
  StreamName stream = {};
  Version version = 0;
  std::uint64_t rows = 0;
  std::uint32_t epoch = 0;
  UnixTime published{};
  std::string digest = {};  // pinned_digest() of the first section
};

struct PackEntry {
  StreamName stream = {};
  Version from = 0, to = 0;
  std::uint64_t file_bytes = 0, header_bytes = 0;  // of the pack
  std::int64_t file = 0;                           // in which it lies
  std::uint64_t offset = 0;
  // Names the published bytes, before they are fetched.
  Hash256 name() const;
};

struct GrantEntry {
  std::uint64_t version = 0;
  std::uint64_t file_bytes = 0;
  UnixTime issued{};
  Hash256 sha256{};
};

struct FormEntry {
  std::string id;
  std::string body;  // its definition, canonical JSON
};

// A dataset's line in the catalogue: what an office may know of datasets that it does not hold.
struct DatasetListing {
  std::string id;
  std::string line;    // JSON: title, provider, sharing, update, summary of the definition
  NodePin definition;  // of definition_stream()
};

// kUntrusted if a row is not what its kind requires.
Result<StreamHead> head_of(const DirectoryRow& row);
Result<PackEntry> pack_of(const DirectoryRow& row);
Result<NodePin> node_pin_of(const DirectoryRow& row, StreamName stream);
Result<GrantEntry> grant_of(const DirectoryRow& row);

// Each getter returns kUntrusted if a row lacks what its kind requires.
class DirectoryView {
 public:
  // `database` is the directory's file, opened by a DatasetStore or a DatasetReader, and must
  // outlive this.
  explicit DirectoryView(Database& database) : database_(&database) {}

  // Whether a getter has met kStorageDamaged: the error is the directory's, not the caller's.
  bool is_damaged() const { return is_damaged_; }

  Result<Version> version();  // of the root node; 0 before the first sync
  Result<std::vector<DatasetListing>> listings();
  Result<std::optional<DatasetListing>> listing(std::string_view id);
  // Only granted datasets have a definition here.
  Result<std::optional<DatasetDefinition>> dataset(std::string_view id);
  Result<std::vector<FormEntry>> forms();
  Result<std::optional<FormEntry>> form(std::string_view id);
  Result<std::vector<StreamHead>> heads(std::string_view dataset);
  Result<std::vector<PackEntry>> packs(const StreamName& stream);
  Result<std::optional<GrantEntry>> grant(std::string_view token);

 private:
  // Rows of `kind` with ids from `first` (included) to `end` (excluded), by id.
  Result<std::vector<DirectoryRow>> rows(DirectoryKind kind, std::string_view first,
                                         std::string_view end);
  Result<std::vector<DirectoryRow>> select_rows(DirectoryKind kind, std::string_view first,
                                                std::string_view end);
  Status add_stream_rows(DirectoryKind kind, std::string_view first, std::string_view end,
                         std::vector<DirectoryRow>& found);
  Result<std::optional<DirectoryRow>> row(DirectoryKind kind, std::string_view id);

  Database* database_;
  bool is_damaged_ = false;
};

}  // namespace rootlet
