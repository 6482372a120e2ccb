// CSV as RFC 4180 means it, read as a stream and written one row at a time.
//
// Reading: a byte order mark is skipped, lines end in LF or CRLF, a quoted field may hold commas,
// doubled quotes and line ends, a blank line is no row. Memory is bounded by one row. A quote
// in the middle of a field, text behind a closing quote, a lone carriage return and a quote that
// never closes are kBadInput with the line. Writing: a field is quoted exactly when it holds a
// blank, a control character, a quote, an apostrophe, a comma or a byte that is not ASCII; lines
// end in LF. What the writer writes, the reader reads back. An empty field is an empty text:
// whoever calls decides what it means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

// Fills as much of `space` as it likes; 0 bytes is the end.
using CsvSource = std::function<Result<std::size_t>(std::span<char> space)>;

Result<CsvSource> open_csv(const std::filesystem::path& path);  // kStorage

class CsvReader {
 public:
  // `what` names the source in errors.
  CsvReader(CsvSource source, std::string what);
  static Result<CsvReader> open(const std::filesystem::path& path);  // kStorage
  static CsvReader over(std::string text, std::string what);

  // Goes to the next row; false at the end. After an error the reader is at its end.
  Result<bool> next();

  std::uint64_t line() const { return row_line_; }  // where the row begins, from 1
  std::size_t size() const { return ends_.size(); }
  std::string_view field(std::size_t index) const;  // holds until the next call of next()
  const std::string& what() const { return what_; }

 private:
  Status read_row();
  Status read_field();  // up to the comma, line end or end of input behind it
  Status read_quoted();
  Status read_plain();
  Status skip_byte_order_mark();
  Result<bool> fill();               // false at the end of the source
  Result<bool> take(char expected);  // true if it was there
  Result<bool> take_line_end();
  bool take_blank_lines();
  Status append(std::string_view piece);
  std::size_t field_begin() const { return ends_.empty() ? 0 : ends_.back(); }
  Error error(std::uint64_t line, std::string_view detail) const;

  CsvSource source_;
  std::string what_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, filled_ = 0;
  std::uint64_t line_ = 1, row_line_ = 0, bytes_read_ = 0;
  bool ended_ = false;
  std::string text_;  // all fields of the row, one behind the other
  std::vector<std::size_t> ends_;
  bool more_fields_ = false;
  bool was_quoted_ = false;  // the last field of the row
};

void append_csv_field(std::string& out, std::string_view field);
// One row with its line end. A row of one empty field is written as "" so that it is no blank line.
void append_csv_row(std::string& out, std::span<const std::string_view> fields);

}  // namespace rootlet
