// Matches the source's columns with the definition, reads every row, and names the mistakes.
#include "platform/source/read_source.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/unicode/visible_text.hpp"
#include "platform/source/row_reader.hpp"

namespace rootlet::platform {
namespace {

MatchedFields match_columns(const SourceSetup& setup, const SourceColumns& columns,
                            SourceMistakes& mistakes) {
  std::vector<ColumnMistake> found;
  MatchedFields fields =
      match_fields(setup.dataset, setup.mapping, columns.names, setup.is_change_list, found);
  for (const ColumnMistake& one : found) {
    if (mistakes.full()) break;
    mistakes.add(mistakes.at_line(columns.line) + ", column " + one.column, one.detail, one.hint);
  }
  return fields;
}

// A broken row is a mistake of the source; anything else ends the reading with an error.
Status note(const Error& error, SourceMistakes& mistakes) {
  if (error.code != ErrorCode::kBadInput) return error;
  mistakes.add(error);
  return ok();
}

Status read_rows(RowSource& source, RowReader& rows, SourceMistakes& mistakes) {
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

void name_duplicates(SourceTable& table, const UnchangedRows& unchanged, SourceMistakes& mistakes) {
  for (const auto& found : {table.sort(mistakes.left()), read_and_left_out(table, unchanged)}) {
    for (const DuplicateKey& twice : found) {
      if (mistakes.full()) return;
      mistakes.add(mistakes.at_line(twice.second_line),
                   "the same key as in " + mistakes.at_line(twice.first_line));
    }
  }
}

// Too many rows with mistakes, or a good row with the key of one.
void check_set_aside(SourceTable& table, std::uint64_t unchanged, int percent,
                     SourceMistakes& mistakes) {
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

void name_losses(const Control& control, SourceMistakes& mistakes) {
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

Result<SourceTable> read_source(RowSource& source, const SourceSetup& setup) {
  const EndOfReading end(source);
  SourceMistakes mistakes(source);
  const Result<SourceColumns> columns = source.begin(setup);
  if (columns.has_error()) {
    ROOTLET_TRY(note(columns.error(), mistakes));
    return mistakes.error();
  }
  MatchedFields fields = match_columns(setup, columns.value(), mistakes);
  if (!mistakes.none()) return mistakes.error();
  SourceTable table;
  RowReader rows(setup, std::move(fields), columns.value().names.size(), table, mistakes);
  ROOTLET_TRY(read_rows(source, rows, mistakes));
  source.set_fingerprints(table);
  table.blank_ends.first_line = source.number_of(table.blank_ends.first_line);
  if (setup.is_change_list) {
    table.sort_changes();
  } else if (!mistakes.full()) {
    name_duplicates(table, setup.unchanged, mistakes);
  }
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
  return read_source(source, {secret, definition, nothing});
}

}  // namespace rootlet::platform
