// Headings that the mapping names come first; names and titles are for the columns that it leaves.
#include "platform/source/mapping/mapping.hpp"

#include <algorithm>

#include "core/unicode/utf8.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/mapping/heading.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kShownBytes = 80;

// How errors name a column of the source: by its heading or, if that is empty, by its number.
std::string shown_heading(const std::vector<std::string>& headings, std::size_t i) {
  const std::string name = visible_text(cut_utf8(headings[i], kShownBytes));
  return name.empty() ? std::to_string(i + 1) : name;
}

std::string missing(const SourceMapping& mapping, const std::string& column) {
  const auto named = mapping.headings.find(column);
  if (named == mapping.headings.end()) return "missing in the header";
  return "missing: the source has no column " + visible_text(named->second);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<std::size_t> mapped_column(const DatasetDefinition& dataset, const SourceMapping& mapping,
                                  std::string_view heading) {
  for (std::size_t c = 0; c < dataset.columns.size(); ++c) {
    const auto named = mapping.headings.find(dataset.columns[c].spec.name);
    if (named != mapping.headings.end() && named->second == heading) return c;
  }
  ROOTLET_TRY(const std::size_t column, column_of_heading(dataset, heading));
  const std::string& name = dataset.columns[column].spec.name;
  const auto named = mapping.headings.find(name);
  if (named == mapping.headings.end()) return column;
  return bad_input("column " + name + " is read from " + visible_text(named->second), "heading");
}

MatchedFields match_fields(const DatasetDefinition& dataset, const SourceMapping& mapping,
                           const std::vector<std::string>& headings, bool is_change_list,
                           std::vector<ColumnMistake>& mistakes) {
  MatchedFields found{.columns = std::vector<std::size_t>(dataset.columns.size(), kNoField)};
  for (std::size_t i = 0; i < headings.size(); ++i) {
    if (!mapping.newest_heading.empty() && headings[i] == mapping.newest_heading) found.newest = i;
    if (is_change_list && headings[i] == mapping.change_heading) {
      found.change = i;
      continue;
    }
    const Result<std::size_t> column = mapped_column(dataset, mapping, headings[i]);
    if (column.has_error()) {
      if (mapping.ignores_others || found.newest == i) continue;
      mistakes.push_back({shown_heading(headings, i), column.error().message, column.error().hint});
      continue;
    }
    std::size_t& field = found.columns[column.value()];
    if (field != kNoField) {
      mistakes.push_back(
          {shown_heading(headings, i), "named twice: fields " + std::to_string(field + 1) +
                                           " and " + std::to_string(i + 1) + " are both column " +
                                           dataset.columns[column.value()].spec.name});
    }
    field = i;
  }
  for (std::size_t c = 0; c < found.columns.size(); ++c) {
    const std::string& name = dataset.columns[c].spec.name;
    if (found.columns[c] == kNoField) mistakes.push_back({name, missing(mapping, name)});
  }
  if (is_change_list && !mapping.change_heading.empty() && found.change == kNoField) {
    mistakes.push_back({visible_text(mapping.change_heading),
                        "missing in the header: a list of changes says in it \"upsert\" or "
                        "\"delete\" for each row"});
  }
  if (!mapping.newest_heading.empty() && found.newest == kNoField) {
    mistakes.push_back({visible_text(mapping.newest_heading), "missing in the header"});
  }
  return found;
}

std::optional<RowChangeKind> change_kind_named(std::string_view word, const CodeList& codes) {
  const auto code = codes.find(word);
  if (code != codes.end()) word = code->second;
  if (word == "delete") return RowChangeKind::kDelete;
  if (word == "upsert" || word == "insert" || word == "update") return RowChangeKind::kUpsert;
  return std::nullopt;
}

void NewestValue::add(std::string_view value) {
  const bool are_numbers = is_number(value) && is_number(value_);
  const bool is_newer =
      are_numbers && value.size() != value_.size() ? value.size() > value_.size() : value > value_;
  if (is_newer) value_ = value;
}

}  // namespace rootlet::platform
