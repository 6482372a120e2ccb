// The records of a CSV file as they lie in it, unsplit, each with its fingerprint; found ahead on a
// thread of its own.
//
// A record ends at the first line end that no quote holds open. Where that is not how the CSV
// reader sees it, the reader refuses the file there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/format/csv.hpp"
#include "core/thread/read_ahead.hpp"
#include "platform/source/rows/row_fingerprint.hpp"

namespace rootlet::platform {

struct ScannedRecord {
  std::size_t begin = 0, bytes = 0;  // in the batch's text, with its line end
  std::uint32_t line = 0, lines = 0;
  bool has_fingerprint = false;  // not the header, a blank line or what is too long for a record
  bool is_unchanged = false;     // set by UnchangedRows
  ShortHash fingerprint{};
};

// Records one behind the other, and nothing between them.
struct RecordBatch {
  std::string text;
  std::vector<ScannedRecord> records;
  std::uint64_t bytes_read = 0;  // of the file so far
  std::optional<Error> error;    // instead of the rest of the file
};

class RecordScanner {
 public:
  // `secret` and `definition`: see RowFingerprinter.
  RecordScanner(CsvSource file, const SymmetricKey& secret, std::string definition);

  std::optional<RecordBatch> next() { return batches_.next(); }  // nullopt at the end
  // From the header; once a batch that has a record has come.
  const RowFingerprinter& fingerprinter() const { return *fingerprinter_; }

 private:
  bool fill(RecordBatch& batch);
  std::size_t take_record(std::string_view rest, bool at_end, RecordBatch& batch);
  void fingerprint(ScannedRecord& record, std::string_view text);

  CsvSource file_;
  SymmetricKey secret_;
  std::string definition_;
  std::optional<RowFingerprinter> fingerprinter_;
  std::string rest_;  // read, and no whole record yet
  std::uint64_t bytes_read_ = 0;
  std::uint32_t line_ = 1;
  bool gave_up_ = false;  // a record that no reader takes: what follows has no fingerprints
  ReadAhead<RecordBatch> batches_;
};

}  // namespace rootlet::platform
