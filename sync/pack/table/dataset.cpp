// What follows from a dataset's definition: its sections by grade and its partitions.
#include "sync/pack/table/dataset.hpp"

#include <algorithm>
#include <set>

namespace rootlet {

std::vector<SectionSchema> DatasetDefinition::sections() const {
  std::set<Grade> grades{1};
  for (const DatasetColumn& column : columns) grades.insert(column.grade);
  std::vector<SectionSchema> out;
  for (const Grade section_grade : grades) {
    SectionSchema section{.grade = section_grade, .columns = {}};
    for (const DatasetColumn& column : columns) {
      if (column.grade == section_grade) {
        section.columns.push_back(column.spec);
      } else if (section_grade == 1 && !column.mask.empty()) {
        section.columns.push_back({.name = column.spec.name + "~", .type = ColumnType::kText});
      }
    }
    out.push_back(std::move(section));
  }
  return out;
}

const DatasetColumn* DatasetDefinition::column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const DatasetColumn& column) {
    return column.spec.name == name;
  });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::size_t> DatasetDefinition::key_columns() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].key) out.push_back(i);
  }
  return out;
}

Result<std::string> DatasetDefinition::partition_of(std::string_view division_code) const {
  if (division_digits == 0) return std::string("all");
  const auto digits = static_cast<std::size_t>(division_digits);
  const bool is_code = std::all_of(division_code.begin(), division_code.end(),
                                   [](char c) { return c >= '0' && c <= '9'; });
  if (division_code.size() < digits || !is_code) {
    const std::string needed = std::to_string(digits);
    return bad_input(
        "column " + division_column + ": not a division code of at least " + needed + " digits",
        division_column,
        {"a division code has at least " + needed + " digits and nothing else",
         "区划代码至少 " + needed + " 位，且只含数字"});
  }
  return std::string(division_code.substr(0, digits));
}

}  // namespace rootlet
