// The new full state of a dataset: every row that was read from its source, by partition and key.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/source/rows/row_fingerprint.hpp"
#include "platform/source/rows/text_store.hpp"

namespace rootlet::platform {

// One row of the new state. The SourceTable owns its key and image.
struct SourceRow {
  const char* data = nullptr;
  std::uint32_t key_bytes = 0, image_bytes = 0;
  std::uint32_t partition = 0;
  std::uint32_t line = 0;
  RowFingerprint fingerprint = {};  // of the row that it was read from
  std::string_view key() const { return {data, key_bytes}; }
  std::string_view image() const { return {data + key_bytes, image_bytes}; }
};

struct DuplicateKey {
  std::uint32_t first_line = 0, second_line = 0;
};

// Texts that begin or end with blanks: hardly ever meant, and unequal to the text that people see.
struct BlankEnds {
  std::uint64_t cells = 0;
  std::uint64_t first_line = 0;
  std::string first_column = {};
};

// A row with mistakes whose key can be read: left out, so that the published row of this key stays.
struct SetAsideRow {
  std::string key;
  std::string place;                // "line 7"
  std::string reasons;              // by column, without values
  std::vector<std::string> fields;  // as delivered, in the order of the dataset's columns
};

// The new full state. Filled row by row, then sorted once. Takes about 50 bytes a row plus its
// cells.
class SourceTable {
 public:
  static constexpr std::string_view kDeletions = "";  // the partition of add_deletion()
  void add(std::string_view partition, std::string_view key, std::string_view image,
           std::uint32_t line);
  // Of a list of changes: the row of this key is to go, whatever its partition is.
  void add_deletion(std::string_view key, std::uint32_t line) { add(kDeletions, key, "", line); }
  // Sorts by partition and key. Returns up to `max` keys that occur twice in the dataset.
  std::vector<DuplicateKey> sort(std::size_t max);
  // The same for a list of changes, in which the last row of a key counts.
  void sort_changes();

  std::span<SourceRow> rows() { return rows_; }  // in the order of add() until sort()

  struct Part {
    std::string partition;
    std::span<const SourceRow> rows;  // by key
  };
  std::vector<Part> parts() const;  // by partition; call a sort first
  std::size_t size() const { return rows_.size(); }
  BlankEnds blank_ends;  // of the rows that were read
  std::vector<SetAsideRow> set_aside = {};

 private:
  std::uint32_t partition_index(std::string_view partition);
  void sort_by_key();
  void gather_partitions();

  std::vector<SourceRow> rows_;
  std::vector<std::string> partitions_;
  std::unordered_map<std::string, std::uint32_t> partition_numbers_;
  std::uint32_t last_partition_ = 0;
  TextStore cells_;
};

}  // namespace rootlet::platform
