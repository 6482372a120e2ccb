// The directory as values: datasets, forms, heads and packs of streams, grants. Reads the file of
// the directory stream, which is an ordinary store, so it shows one whole version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/downlink/store/held_stream.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"

namespace rootlet {

struct StreamHead {
  StreamName stream = {};
  Version version = 0;
  std::uint64_t rows = 0;
  std::uint32_t epoch = 0;
  UnixTime published{};
};

struct PackEntry {
  StreamName stream = {};
  Version from = 0, to = 0;
  std::uint64_t file_bytes = 0, header_bytes = 0;
  Hash256 id{};
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

// Each getter returns kUntrusted if a row lacks what its kind requires.
class DirectoryView {
 public:
  // `database` is the directory's file, opened by a DatasetStore or a DatasetReader, and must
  // outlive this.
  explicit DirectoryView(Database& database) : database_(&database) {}

  // Whether a getter has met kStorageDamaged: the error is the directory's, not the caller's.
  bool is_damaged() const { return is_damaged_; }

  Result<Version> version();  // 0 before the first sync
  Result<std::vector<DatasetDefinition>> datasets();
  Result<std::optional<DatasetDefinition>> dataset(std::string_view id);
  Result<std::vector<FormEntry>> forms();
  Result<std::optional<FormEntry>> form(std::string_view id);
  Result<std::vector<StreamHead>> heads(std::string_view dataset);
  Result<std::vector<PackEntry>> packs(const StreamName& stream);
  Result<std::optional<GrantEntry>> grant(std::string_view office);

 private:
  // Rows of `kind` with ids from `first` (included) to `end` (excluded).
  Result<std::vector<DirectoryRow>> rows(DirectoryKind kind, std::string_view first,
                                         std::string_view end);
  Result<std::vector<DirectoryRow>> select_rows(DirectoryKind kind, std::string_view first,
                                                std::string_view end);
  Result<std::optional<DirectoryRow>> row(DirectoryKind kind, std::string_view id);
  Result<std::vector<DirectoryRow>> rows_below(DirectoryKind kind, std::string_view folder);

  Database* database_;
  bool is_damaged_ = false;
};

}  // namespace rootlet
