// A CSV file without the rows of unchanged rows: each is replaced by as many blank lines as it
// took, which the reader passes over, so that every line keeps its number.
//
// What is left out was read once, by itself and to its end; so it makes the rest neither better nor
// worse.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/source/row_scanner.hpp"
#include "platform/source/unchanged_rows.hpp"

namespace rootlet::platform {

class RowFilter {
 public:
  // Called with how many bytes of the file were read, now and then, on the thread that reads.
  using Progress = std::function<void(std::uint64_t bytes_read)>;
  // All given must outlive the filter.
  RowFilter(RowScanner& scanner, UnchangedRows& unchanged, Progress progress)
      : scanner_(scanner), unchanged_(unchanged), progress_(std::move(progress)) {}

  Result<std::size_t> read(std::span<char> space);  // a CsvSource

  struct Fingerprinted {
    std::uint32_t line = 0;
    ShortHash fingerprint{};
  };
  // The rows that were left in, by line.
  std::span<const Fingerprinted> left_in() const { return left_in_; }

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
