// Finds the rows of a CSV file, unsplit, each with its fingerprint, ahead of the reader on a thread
// of its own.
//
// A row ends at the first line end outside quotes. Where the CSV reader disagrees, it refuses the
// file there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/format/csv.hpp"
#include "core/thread/read_ahead.hpp"
#include "platform/source/rows/row_fingerprint.hpp"

namespace rootlet::platform {

struct ScannedRow {
  std::size_t begin = 0, bytes = 0;  // in the batch's text, with its line end
  std::uint32_t line = 0, lines = 0;
  bool has_fingerprint = false;  // false for the header, blank lines and overlong rows
  bool is_unchanged = false;     // set by UnchangedRows
  ShortHash fingerprint{};
};

// Consecutive rows of the file.
struct ScannedRows {
  std::string text;
  std::vector<ScannedRow> rows;
  std::uint64_t bytes_read = 0;  // of the file so far
  std::optional<Error> error;    // why the rest of the file is missing
};

class RowScanner {
 public:
  // `secret` and `definition`: see RowFingerprinter.
  RowScanner(CsvSource file, const SymmetricKey& secret, std::string definition);

  std::optional<ScannedRows> next() { return batches_.next(); }  // nullopt at the end
  // Made from the header; valid once next() has given a batch with a row.
  const RowFingerprinter& fingerprinter() const { return *fingerprinter_; }

 private:
  bool fill(ScannedRows& batch);
  std::size_t take_row(std::string_view rest, bool at_end, ScannedRows& batch);
  void fingerprint(ScannedRow& row, std::string_view text);

  CsvSource file_;
  SymmetricKey secret_;
  std::string definition_;
  std::optional<RowFingerprinter> fingerprinter_;
  std::string rest_;  // read, and no whole row yet
  std::uint64_t bytes_read_ = 0;
  std::uint32_t line_ = 1;
  bool gave_up_ = false;  // after a row that no reader accepts: no more fingerprints
  ReadAhead<ScannedRows> batches_;
};

}  // namespace rootlet::platform
