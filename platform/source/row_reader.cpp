// A row either becomes a row of the table, or is set aside, or its mistakes count.
#include "platform/source/row_reader.hpp"

#include <algorithm>

#include "core/unicode/blank.hpp"
#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kSetAsideRows = 10'000;  // they lie in memory

}  // namespace

void SourceMistakes::add(const std::string& place, std::string_view detail, const Text& hint) {
  if (lines_.empty()) {
    field_ = place;
    hint_ = hint;
  }
  lines_.push_back(place + ": " + std::string(detail) +
                   (hint.en.empty() ? "" : " (" + hint.en + ")"));
}

void SourceMistakes::add(Error error) {
  if (lines_.empty()) {
    field_ = error.field;
    hint_ = error.hint;
  }
  const std::string prefix = file_ + ": ";
  if (error.message.starts_with(prefix)) error.message.erase(0, prefix.size());
  lines_.push_back(std::move(error.message));
}

Error SourceMistakes::error() const {
  if (lines_.size() == 1) return bad_input(file_ + ": " + lines_[0], field_, hint_);
  std::string message = file_ + ": " + std::to_string(lines_.size()) +
                        (full() ? " mistakes and perhaps more:" : " mistakes:");
  for (const std::string& line : lines_) message += "\n  " + line;
  return bad_input(message, field_, hint_);
}

RowReader::RowReader(const SourceSetup& setup, MatchedFields fields, std::size_t field_count,
                     SourceTable& table, SourceMistakes& mistakes)
    : definition_(setup.dataset),
      setup_(setup),
      fields_(std::move(fields)),
      field_count_(field_count),
      keys_(definition_.key_columns()),
      cells_(definition_.columns.size()),
      spellings_(definition_.columns.size()),
      table_(table),
      mistakes_(mistakes) {
  const DatasetColumn* division = definition_.column(definition_.division_column);
  if (division != nullptr) {
    division_ = static_cast<std::size_t>(division - definition_.columns.data());
  }
  for (const DatasetColumn& column : definition_.columns) {
    const auto codes = setup.mapping.codes.find(column.spec.name);
    codes_.push_back(codes == setup.mapping.codes.end() ? nullptr : &codes->second);
  }
}

void RowReader::read(const SourceBatch& batch, std::size_t row) {
  if (!has_all_fields(batch, row)) return;
  if (setup_.control != nullptr) count(batch, row);
  if (setup_.newest != nullptr && fields_.newest != kNoField) {
    setup_.newest->add(batch.field(row, fields_.newest));
  }
  found_.clear();
  if (!setup_.is_change_list) return read_row(batch, row);
  const std::optional<RowChangeKind> change = change_of(batch, row);
  if (change == RowChangeKind::kUpsert) read_row(batch, row);
  if (change == RowChangeKind::kDelete) read_deletion(batch, row);
}

bool RowReader::has_all_fields(const SourceBatch& batch, std::size_t row) {
  const std::size_t count = batch.fields(row);
  if (count == field_count_) return true;
  mistakes_.add(mistakes_.at_line(batch.line(row)),
                "has " + std::to_string(count) + (count == 1 ? " field" : " fields") +
                    ", the header has " + std::to_string(field_count_));
  return false;
}

std::optional<RowChangeKind> RowReader::change_of(const SourceBatch& batch, std::size_t row) {
  if (fields_.change == kNoField) return RowChangeKind::kUpsert;
  const SourceMapping& mapping = setup_.mapping;
  const auto change = change_kind_named(batch.field(row, fields_.change), mapping.change_codes);
  if (!change.has_value()) {
    mistakes_.add(mistakes_.at_line(batch.line(row)) + ", column " + mapping.change_heading,
                  "must be upsert or delete");
  }
  return change;
}

void RowReader::read_row(const SourceBatch& batch, std::size_t row) {
  for (std::size_t c = 0; c < cells_.size() && !mistakes_.full(); ++c) read_cell_of(batch, row, c);
  key_.clear();
  if (found_.empty() || key_is_read()) append_key();
  std::string partition;
  if (found_.empty()) {
    Result<std::string> of_row = definition_.partition_of(
        division_ == kNoField ? std::string_view() : cells_[division_].text);
    if (of_row.has_error()) refuse(division_, of_row.error());
    if (of_row.has_value()) partition = std::move(of_row.value());
  }
  if (!found_.empty()) return leave_out(batch, row);
  image_.clear();
  for (const CellView& cell : cells_) append_image_cell(image_, cell);
  table_.add(partition, key_, image_, static_cast<std::uint32_t>(batch.line(row)));
}

void RowReader::read_deletion(const SourceBatch& batch, std::size_t row) {
  for (const std::size_t c : keys_) read_cell_of(batch, row, c);
  if (!found_.empty()) return leave_out(batch, row);
  key_.clear();
  append_key();
  table_.add_deletion(key_, static_cast<std::uint32_t>(batch.line(row)));
}

void RowReader::append_key() {
  for (const std::size_t c : keys_) append_key_cell(key_, cells_[c]);
}

void RowReader::count(const SourceBatch& batch, std::size_t row) {
  delivered_.clear();
  for (const std::size_t field : fields_.columns) delivered_.push_back(batch.field(row, field));
  setup_.control->add(delivered_);
}

bool RowReader::key_is_read() const {
  return std::ranges::none_of(found_, [&](const Found& one) {
    return std::ranges::find(keys_, one.column) != keys_.end();
  });
}

// Sets the row aside if that is allowed and its key can be read; else its mistakes count.
void RowReader::leave_out(const SourceBatch& batch, std::size_t row) {
  const std::string place = mistakes_.at_line(batch.line(row));
  const bool may = setup_.set_aside_percent.has_value() && key_is_read();
  if (!may || table_.set_aside.size() >= kSetAsideRows) {
    for (const Found& one : found_) {
      if (mistakes_.full()) return;
      mistakes_.add(place + ", column " + definition_.columns[one.column].spec.name, one.detail,
                    one.hint);
    }
    return;
  }
  SetAsideRow aside{.key = key_, .place = place, .reasons = {}, .fields = {}};
  for (const Found& one : found_) {
    aside.reasons += (aside.reasons.empty() ? "" : "; ") +
                     definition_.columns[one.column].spec.name + ": " + one.detail;
  }
  for (const std::size_t field : fields_.columns) {
    aside.fields.emplace_back(batch.field(row, field));
  }
  table_.set_aside.push_back(std::move(aside));
}

void RowReader::read_cell_of(const SourceBatch& batch, std::size_t row, std::size_t c) {
  const DatasetColumn& column = definition_.columns[c];
  std::string_view field = batch.field(row, fields_.columns[c]);
  if (codes_[c] != nullptr) {
    const auto code = codes_[c]->find(setup_.mapping.trims ? without_blank_ends(field) : field);
    if (code == codes_[c]->end() && !field.empty()) {
      return refuse(c, bad_input("is not in the code list of the source file", column.spec.name));
    }
    if (code != codes_[c]->end()) field = code->second;
  }
  field = canonical_text(column.spec, field, spellings_[c]);
  if (column.spec.type == ColumnType::kText) field = without_odd_blanks(field, batch.line(row), c);
  const std::optional<CellView> cell = read_cell(column.spec, field);
  const bool fits = cell.has_value() && !(column.key && cell->kind == CellView::Kind::kNull);
  if (fits) {
    cells_[c] = *cell;
    return;
  }
  refuse(c, cell.has_value() ? bad_input("a key must not be empty", column.spec.name)
                             : parse_cell(column.spec, field).error());
}

std::string_view RowReader::without_odd_blanks(std::string_view field, std::uint64_t line,
                                               std::size_t c) {
  const std::string_view inner = without_blank_ends(field);
  if (inner.size() == field.size()) return field;
  BlankEnds& found = table_.blank_ends;
  if (found.cells++ == 0) {
    found.first_line = line;
    found.first_column = definition_.columns[c].spec.name;
  }
  return definition_.trim || setup_.mapping.trims ? inner : field;
}

void RowReader::refuse(std::size_t c, const Error& error) {
  const std::string column = "column " + definition_.columns[c].spec.name;
  std::string_view detail = error.message;
  if (detail.starts_with(column + ": ")) detail.remove_prefix(column.size() + 2);
  found_.push_back({c, std::string(detail), error.hint});
}

}  // namespace rootlet::platform
