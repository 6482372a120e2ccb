// How the columns and values of a source become those of a dataset: what a source file says
// (docs/FORMATS.md, "Source files"), or nothing but names and titles. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// By the source's value: the dataset's value.
using CodeList = std::map<std::string, std::string, std::less<>>;

struct SourceMapping {
  std::map<std::string, std::string> headings = {};  // by the dataset's column: the source's name
  bool ignores_others = false;                       // source columns that no column takes
  std::map<std::string, CodeList> codes = {};        // by the dataset's column
  bool trims = false;                                // blanks at the ends of texts
  // Of a list of changes: the source's column with the kind of change, and its words. "": every row
  // is an upsert.
  std::string change_heading = "change";
  CodeList change_codes = {};
  std::string newest_heading = {};  // the column whose greatest value is wanted; "" if none
  // What this was made from. Another text has other fingerprints, so every row is read again.
  std::string text = {};
};

inline constexpr std::size_t kNoField = static_cast<std::size_t>(-1);

// Which field of the source is which.
struct MatchedFields {
  std::vector<std::size_t> columns;  // for each column of the dataset its field
  std::size_t change = kNoField, newest = kNoField;
};

// The dataset's column for a heading: as the mapping says, else by name or title. kBadInput as
// column_of_heading(), and for a column that the mapping gives to another heading.
Result<std::size_t> mapped_column(const DatasetDefinition& dataset, const SourceMapping& mapping,
                                  std::string_view heading);

struct ColumnMistake {
  std::string column;  // as the source calls it, safe to show
  std::string detail;
  Text hint = {};
};

// Every mistake is added to `mistakes`, and then the fields are incomplete.
MatchedFields match_fields(const DatasetDefinition& dataset, const SourceMapping& mapping,
                           const std::vector<std::string>& headings, bool is_change_list,
                           std::vector<ColumnMistake>& mistakes);

enum class RowChangeKind { kUpsert, kDelete };
// "upsert", "insert" and "update", or "delete"; nullopt for other words.
std::optional<RowChangeKind> change_kind_named(std::string_view word, const CodeList& codes);

// The greatest value of a column while rows are read. Whole numbers compare as numbers, all else
// as text, as ISO dates and times do.
class NewestValue {
 public:
  void add(std::string_view value);
  const std::string& value() const { return value_; }  // "" if there was none

 private:
  std::string value_;
};

}  // namespace rootlet::platform
