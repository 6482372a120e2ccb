// A dataset's definition, as its owner writes it in JSON: the catalogue entry of Order 809 Art. 13,
// the columns, and how the dataset is cut into partitions and sections. Parsing is strict: an
// unknown key, a refused grade or a missing division column is an error that names the file and the
// field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

class Mistakes;  // core/format/mistakes.hpp

enum class SharingAttribute { kUnconditional, kConditional, kNotShared };

struct DatasetColumn {
  ColumnSpec spec;
  bool key = false;
  bool search = false;
  Grade grade = 1;
  std::string mask = {};  // "", "phone", "id", "name", "address", "all": what grade 1 shows
  Text title = {};        // the column's name if the file gives none
  std::vector<std::string> tags = {};
};

struct DatasetDefinition {
  std::string id;
  Text title;
  std::string provider_code;
  Text provider_name;
  std::string format;  // "table"
  std::string update;  // realtime, daily, weekly, monthly, quarterly, yearly, irregular
  SharingAttribute sharing = SharingAttribute::kUnconditional;
  std::string mode;               // "batch", …
  std::string scope;              // conditional only
  std::vector<std::string> uses;  // purposes that a grant may name
  std::string reason, basis;      // not_shared only
  std::string grade;              // "general"
  std::string assessment;
  Text summary = {};                // the catalogue's description
  std::string classification = {};  // "class" in the file: the catalogue's own class
  std::string open = {};            // whether and how it is open to the public
  std::string division_column;      // empty if division_digits is 0
  int division_digits = 0;
  // How many rows, in percent, a publish may remove or change without being asked.
  int accept_changes = 20;
  bool trim = false;  // a publish drops blanks at the ends of texts
  std::vector<DatasetColumn> columns;
  std::string source;  // the canonical JSON of the definition

  // kBadInput with the first mistake. `all`, if given, gets every mistake.
  static Result<DatasetDefinition> parse(std::string_view text, std::string_view what,
                                         Mistakes* all = nullptr);

  // One for each grade in use, ascending. Grade 1 always exists; it has the masked forms of graded
  // columns.
  std::vector<SectionSchema> sections() const;
  const DatasetColumn* column(std::string_view name) const;
  std::vector<std::size_t> key_columns() const;  // indexes into `columns`
  // "all", or the leading digits of the row's division code; kBadInput if the code is too short or
  // has anything but digits.
  Result<std::string> partition_of(std::string_view division_code) const;
};

// A masked value: phone 138****1234, id 110105********002X, name 王*; address keeps its first 6
// characters; any other mask gives "****".
std::string mask_text(std::string_view mask, std::string_view value);

// CSV text to a cell of `type`, and back. An empty text is null. kBadInput, with a hint, for a text
// that is no spelling of such a value (core/format/spelling.hpp): decimals with more places than
// the scale, dates that do not exist.
struct OwnedCell {
  CellView::Kind kind = CellView::Kind::kNull;
  std::int64_t integer = 0;
  std::string text = {};
  CellView view() const { return {kind, integer, text}; }
  bool operator==(const OwnedCell&) const = default;
};
Result<OwnedCell> parse_cell(const ColumnSpec& column, std::string_view text);
// The canonical spelling of a text that may be another one: it views `text` or `scratch`. A text
// that is no spelling of such a value stays as it is.
std::string_view canonical_text(const ColumnSpec& column, std::string_view text,
                                std::string& scratch);
// The cell of a canonical text, viewing it; nullopt where parse_cell() returns an error.
std::optional<CellView> read_cell(const ColumnSpec& column, std::string_view text);
std::string format_cell(const ColumnSpec& column, const CellView& cell);  // "" for null

}  // namespace rootlet
