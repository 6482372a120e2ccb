#include "platform/publisher_source.hpp"

#include <algorithm>
#include <limits>

#include "core/csv.hpp"
#include "platform/row_image.hpp"

namespace rootlet {
namespace {

constexpr std::uint64_t kRowsPerProgress = 8'192;
constexpr std::size_t kNoColumn = std::numeric_limits<std::size_t>::max();

// The mistakes found so far, as one error for people.
class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void add(const std::string& place, std::string_view detail, const Text& hint = {}) {
    if (lines_.empty()) {
      field_ = place;
      hint_ = hint;
    }
    lines_.push_back(place + ": " + std::string(detail) +
                     (hint.en.empty() ? "" : " (" + hint.en + ")"));
  }
  void add(Error error) {  // of the CSV reader, which names the place by itself
    if (lines_.empty()) {
      field_ = error.field;
      hint_ = error.hint;
    }
    const std::string prefix = file_ + ": ";
    if (error.message.starts_with(prefix)) error.message.erase(0, prefix.size());
    lines_.push_back(std::move(error.message));
  }
  bool none() const { return lines_.empty(); }
  bool full() const { return lines_.size() >= kSourceMistakes; }
  std::size_t left() const { return kSourceMistakes - lines_.size(); }

  Error error() const {
    if (lines_.size() == 1) return bad_input(file_ + ": " + lines_[0], field_, hint_);
    std::string message = file_ + ": " + std::to_string(lines_.size()) +
                          (full() ? " mistakes and perhaps more:" : " mistakes:");
    for (const std::string& line : lines_) message += "\n  " + line;
    return bad_input(message, field_, hint_);
  }

 private:
  std::string file_;
  std::string field_;
  Text hint_;
  std::vector<std::string> lines_;
};

std::string at_line(std::uint64_t line) {
  return "line " + std::to_string(line);
}

// For each column of the definition the field of the file that holds it.
std::vector<std::size_t> read_header(const DatasetDefinition& definition, const CsvReader& reader,
                                     Mistakes& mistakes) {
  std::vector<std::size_t> fields(definition.columns.size(), kNoColumn);
  for (std::size_t i = 0; i < reader.size() && !mistakes.full(); ++i) {
    const DatasetColumn* column = definition.column(reader.field(i));
    const std::string name(reader.field(i).substr(0, 80));
    if (column == nullptr) {
      mistakes.add(at_line(reader.line()) + ", column " + name,
                   "dataset " + definition.id + " has no such column");
      continue;
    }
    std::size_t& field = fields[static_cast<std::size_t>(column - definition.columns.data())];
    if (field != kNoColumn) {
      mistakes.add(at_line(reader.line()) + ", column " + name, "named twice");
    }
    field = i;
  }
  for (std::size_t c = 0; c < fields.size() && !mistakes.full(); ++c) {
    if (fields[c] != kNoColumn) continue;
    mistakes.add(at_line(reader.line()) + ", column " + definition.columns[c].spec.name,
                 "missing in the header");
  }
  return fields;
}

// Turns the records behind the header into rows of the table.
class RowReader {
 public:
  RowReader(const DatasetDefinition& definition, std::vector<std::size_t> fields,
            SourceTable& table, Mistakes& mistakes)
      : definition_(definition),
        fields_(std::move(fields)),
        keys_(definition.key_columns()),
        cells_(definition.columns.size()),
        table_(table),
        mistakes_(mistakes) {
    const DatasetColumn* division = definition.column(definition.division_column);
    if (division != nullptr) {
      division_ = static_cast<std::size_t>(division - definition.columns.data());
    }
  }

  void read(const CsvReader& reader) {
    if (reader.size() != fields_.size()) {
      mistakes_.add(at_line(reader.line()), "has " + std::to_string(reader.size()) +
                                                " fields, the header has " +
                                                std::to_string(fields_.size()));
      return;
    }
    if (!parse_cells(reader)) return;
    image_.clear();
    for (const OwnedCell& cell : cells_) append_image_cell(image_, cell.view());
    key_.clear();
    for (const std::size_t c : keys_) append_key_cell(key_, cells_[c].view());
    Result<std::string> partition = definition_.partition_of(
        division_ == kNoColumn ? std::string_view() : cells_[division_].text);
    if (partition.has_error()) return refuse(reader, division_, partition.error());
    table_.add(partition.value(), key_, image_, static_cast<std::uint32_t>(reader.line()));
  }

 private:
  bool parse_cells(const CsvReader& reader) {
    bool all_fit = true;
    for (std::size_t c = 0; c < cells_.size() && !mistakes_.full(); ++c) {
      const DatasetColumn& column = definition_.columns[c];
      Result<OwnedCell> cell = parse_cell(column.spec, reader.field(fields_[c]));
      if (cell.has_value() && column.key && cell.value().kind == CellView::Kind::kNull) {
        cell = bad_input("a key must not be empty", column.spec.name);
      }
      if (cell.has_value()) {
        cells_[c] = std::move(cell).value();
      } else {
        refuse(reader, c, cell.error());
        all_fit = false;
      }
    }
    return all_fit;
  }

  void refuse(const CsvReader& reader, std::size_t c, const Error& error) {
    const std::string column = "column " + definition_.columns[c].spec.name;
    std::string_view detail = error.message;
    if (detail.starts_with(column + ": ")) detail.remove_prefix(column.size() + 2);
    mistakes_.add(at_line(reader.line()) + ", " + column, detail, error.hint);
  }

  const DatasetDefinition& definition_;
  std::vector<std::size_t> fields_;
  std::vector<std::size_t> keys_;
  std::size_t division_ = kNoColumn;
  std::vector<OwnedCell> cells_;
  std::string image_, key_;
  SourceTable& table_;
  Mistakes& mistakes_;
};

// True until the end of the file; a broken record is a mistake that ends it too.
bool next_record(CsvReader& reader, Mistakes& mistakes, Status& status) {
  Result<bool> more = reader.next();
  if (more.has_value()) return more.value();
  if (more.error().code == ErrorCode::kBadInput) {
    mistakes.add(more.error());
  } else {
    status = more.error();
  }
  return false;
}

void name_duplicates(SourceTable& table, Mistakes& mistakes) {
  for (const DuplicateKey& twice : table.sort(mistakes.left())) {
    mistakes.add(at_line(twice.second_line), "the same key as in " + at_line(twice.first_line));
  }
}

}  // namespace

Result<SourceTable> read_csv_source(const DatasetDefinition& definition,
                                    const std::filesystem::path& path,
                                    const SourceProgress& progress) {
  std::error_code ignored;
  const std::uint64_t bytes_all = std::filesystem::file_size(path, ignored);
  ROOTLET_TRY(CsvReader reader, CsvReader::open(path));
  Mistakes mistakes(path.filename().string());
  SourceTable table;
  Status status = ok();
  if (!next_record(reader, mistakes, status)) {
    ROOTLET_TRY(status);
    if (mistakes.none()) mistakes.add("line 1", "the file has no header");
    return mistakes.error();
  }
  std::vector<std::size_t> fields = read_header(definition, reader, mistakes);
  if (!mistakes.none()) return mistakes.error();
  RowReader rows(definition, std::move(fields), table, mistakes);
  for (std::uint64_t count = 1; !mistakes.full() && next_record(reader, mistakes, status);
       ++count) {
    rows.read(reader);
    if (progress && count % kRowsPerProgress == 0) progress(reader.bytes_read(), bytes_all);
  }
  ROOTLET_TRY(status);
  if (!mistakes.full()) name_duplicates(table, mistakes);
  if (!mistakes.none()) return mistakes.error();
  return table;
}

}  // namespace rootlet
