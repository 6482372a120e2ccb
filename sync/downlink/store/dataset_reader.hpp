// The read side of a dataset file: visible rows, the value or mask of each column, and the digests
// that prove them. Uses a read-only connection of its own that never waits for the writer.
//
// A row is visible if its stream is held at a whole version and inside the granted divisions. A
// column shows its value if its grade is granted and held, else its masked form if there is one,
// else nothing.
#pragma once

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

struct ReadRight {
  Grade max_grade = 1;
  bool masked_only = false;                 // shows masks even where the grade allows the value
  std::vector<std::string> divisions = {};  // prefixes, or "all"
};

enum class Shown { kValue, kMasked, kNothing };

struct ShownColumn {
  ColumnSpec spec;  // named as in the definition; a masked form is text
  Shown shown = Shown::kValue;
};

// A table expression for FROM: "(SELECT row_id AS "~row", … ) AS data", with one result column for
// each of `columns` under its name. Filters on it use the table's indexes.
struct VisibleRows {
  std::string sql;
  std::vector<ShownColumn> columns;
};

class DatasetReader {
 public:
  // kStorage if the file is missing, kStorageDamaged if the key does not open it.
  static Result<DatasetReader> open(const std::filesystem::path& path, const SymmetricKey& key,
                                    int cache_kib = 1024);

  Database& database() { return database_; }
  Result<std::vector<HeldStream>> streams() { return load_held_streams(database_); }
  // All columns of `definition`, in its order.
  Result<VisibleRows> visible_rows(const DatasetDefinition& definition, const ReadRight& right);

 private:
  explicit DatasetReader(Database database) : database_(std::move(database)) {}
  Database database_;
};

// Which columns of a definition an office with `right` sees, and in which form. Pure.
std::vector<ShownColumn> shown_columns(const DatasetDefinition& definition, const ReadRight& right);

}  // namespace rootlet
