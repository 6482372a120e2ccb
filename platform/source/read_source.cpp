// Matches the source's columns with the definition, types every field, and collects the mistakes.
#include "platform/source/read_source.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "core/unicode/blank.hpp"
#include "core/unicode/utf8.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/heading.hpp"
#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kSetAsideRows = 10'000;  // they lie in memory
constexpr std::size_t kNoColumn = std::numeric_limits<std::size_t>::max();

// The mistakes found so far, as one error for people.
class Mistakes {
 public:
  explicit Mistakes(const RowSource& source) : source_(&source), file_(source.name()) {}

  std::string at_line(std::uint64_t line) const { return source_->place_of(line); }
  void add(const std::string& place, std::string_view detail, const Text& hint = {}) {
    if (lines_.empty()) {
      field_ = place;
      hint_ = hint;
    }
    lines_.push_back(place + ": " + std::string(detail) +
                     (hint.en.empty() ? "" : " (" + hint.en + ")"));
  }
  void add(Error error) {  // of the source, which names the place by itself
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
  const RowSource* source_;
  std::string file_;
  std::string field_;
  Text hint_;
  std::vector<std::string> lines_;
};

// How errors name a column of the source: by its heading or, if that is empty, by its number.
std::string name_of_field(const SourceColumns& columns, std::size_t i) {
  constexpr std::size_t kShownBytes = 80;
  const std::string name = visible_text(cut_utf8(columns.names[i], kShownBytes));
  return name.empty() ? std::to_string(i + 1) : name;
}

// For each column of the definition the field that holds it.
std::vector<std::size_t> match_columns(const DatasetDefinition& definition,
                                       const SourceColumns& columns, Mistakes& mistakes) {
  std::vector<std::size_t> fields(definition.columns.size(), kNoColumn);
  const std::string place = mistakes.at_line(columns.line) + ", column ";
  for (std::size_t i = 0; i < columns.names.size() && !mistakes.full(); ++i) {
    const Result<std::size_t> column = column_of_heading(definition, columns.names[i]);
    const std::string where = place + name_of_field(columns, i);
    if (column.has_error()) {
      mistakes.add(where, column.error().message, column.error().hint);
      continue;
    }
    std::size_t& field = fields[column.value()];
    if (field != kNoColumn) {
      mistakes.add(where, "named twice: fields " + std::to_string(field + 1) + " and " +
                              std::to_string(i + 1) + " are both column " +
                              definition.columns[column.value()].spec.name);
    }
    field = i;
  }
  for (std::size_t c = 0; c < fields.size() && !mistakes.full(); ++c) {
    if (fields[c] != kNoColumn) continue;
    mistakes.add(place + definition.columns[c].spec.name, "missing in the header");
  }
  return fields;
}

// Turns the fields of a source row into a row of the table.
class RowReader {
 public:
  RowReader(const DatasetDefinition& definition, std::vector<std::size_t> fields,
            SourceTable& table, Mistakes& mistakes, Control* control, bool sets_aside)
      : definition_(definition),
        fields_(std::move(fields)),
        keys_(definition.key_columns()),
        cells_(definition.columns.size()),
        spellings_(definition.columns.size()),
        table_(table),
        mistakes_(mistakes),
        control_(control),
        sets_aside_(sets_aside) {
    const DatasetColumn* division = definition.column(definition.division_column);
    if (division != nullptr) {
      division_ = static_cast<std::size_t>(division - definition.columns.data());
    }
  }

  void read(const SourceBatch& batch, std::size_t row) {
    const std::uint64_t line = batch.line(row);
    if (batch.fields(row) != fields_.size()) {
      const std::size_t count = batch.fields(row);
      mistakes_.add(mistakes_.at_line(line),
                    "has " + std::to_string(count) + (count == 1 ? " field" : " fields") +
                        ", the header has " + std::to_string(fields_.size()));
      return;
    }
    if (control_ != nullptr) count(batch, row);
    found_.clear();
    read_cells(batch, row);
    key_.clear();
    if (found_.empty() || key_is_read()) {
      for (const std::size_t c : keys_) append_key_cell(key_, cells_[c]);
    }
    std::string partition;
    if (found_.empty()) {
      Result<std::string> of_row = definition_.partition_of(
          division_ == kNoColumn ? std::string_view() : cells_[division_].text);
      if (of_row.has_error()) refuse(division_, of_row.error());
      if (of_row.has_value()) partition = std::move(of_row.value());
    }
    if (!found_.empty()) return leave_out(batch, row);
    image_.clear();
    for (const CellView& cell : cells_) append_image_cell(image_, cell);
    table_.add(partition, key_, image_, static_cast<std::uint32_t>(line));
  }

 private:
  void count(const SourceBatch& batch, std::size_t row) {
    delivered_.clear();
    for (const std::size_t field : fields_) delivered_.push_back(batch.field(row, field));
    control_->add(delivered_);
  }

  // The columns of the row that have mistakes, and which.
  struct Found {
    std::size_t column = 0;
    std::string detail;
    Text hint;
  };

  bool key_is_read() const {
    return std::ranges::none_of(found_, [&](const Found& one) {
      return std::ranges::find(keys_, one.column) != keys_.end();
    });
  }

  // Sets the row aside if that is allowed and its key can be read; else its mistakes count.
  void leave_out(const SourceBatch& batch, std::size_t row) {
    const std::string place = mistakes_.at_line(batch.line(row));
    if (!sets_aside_ || !key_is_read() || table_.set_aside.size() >= kSetAsideRows) {
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
    for (const std::size_t field : fields_) aside.fields.emplace_back(batch.field(row, field));
    table_.set_aside.push_back(std::move(aside));
  }

  void read_cells(const SourceBatch& batch, std::size_t row) {
    for (std::size_t c = 0; c < cells_.size() && !mistakes_.full(); ++c) {
      const DatasetColumn& column = definition_.columns[c];
      std::string_view field =
          canonical_text(column.spec, batch.field(row, fields_[c]), spellings_[c]);
      if (column.spec.type == ColumnType::kText)
        field = without_odd_blanks(field, batch.line(row), c);
      const std::optional<CellView> cell = read_cell(column.spec, field);
      const bool fits = cell.has_value() && !(column.key && cell->kind == CellView::Kind::kNull);
      if (fits) {
        cells_[c] = *cell;
        continue;
      }
      refuse(c, cell.has_value() ? bad_input("a key must not be empty", column.spec.name)
                                 : parse_cell(column.spec, field).error());
    }
  }

  std::string_view without_odd_blanks(std::string_view field, std::uint64_t line, std::size_t c) {
    const std::string_view inner = without_blank_ends(field);
    if (inner.size() == field.size()) return field;
    BlankEnds& found = table_.blank_ends;
    if (found.cells++ == 0) {
      found.first_line = line;
      found.first_column = definition_.columns[c].spec.name;
    }
    return definition_.trim ? inner : field;
  }

  void refuse(std::size_t c, const Error& error) {
    const std::string column = "column " + definition_.columns[c].spec.name;
    std::string_view detail = error.message;
    if (detail.starts_with(column + ": ")) detail.remove_prefix(column.size() + 2);
    found_.push_back({c, std::string(detail), error.hint});
  }

  const DatasetDefinition& definition_;
  std::vector<std::size_t> fields_;
  std::vector<std::size_t> keys_;
  std::size_t division_ = kNoColumn;
  std::vector<CellView> cells_;         // of the row being read; they view its fields or spellings_
  std::vector<std::string> spellings_;  // canonical texts of fields that are spelled otherwise
  std::string image_, key_;
  std::vector<std::string_view> delivered_;
  SourceTable& table_;
  Mistakes& mistakes_;
  Control* control_;
  bool sets_aside_;
  std::vector<Found> found_;  // of the row being read
};

// A broken row is a mistake of the source; anything else ends the reading with an error.
Status note(const Error& error, Mistakes& mistakes) {
  if (error.code != ErrorCode::kBadInput) return error;
  mistakes.add(error);
  return ok();
}

Status read_rows(RowSource& source, RowReader& rows, Mistakes& mistakes) {
  while (const std::optional<SourceBatch> batch = source.next()) {
    for (std::size_t i = 0; i < batch->size() && !mistakes.full(); ++i) rows.read(*batch, i);
    if (mistakes.full()) break;
    if (batch->error().has_value()) {
      ROOTLET_TRY(note(*batch->error(), mistakes));
    }
  }
  return ok();
}

// Keys of unchanged rows that another row has too.
std::vector<DuplicateKey> read_and_left_out(SourceTable& table, const UnchangedRows& unchanged) {
  std::vector<DuplicateKey> duplicates;
  if (unchanged.taken() == 0) return duplicates;
  std::unordered_map<std::uint64_t, std::uint32_t> lines(table.size());
  for (const SourceRow& row : table.rows()) lines.emplace(row.fingerprint.key, row.line);
  unchanged.visit_taken([&](std::uint64_t key, std::uint32_t line) {
    const auto read = lines.find(key);
    if (read == lines.end()) return;
    const auto [first, second] = std::minmax(line, read->second);
    duplicates.push_back({first, second});
  });
  return duplicates;
}

void name_duplicates(SourceTable& table, const UnchangedRows& unchanged, Mistakes& mistakes) {
  for (const auto& found : {table.sort(mistakes.left()), read_and_left_out(table, unchanged)}) {
    for (const DuplicateKey& twice : found) {
      if (mistakes.full()) return;
      mistakes.add(mistakes.at_line(twice.second_line),
                   "the same key as in " + mistakes.at_line(twice.first_line));
    }
  }
}

// Too many rows with mistakes, or a good row with the key of one.
void check_set_aside(SourceTable& table, std::uint64_t unchanged, int percent, Mistakes& mistakes) {
  const std::uint64_t all = table.size() + unchanged + table.set_aside.size();
  const bool are_too_many =
      100 * table.set_aside.size() > static_cast<std::uint64_t>(percent) * all;
  if (are_too_many) {
    mistakes.add(std::to_string(table.set_aside.size()) + " of " + std::to_string(all) + " rows",
                 "have mistakes, more than " + std::to_string(percent) + " %; the first are these");
    for (const SetAsideRow& row : table.set_aside) {
      if (mistakes.full()) return;
      mistakes.add(row.place, row.reasons);
    }
    return;
  }
  std::unordered_map<std::string_view, const SetAsideRow*> keys;
  for (const SetAsideRow& row : table.set_aside) keys.emplace(row.key, &row);
  for (const SourceRow& row : table.rows()) {
    const auto twice = keys.find(row.key());
    if (twice == keys.end() || mistakes.full()) continue;
    mistakes.add(mistakes.at_line(row.line), "the same key as in " + twice->second->place);
  }
}

// Ends the source, also after an error.
class EndOfReading {
 public:
  explicit EndOfReading(RowSource& source) : source_(source) {}
  ~EndOfReading() { source_.end(); }
  EndOfReading(const EndOfReading&) = delete;
  EndOfReading& operator=(const EndOfReading&) = delete;

 private:
  RowSource& source_;
};

void name_losses(const Control& control, Mistakes& mistakes) {
  for (const Control::Total& total : control.totals()) {
    if (total.is_met || mistakes.full()) continue;
    mistakes.add("control total " + total.name,
                 "the source says " + visible_text(total.expected) + ", what came has " +
                     visible_text(total.found),
                 {.en = "Rows or texts were lost on the way, or the totals are of another time.",
                  .zh = "传输中有数据丢失，或核对数不是同一时刻的。"});
  }
}

}  // namespace

Result<SourceTable> read_source(const DatasetDefinition& definition, RowSource& source,
                                const SourceSetup& setup) {
  const EndOfReading end(source);
  Mistakes mistakes(source);
  const Result<SourceColumns> columns = source.begin(setup);
  if (columns.has_error()) {
    ROOTLET_TRY(note(columns.error(), mistakes));
    return mistakes.error();
  }
  std::vector<std::size_t> fields = match_columns(definition, columns.value(), mistakes);
  if (!mistakes.none()) return mistakes.error();
  SourceTable table;
  RowReader rows(definition, std::move(fields), table, mistakes, setup.control,
                 setup.set_aside_percent.has_value());
  ROOTLET_TRY(read_rows(source, rows, mistakes));
  source.set_fingerprints(table);
  table.blank_ends.first_line = source.number_of(table.blank_ends.first_line);
  if (!mistakes.full()) name_duplicates(table, setup.unchanged, mistakes);
  if (mistakes.none() && !table.set_aside.empty()) {
    check_set_aside(table, setup.unchanged.taken(), setup.set_aside_percent.value_or(0), mistakes);
  }
  if (mistakes.none() && setup.control != nullptr) name_losses(*setup.control, mistakes);
  if (!mistakes.none()) return mistakes.error();
  return table;
}

Result<SourceTable> read_whole_source(const DatasetDefinition& definition, RowSource& source) {
  const SymmetricKey secret = SymmetricKey::random();
  UnchangedRows nothing;
  return read_source(definition, source, {secret, definition, nothing});
}

}  // namespace rootlet::platform
