// The reading side of a dataset's file: which rows may be seen, what each column shows, and what
// proves them. A connection of its own that cannot write and never waits for the writer.
//
// A row is visible if its stream is held at a whole version and inside the divisions granted. A
// column shows its value if its grade is granted and held, else its masked form if there is one,
// else nothing.
#pragma once

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

struct ReadRight {
  Grade max_grade = 1;
  bool masked_only = false;                 // masks also where the grade would allow the value
  std::vector<std::string> divisions = {};  // prefixes, or "all"
};

enum class Shown { kValue, kMasked, kNothing };

struct ShownColumn {
  ColumnSpec spec;  // the definition's name; a masked form is text
  Shown shown = Shown::kValue;
};

// A source of rows for FROM: "(SELECT row_id AS "~row", … ) AS data", with one result column for
// each of `columns` under its name. Filters on it use the table's indexes.
struct VisibleRows {
  std::string sql;
  std::vector<ShownColumn> columns;
};

class DatasetReader {
 public:
  // kStorage if there is no such file, kStorageDamaged if the key is another.
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

// Which of a definition's columns an office with `right` sees, and how; pure.
std::vector<ShownColumn> shown_columns(const DatasetDefinition& definition, const ReadRight& right);

}  // namespace rootlet
