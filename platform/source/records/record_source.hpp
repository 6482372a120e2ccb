// Rows of a source that is no CSV text: lines of JSON, a sheet, the answer to a query. They become
// CSV text and go on as a file would, so that every kind of source has the same checks, the same
// short-cut for unchanged rows and the same result.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// Reads one source, on one thread, which is not the caller's.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // First of all, once: the names of the columns. `setup` lives until the end.
  virtual Result<std::vector<std::string>> columns(const SourceSetup& setup) = 0;
  struct Record {
    std::uint64_t number = 0;                   // as people count it, ascending
    std::vector<std::string_view> fields = {};  // valid until the next call; null is empty
  };
  // False at the end. An error ends the source.
  virtual Result<bool> next(Record& record) = 0;
  virtual std::function<Status()> marking() { return {}; }  // as RowSource
};

struct RecordNames {
  std::string source;             // how errors call it: "people.xlsx"
  std::string_view unit = "row";  // what a number counts: "line", "row"
  std::string control = {};       // RowSource::control_totals()
};

std::unique_ptr<RowSource> record_source(RecordNames names, std::unique_ptr<RecordReader> reader);

}  // namespace rootlet::platform
