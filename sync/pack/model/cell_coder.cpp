#include "sync/pack/model/cell_coder.hpp"

#include <algorithm>
#include <bit>

#include "core/limits.hpp"

namespace rootlet {
namespace {

using Kind = ColumnStatistics::Kind;

constexpr std::size_t kMinMemory = 64, kMaxMemory = 16'384;  // cells a column remembers
constexpr std::size_t kMemoryOfAll = 131'072;                // cells, all columns together
constexpr std::size_t kRememberedBytes = 256;                // longer texts are not worth it

// Kinds of guesses: what a cell may simply be equal to.
enum GuessId : std::uint32_t {
  kReference = 0,
  kRemembered = 1,
  kPrevious = 2,
  kNextOfPrevious = 3,
  kNextOfReference = 4,
};

std::size_t memory_cells(std::size_t rows, std::size_t columns) {
  const std::size_t wanted = std::bit_ceil(std::clamp(rows, kMinMemory, kMaxMemory));
  const std::size_t fair =
      std::bit_floor(std::max(kMemoryOfAll / std::max(columns, std::size_t{1}), kMinMemory));
  return std::min(wanted, fair);
}

// The digits of `text` counted up by one, other characters kept in place.
void count_up(std::string_view text, std::string& out) {
  out.assign(text);
  for (std::size_t i = out.size(); i-- > 0;) {
    if (out[i] < '0' || out[i] > '9') continue;
    if (out[i] != '9') {
      ++out[i];
      return;
    }
    out[i] = '0';
  }
}

CellView text_cell(std::string_view text) {
  return {CellView::Kind::kText, 0, text};
}

}  // namespace

CellCoder::CellCoder(std::span<const ColumnSpec> columns,
                     std::span<const ColumnStatistics> statistics, std::size_t expected_rows,
                     ModelCoder& coder)
    : columns_(columns), statistics_(statistics), coder_(coder), states_(columns.size()) {
  const std::size_t cells = memory_cells(expected_rows, columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (statistics[c].first.column >= 0 && statistics[c].kind != Kind::kWords) {
      states_[c].memory.resize(cells);
    }
  }
}

Status CellCoder::state() const {
  if (is_bad_) return fail(ErrorCode::kUntrusted, "a cell cannot be what it says");
  return ok();
}

CellCoder::Cell CellCoder::cell_at(std::size_t column, const RowSurroundings& around,
                                   ModelRow& row) {
  const ColumnStatistics& statistics = statistics_[column];
  ColumnState& state = states_[column];
  const ModelCell none;
  const ModelCell& reference = around.reference != nullptr ? (*around.reference)[column] : none;
  const ModelCell& previous = around.previous != nullptr ? (*around.previous)[column] : none;
  const std::uint32_t first = statistics.first.hash_in(row);
  CellView remembered;
  if (!state.memory.empty()) remembered = state.memory[first & (state.memory.size() - 1)].view();
  return {.column = column,
          .spec = columns_[column],
          .statistics = statistics,
          .state = state,
          .around = around,
          .row = row,
          .role = static_cast<std::uint32_t>(around.role),
          .question = 64 + static_cast<std::uint32_t>(column) * 32,
          .first = first,
          .second = statistics.second.hash_in(row),
          .reference = reference.value,
          .previous = previous.value,
          .reference_hash = reference.hash,
          .previous_hash = previous.hash,
          .remembered = remembered,
          .truth = coder_.knows() ? row[column].value : CellView()};
}

void CellCoder::code(std::size_t column, const RowSurroundings& around, ModelRow& row) {
  Cell cell = cell_at(column, around, row);
  if (code_derived(cell) || code_null(cell)) return;
  if (cell.statistics.kind == Kind::kWords) return code_word(cell);
  if (code_guess(cell)) return;
  switch (cell.statistics.kind) {
    case Kind::kNumber:
      return code_number(cell);
    case Kind::kDigits:
      return code_digits(cell);
    case Kind::kChance:
      return code_chance(cell);
    default:
      return code_text(cell, false);
  }
}

void CellCoder::set(Cell& cell, const CellView& value) {
  if (!coder_.knows()) cell.row.set(cell.column, value);
}

void CellCoder::finish(Cell& cell, const CellView& value) {
  set(cell, value);
  if (cell.state.memory.empty()) return;
  Remembered& slot = cell.state.memory[cell.first & (cell.state.memory.size() - 1)];
  const bool is_short = value.text.size() <= kRememberedBytes;
  slot.kind = is_short ? value.kind : CellView::Kind::kNull;
  slot.integer = value.integer;
  slot.text.assign(is_short ? cell.row[cell.column].value.text : std::string_view());
}

// A piece of an earlier column; and where that is not so, mostly what it was before.
bool CellCoder::code_derived(Cell& cell) {
  if (cell.statistics.source.column < 0) return false;
  const CellView derived = derive_cell(cell.statistics, cell.row, buffer_);
  if (coder_.flag(cell.truth == derived, cell.question + 13, {cell.role})) {
    set(cell, derived);
    return true;
  }
  if (cell.around.role != RowRole::kUpdate) return false;
  if (!coder_.flag(cell.truth == cell.reference, cell.question + 14, {})) return false;
  set(cell, cell.reference);
  return true;
}

bool CellCoder::code_null(Cell& cell) {
  const bool is_null = cell.truth.kind == CellView::Kind::kNull;
  std::uint32_t& history = cell.state.history[cell.role];
  const auto null_bit = [](const CellView& value) {
    return value.kind == CellView::Kind::kNull ? 1U : 0U;
  };
  const bool null =
      cell.statistics.has_nulls
          ? coder_.flag(
                is_null, cell.question,
                {hash_of(cell.role, null_bit(cell.reference) + 2 * null_bit(cell.previous),
                         history & 7),
                 hash_of(cell.first, cell.role), hash_of(cell.second, null_bit(cell.reference)),
                 hash_of(cell.first, cell.second), cell.reference_hash})
          : coder_.flag(is_null, cell.question, {});
  if (!null) return false;
  history <<= 4;
  finish(cell, {});
  return true;
}

std::size_t CellCoder::collect_guesses(Cell& cell, Guess (&guesses)[5]) {
  std::size_t count = 0;
  const bool is_update = cell.around.role == RowRole::kUpdate;
  const auto offer = [&](const CellView& value, std::uint32_t id) {
    const Tries& tries = cell.state.tries[id][cell.role];
    const bool hopeless = tries.offered >= 64 && tries.right * 40 < tries.offered;
    if (hopeless || value.kind == CellView::Kind::kNull) return;
    if (is_update && value == cell.reference) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (guesses[i].value == value) return;
    }
    guesses[count++] = {value, id};
  };
  if (!is_update) offer(cell.reference, kReference);
  offer(cell.remembered, kRemembered);
  offer(cell.previous, kPrevious);
  if (cell.statistics.kind != Kind::kDigits) return count;
  if (cell.reference.kind == CellView::Kind::kText) {
    count_up(cell.reference.text, next_of_reference_);
    offer(text_cell(next_of_reference_), kNextOfReference);
  }
  if (cell.previous.kind == CellView::Kind::kText) {
    count_up(cell.previous.text, next_of_previous_);
    offer(text_cell(next_of_previous_), kNextOfPrevious);
  }
  return count;
}

// Equal to something at hand?
bool CellCoder::code_guess(Cell& cell) {
  Guess guesses[5];
  const std::size_t count = collect_guesses(cell, guesses);
  std::uint32_t& history = cell.state.history[cell.role];
  const std::uint32_t likeness =
      (cell.around.role != RowRole::kUpdate && cell.reference == cell.previous ? 1U : 0U) |
      (cell.reference == cell.remembered ? 2U : 0U) | (cell.previous == cell.remembered ? 4U : 0U);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t id = guesses[i].id;
    const bool right =
        coder_.flag(cell.truth == guesses[i].value, cell.question + 1 + id,
                    {hash_of(cell.role, id, history & 15), hash_of(cell.role, id, history & 0xFFF),
                     hash_of(cell.role, id, row_history_ & 0xFF, history & 15),
                     hash_of(cell.role * 8 + id, likeness, cell.around.reference_kind),
                     hash_of(cell.role, id, cell.second),
                     hash_of(cell.role, id, row_history_ & 0xFFFF, cell.around.reference_kind)});
    Tries& tries = cell.state.tries[id][cell.role];
    ++tries.offered;
    if (!right) continue;
    ++tries.right;
    history = history << 4 | (id + 1);
    note(id + 1);
    finish(cell, guesses[i].value);
    return true;
  }
  if (count > 0) {
    history = history << 4 | 15;
    note(15);
  }
  return false;
}

void CellCoder::code_word(Cell& cell) {
  Vocabulary& words = cell.state.vocabulary;
  const std::uint32_t most = (1U << cell.statistics.word_bits) - 1;  // 0: none of them
  const std::uint32_t hash = coder_.knows() ? hash_cell(cell.truth) : 0;
  std::uint32_t number = coder_.knows() ? words.find(cell.truth.text, hash) + 1 : 0;
  if (number > most) number = 0;
  ContextSet contexts((cell.question + 8) * 2 + 1, (cell.question + 8) * 2 + 1);
  contexts.add(hash_of(cell.question, 300));
  std::uint32_t part = 301;
  for (const std::uint32_t fact :
       {hash_of(cell.previous_hash, cell.role), hash_of(cell.reference_hash, cell.role), cell.first,
        cell.second, hash_of(cell.first, cell.second), hash_of(cell.first, cell.reference_hash),
        hash_of(cell.role, row_history_ & 0xFF)}) {
    contexts.add(hash_of(cell.question, part++, fact));
  }
  number = coder_.predictor().bits(contexts, number, cell.statistics.word_bits, 1);
  if (number == 0 || number > words.size()) {
    code_text(cell, true);
    const ModelCell& coded = cell.row[cell.column];
    const bool is_new = words.find(coded.value.text, coded.hash) == Vocabulary::kNone;
    const bool is_short = coded.value.text.size() <= kRememberedBytes;
    if (words.size() < most && is_new && is_short) words.add(coded.value.text, coded.hash);
  } else {
    finish(cell, text_cell(words.at(number - 1)));
  }
  const CellView& value = cell.row[cell.column].value;
  note(value == cell.reference ? 1 : value == cell.previous ? 2 : 3);
}

void CellCoder::code_number(Cell& cell) {
  const auto wrapped = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  std::uint64_t base = 0;
  if (cell.around.role == RowRole::kUpdate && cell.reference.kind == CellView::Kind::kInteger) {
    base = static_cast<std::uint64_t>(cell.state.linear.expect(cell.reference.integer));
  }
  const bool is_update = cell.around.role == RowRole::kUpdate;
  const std::int64_t coded = coder_.difference(
      wrapped(static_cast<std::uint64_t>(cell.truth.integer) - base), cell.question + 10,
      {hash_of(cell.role, 1), hash_of(cell.role, cell.reference_hash),
       hash_of(is_update ? 1 : 0, cell.first), hash_of(is_update ? 1 : 0, cell.second),
       hash_of(cell.first, cell.second, cell.role),
       hash_of(cell.role, static_cast<std::uint32_t>(cell.state.last_difference))},
      {.modelled_bits = 24});
  cell.state.last_difference = coded;
  const std::int64_t value = wrapped(static_cast<std::uint64_t>(coded) + base);
  const bool is_truth = value == 0 || value == 1;
  if (cell.spec.type == ColumnType::kBoolean && !is_truth && !coder_.knows()) is_bad_ = true;
  finish(cell, {.kind = CellView::Kind::kInteger, .integer = value});
}

// Nothing tells about them but how many there are.
void CellCoder::code_chance(Cell& cell) {
  const auto length_of = [](const CellView& value) {
    return static_cast<std::uint32_t>(value.text.size());
  };
  const std::uint64_t length = coder_.number(
      length_of(cell.truth), cell.question + 12,
      {hash_of(cell.role, length_of(cell.reference), length_of(cell.previous)), cell.first});
  is_bad_ =
      is_bad_ || (!coder_.knows() && length > std::min<std::uint64_t>(limits::kCellBytes, room_));
  if (is_bad_) return;
  made_.clear();
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint32_t byte = coder_.knows() ? static_cast<std::uint8_t>(cell.truth.text[i]) : 0U;
    made_.push_back(static_cast<char>(coder_.predictor().uniform(byte, 256)));
  }
  finish(cell, {CellView::Kind::kText, 0, made_});
}

}  // namespace rootlet
