// What must change so that a stream's rows become the rows of a new full state: found by walking
// both sides in the order of their keys. Pure: no file, no clock.
//
// Standing rows (standing_rows.hpp) are not among those of the new state: they are told by their
// numbers.
//
// Promises: equal rows are never touched; a new row takes the smallest free number (rid), in the
// order of the keys; a number that a deleted row leaves is free at once. A row whose partition
// changed is a deletion there and an insertion here.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"
#include "platform/row_mark.hpp"
#include "platform/text_store.hpp"

namespace rootlet {

// One row of the new state; key and image live in the SourceTable.
struct SourceRow {
  const char* data = nullptr;
  std::uint32_t key_bytes = 0, image_bytes = 0;
  std::uint32_t partition = 0;
  std::uint32_t line = 0;
  RowMark mark = {};  // of the record that it was read from
  std::string_view key() const { return {data, key_bytes}; }
  std::string_view image() const { return {data + key_bytes, image_bytes}; }
};

struct DuplicateKey {
  std::uint32_t first_line = 0, second_line = 0;
};

// The new full state. Filled row by row, then sorted once; about 50 bytes a row beside its cells.
class SourceTable {
 public:
  void add(std::string_view partition, std::string_view key, std::string_view image,
           std::uint32_t line);
  // Sorts by partition and key. Keys are unique in the whole dataset: up to `max` of those that are
  // not.
  std::vector<DuplicateKey> sort(std::size_t max);

  std::span<SourceRow> rows() { return rows_; }  // as they were added, until they are sorted

  struct Part {
    std::string partition;
    std::span<const SourceRow> rows;  // by key
  };
  std::vector<Part> parts() const;  // by partition; sort() must have been called
  std::size_t size() const { return rows_.size(); }

 private:
  std::uint32_t partition_index(std::string_view partition);
  void gather_partitions();

  std::vector<SourceRow> rows_;
  std::vector<std::string> partitions_;
  std::unordered_map<std::string, std::uint32_t> partition_numbers_;
  std::uint32_t last_partition_ = 0;
  TextStore cells_;
};

// One row of a stream as it was published last.
struct HeldRow {
  std::string_view key;
  Rid rid = 0;
  std::string_view image;
};
// Gives the stream's rows by key; false at the end. The views hold until the next call.
using HeldRows = std::function<Result<bool>(HeldRow&)>;

struct RowChange {
  Rid rid = 0;
  std::string_view key;
  std::string_view old_image;  // empty for inserts
  std::string_view new_image;  // empty for deletes
  RowMark mark = {};           // of the new row
};

struct Difference {
  std::vector<RowChange> deletes, updates, inserts;  // each by rid
  // Rows that are equal, and were read from another record than before.
  struct Remark {
    Rid rid = 0;
    RowMark mark;
  };
  std::vector<Remark> remarks;
  std::uint64_t rows_before = 0, rows_after = 0;
  bool empty() const { return deletes.empty() && updates.empty() && inserts.empty(); }

  // The rows as they are to be, by number; empty where there is none.
  std::vector<std::string_view> rows;

  TextStore kept;  // what the views of held rows view; those of rows read view the source
};

// `wanted` by key, without the rows whose rid has a line other than 0 in `standing`
// (standing_rows.hpp). kBadInput if the stream would need more row numbers than there are.
Result<Difference> find_difference(const HeldRows& held, std::span<const SourceRow> wanted,
                                   std::span<const std::uint32_t> standing = {});

}  // namespace rootlet
