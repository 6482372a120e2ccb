// Where the new full state of a dataset comes from: the names of its columns, then its rows in
// batches of text fields. A CSV file is one kind (csv_source.hpp); a database is another.
//
// A source may leave out rows that it knows to be unchanged since the last publish. That is only a
// short-cut: a source that delivers every row gives the same result.
//
// One thread uses a source. It may read ahead on threads of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "platform/source/control.hpp"
#include "platform/source/mapping/mapping.hpp"
#include "platform/source/rows/source_table.hpp"
#include "platform/source/source_batch.hpp"
#include "platform/source/unchanged_rows.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Called now and then while reading, on the thread that reads. `all` is 0 if the size is unknown.
using SourceProgress = std::function<void(std::uint64_t bytes_read, std::uint64_t bytes_all)>;

// What a source is given before the first row. All of it must live until end().
struct SourceSetup {
  const SymmetricKey& fingerprint_secret;
  const DatasetDefinition& dataset;
  UnchangedRows& unchanged;
  SourceProgress progress = {};
  Control* control = nullptr;  // counts every row, if its owner gave totals
  // Percent of all rows that may be set aside for their mistakes; none: a mistake ends the reading.
  std::optional<int> set_aside_percent = {};
  // The source names changes, each as mapping.change_heading says; of a deleted row only the key
  // is read.
  bool is_change_list = false;
  SourceMapping mapping = {};
  NewestValue* newest = nullptr;  // of mapping.newest_heading

  // What fingerprints of rows are valid for.
  std::string way_of_reading() const { return dataset.source + mapping.text; }
};

struct SourceColumns {
  std::vector<std::string> names;  // in the order of the fields
  std::uint64_t line = 1;          // where they are named
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  // How errors call the source, for example "villages.csv".
  virtual const std::string& name() const = 0;
  // The number that people know for `line`, as batches and columns number it.
  virtual std::uint64_t number_of(std::uint64_t line) const { return line; }
  // How errors call the place of `line`: "line 7".
  virtual std::string place_of(std::uint64_t line) const { return "line " + std::to_string(line); }
  // Totals that the source itself has counted, as Control::parse() reads them; "" if it was not
  // asked.
  virtual std::string control_totals() const { return ""; }
  // First of all, once. kBadInput if the source names no columns.
  virtual Result<SourceColumns> begin(const SourceSetup& setup) = 0;
  // The next rows; nullopt at the end. An error that ends the source is in the batch.
  virtual std::optional<SourceBatch> next() = 0;
  // No more rows are wanted: after it nothing of the setup is used.
  virtual void end() = 0;
  // Marks what was read as taken, in the source itself; empty if the source keeps no such marks.
  // Call it once all is published. It may outlive the source.
  virtual std::function<Status()> marking() { return {}; }
  // After the last row: sets the fingerprint of each row in `table`, as far as the source has any.
  virtual void set_fingerprints(SourceTable& table) = 0;
};

// Opens a source when its turn has come; errors as the kind of source says.
using SourceOpener = std::function<Result<std::unique_ptr<RowSource>>()>;

// Hands out `source`, once. For a command that opens it with rights that it then gives up.
inline SourceOpener already_open(std::unique_ptr<RowSource> source) {
  // Shared, because a std::function must be copyable.
  const auto held = std::make_shared<std::unique_ptr<RowSource>>(std::move(source));
  return [held]() -> Result<std::unique_ptr<RowSource>> { return std::move(*held); };
}

}  // namespace rootlet::platform
