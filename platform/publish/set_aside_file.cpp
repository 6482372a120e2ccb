// One heading, then a line for each row.
#include "platform/publish/set_aside_file.hpp"

#include "core/file/file.hpp"
#include "core/format/csv.hpp"

namespace rootlet::platform {

Status write_set_aside(const std::filesystem::path& path, const DatasetDefinition& dataset,
                       const std::vector<SetAsideRow>& rows) {
  std::vector<std::string_view> fields{"place", "reasons"};
  for (const DatasetColumn& column : dataset.columns) fields.push_back(column.spec.name);
  std::string text;
  append_csv_row(text, fields);
  for (const SetAsideRow& row : rows) {
    fields.assign({row.place, row.reasons});
    fields.insert(fields.end(), row.fields.begin(), row.fields.end());
    append_csv_row(text, fields);
  }
  return write_file_atomically(path, as_bytes(text), FileMode::kPrivate);
}

}  // namespace rootlet::platform
