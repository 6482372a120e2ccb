// The read side of a dataset file: visible rows, the value or mask of each column, and the digests
// that prove them. Uses a read-only connection of its own that never waits for the writer.
//
// A row is visible if its stream is held at a whole version and inside the granted divisions. A
// column shows its value if its grade is granted and held, else its masked form if there is one,
// else nothing.
#pragma once

#include "sync/downlink/store/held_stream.hpp"
#include "sync/downlink/store/search_index.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

struct ReadRight {
  Grade max_grade = 1;
  bool masked_only = false;                 // shows masks even where the grade allows the value
  bool stored_masks = false;                // shows the stored mask of each column that has one
  std::vector<std::string> divisions = {};  // prefixes, or "all"
};

enum class Shown { kValue, kMasked, kNothing };

struct ShownColumn {
  ColumnSpec spec;  // named as in the definition; a masked form is text
  Shown shown = Shown::kValue;
  // Of kValue: how people see the value until they reveal it; empty: as it is.
  std::string mask = {};
};

// A table expression for FROM: "(SELECT row_id AS "~row", … ) AS data", with one result column for
// each of `columns` under its name. Filters on it use the table's indexes.
struct VisibleRows {
  std::string sql;
  std::vector<ShownColumn> columns;
};

// The visible rows of one table, for a search: `sql` selects one row by its id, ?1, with its
// columns in the definition's order; `ids` are the ranges of ids that hold visible rows and no
// others.
struct VisibleTable {
  std::int64_t generation = 0;
  std::string name;
  std::string sql;
  std::vector<std::string> stored;  // for each column what it shows; empty: nothing
  struct Ids {
    std::int64_t first = 0, last = 0;
  };
  std::vector<Ids> ids;
  std::optional<SearchState> search;  // null: it has no index
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
  // The same with rows that are not visible too, for a look-up by key: the caller leaves out those
  // whose slot_of("~row") is not among visible_slots().
  Result<VisibleRows> stored_rows(const DatasetDefinition& definition, const ReadRight& right);
  Result<std::vector<VisibleTable>> visible_tables(const DatasetDefinition& definition,
                                                   const ReadRight& right);

 private:
  explicit DatasetReader(Database database) : database_(std::move(database)) {}
  Database database_;
};

// The slots of `streams` inside the granted divisions, ascending. Pure.
std::vector<Slot> visible_slots(const std::vector<HeldStream>& streams, const ReadRight& right);
// visible_rows() of the store file that is attached to `database` as `schema`.
Result<VisibleRows> visible_rows(Database& database, std::string_view schema,
                                 const DatasetDefinition& definition, const ReadRight& right);

// Which columns of a definition an office with `right` sees, and in which form. Pure.
std::vector<ShownColumn> shown_columns(const DatasetDefinition& definition, const ReadRight& right);

}  // namespace rootlet
