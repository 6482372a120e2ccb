// The last line of an exported CSV file, "# …": who exported it, when and for what, with the number
// of the ledger entry. Our own imports skip it, and no other line: data may begin with # too. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.hpp"

namespace rootlet {

class CsvReader;

struct ExportMark {
  std::string user, office, at, purpose;  // `at` as format_time() writes it
  std::int64_t entry = 0;
};

// Without "# ". No line end or double quote of a name gets in: they would break the line.
Text export_mark_words(const ExportMark& mark);
// As a line of CSV, with its line end.
std::string export_mark_line(std::string_view words);

// True for a line of exactly this form, in either language. Commas after it are ignored: a
// spreadsheet that saves the file again fills the row up.
bool is_export_mark(std::string_view line);
// The reader's row. A quoted first field is data, as our writer and others quote such a text.
bool is_export_mark(const CsvReader& row);

}  // namespace rootlet
