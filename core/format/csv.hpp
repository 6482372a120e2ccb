// CSV after RFC 4180: a streaming reader, and a writer of single rows that the reader reads back.
//
// Reader: skips a byte order mark and blank lines; accepts LF and CRLF, and delimiters, doubled
// quotes and line ends in quoted fields. Memory is bounded by one row. A quote inside a plain
// field, text after a closing quote, a lone carriage return, a NUL byte and a missing closing quote
// are kBadInput with the line. Writer: quotes a field if it holds a blank, a control character, a
// quote, an apostrophe, a comma or a byte that is not ASCII; ends lines with LF. An empty field is
// an empty text: the caller decides whether it means null.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/encoding/text_stream.hpp"
#include "core/result.hpp"

namespace rootlet {

using CsvSource = TextSource;

class CsvReader {
 public:
  // `what` names the source in errors.
  CsvReader(CsvSource source, std::string what, char delimiter = ',');
  // A file in any encoding that utf8_source() reads; kStorage if it does not open.
  static Result<CsvReader> open(const std::filesystem::path& path);
  static CsvReader over(std::string text, std::string what);

  // Goes to the next row; false at the end. After an error the reader is at its end.
  Result<bool> next();

  std::uint64_t line() const { return row_line_; }  // the row's first line, from 1
  std::size_t size() const { return ends_.size(); }
  std::string_view field(std::size_t index) const;        // holds until the next call of next()
  bool is_first_quoted() const { return first_quoted_; }  // the row's first field
  const std::string& what() const { return what_; }
  // The last row had no line end, as if the file had been cut. Valid at the end.
  bool is_last_row_open() const { return is_last_row_open_; }

  // If the row, a header, is one field that holds another usual delimiter: says so.
  Status check_delimiter() const;

 private:
  Status read_row();
  Status read_field();  // up to and with the comma or line end after it
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
  Error other_delimiter(std::string_view found) const;

  CsvSource source_;
  std::string what_;
  char delimiter_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, filled_ = 0;
  std::uint64_t line_ = 1, row_line_ = 0, bytes_read_ = 0;
  bool ended_ = false;
  std::string text_;  // all fields of the row, concatenated
  std::vector<std::size_t> ends_;
  bool more_fields_ = false;
  bool is_last_row_open_ = false;
  bool was_quoted_ = false;  // the last field of the row
  bool first_quoted_ = false;
};

void append_csv_field(std::string& out, std::string_view field);
// One row with its line end. A row of one empty field is written as "" because readers skip blank
// lines.
void append_csv_row(std::string& out, std::span<const std::string_view> fields);

}  // namespace rootlet
