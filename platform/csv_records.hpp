// The records of a CSV file in batches, read ahead on a thread of their own, so that whoever turns
// them into rows has the other processor to itself. Few batches are ever under way.
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/csv.hpp"
#include "core/handover.hpp"

namespace rootlet {

// Some records, one behind the other.
class CsvBatch {
 public:
  std::size_t size() const { return records_.size(); }
  std::uint64_t line(std::size_t record) const { return records_[record].line; }
  std::size_t fields(std::size_t record) const {
    return end_of(record) - records_[record].first_field;
  }
  std::string_view field(std::size_t record, std::size_t index) const {
    const Field& field = fields_[records_[record].first_field + index];
    return std::string_view(text_).substr(field.begin, field.bytes);
  }
  std::uint64_t bytes_read() const { return bytes_read_; }
  // What ended the file behind these records before its end.
  const std::optional<Error>& error() const { return error_; }

 private:
  friend class CsvRecords;
  struct Record {
    std::uint64_t line = 0;
    std::size_t first_field = 0;
  };
  struct Field {
    std::size_t begin = 0, bytes = 0;
  };
  bool fill(CsvReader& reader);  // false: the file has ended
  void add(const CsvReader& reader);
  std::size_t end_of(std::size_t record) const {
    return record + 1 < records_.size() ? records_[record + 1].first_field : fields_.size();
  }

  std::string text_;
  std::vector<Field> fields_;
  std::vector<Record> records_;
  std::uint64_t bytes_read_ = 0;
  std::optional<Error> error_;
};

class CsvRecords {
 public:
  explicit CsvRecords(CsvReader reader);  // reads on from where it stands
  ~CsvRecords();
  CsvRecords(const CsvRecords&) = delete;
  CsvRecords& operator=(const CsvRecords&) = delete;

  // nullopt at the end. A batch may be empty but for its error.
  std::optional<CsvBatch> next();

 private:
  void read_ahead();

  CsvReader reader_;
  bool ended_ = false;
  Handover<CsvBatch> batches_;
  std::thread thread_;
};

}  // namespace rootlet
