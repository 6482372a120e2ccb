// A CSV file without its unchanged rows: each becomes as many blank lines as it had, which the
// reader skips, so that every line keeps its number.
//
// An unchanged row was parsed completely once, so leaving it out changes nothing for the rest.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/source/row_scanner.hpp"
#include "platform/source/unchanged_rows.hpp"

namespace rootlet::platform {

class RowFilter {
 public:
  // Called now and then with the bytes of the file read so far, on the reading thread.
  using Progress = std::function<void(std::uint64_t bytes_read)>;
  // All given must outlive the filter.
  RowFilter(RowScanner& scanner, UnchangedRows& unchanged, Progress progress)
      : scanner_(scanner), unchanged_(unchanged), progress_(std::move(progress)) {}

  Result<std::size_t> read(std::span<char> space);  // a CsvSource

  struct Fingerprinted {
    std::uint32_t line = 0;
    ShortHash fingerprint{};
  };
  // The rows that were left in, by line; once, because they take 20 bytes each.
  std::vector<Fingerprinted> take_left_in() { return std::move(left_in_); }

 private:
  void filter(ScannedRows& batch);

  RowScanner& scanner_;
  UnchangedRows& unchanged_;
  Progress progress_;
  std::string text_;
  std::size_t given_ = 0;
  std::vector<Fingerprinted> left_in_;
};

}  // namespace rootlet::platform
