// Rows as an Excel workbook, written by libxlsxwriter; the only file that includes it. A text is a
// text cell, whatever it looks like: leading zeros and identity numbers stay, and a text that
// begins with = + - @ is never a formula. Numbers that a spreadsheet would round are written as
// text.
//
// Bounded memory: rows lie in a temporary file that has no name (in `folder`, where the person
// wants the data anyway) until finish(). One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"

namespace rootlet::agent {

// A number in a text with an exact decimal spelling, such as "4.50".
struct DecimalText {
  std::string text;
};
using XlsxCell = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, DecimalText>;

class XlsxFile {
 public:
  static Result<XlsxFile> open(const std::filesystem::path& folder);
  XlsxFile(XlsxFile&&) noexcept;
  XlsxFile& operator=(XlsxFile&&) = delete;
  ~XlsxFile();

  // A further sheet; the rows after it are its own. The first row is a heading.
  Status begin_sheet(const std::string& name, const std::vector<std::string>& heading);
  // kBadInput, naming the limit of the format, for a row beyond 1,048,576, more than 16,384 columns
  // or a text beyond 32,767 characters: nothing is cut.
  Status add_row(const std::vector<XlsxCell>& cells);
  // The bytes of the whole file.
  Result<Bytes> finish();

 private:
  struct State;
  explicit XlsxFile(std::unique_ptr<State> state);
  Status write(std::uint16_t column, const XlsxCell& cell);
  std::unique_ptr<State> state_;
};

}  // namespace rootlet::agent
