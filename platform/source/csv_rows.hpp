// The rows of a CSV file in batches, split ahead of whoever turns them into rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/format/csv.hpp"
#include "core/thread/read_ahead.hpp"

namespace rootlet::platform {

// Some rows, one behind the other.
class CsvBatch {
 public:
  std::size_t size() const { return records_.size(); }
  std::uint64_t line(std::size_t row) const { return records_[row].line; }
  std::size_t fields(std::size_t row) const { return end_of(row) - records_[row].first_field; }
  std::string_view field(std::size_t row, std::size_t index) const {
    const Field& field = fields_[records_[row].first_field + index];
    return std::string_view(text_).substr(field.begin, field.bytes);
  }
  // What ended the file behind these rows before its end.
  const std::optional<Error>& error() const { return error_; }

 private:
  friend class CsvRows;
  struct Record {
    std::uint64_t line = 0;
    std::size_t first_field = 0;
  };
  struct Field {
    std::size_t begin = 0, bytes = 0;
  };
  bool fill(CsvReader& reader);  // false: the file has ended
  void add(const CsvReader& reader);
  std::size_t end_of(std::size_t row) const {
    return row + 1 < records_.size() ? records_[row + 1].first_field : fields_.size();
  }

  std::string text_;
  std::vector<Field> fields_;
  std::vector<Record> records_;
  std::optional<Error> error_;
};

class CsvRows {
 public:
  explicit CsvRows(CsvReader reader);  // reads on from where it stands
  // nullopt at the end. A batch may be empty but for its error.
  std::optional<CsvBatch> next() { return batches_.next(); }

 private:
  CsvReader reader_;
  ReadAhead<CsvBatch> batches_;
};

}  // namespace rootlet::platform
