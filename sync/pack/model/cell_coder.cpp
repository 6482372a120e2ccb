// Cells of the modelled coder (docs/FORMATS.md, "Modelled body"): derived columns, nulls, values
// predicted whole, words, numbers and random bytes. Every table size, decision number and context
// here is part of the format.
#include "sync/pack/model/cell_coder.hpp"

#include <algorithm>
#include <bit>

#include "core/limits.hpp"

namespace rootlet {
namespace {

using Kind = ColumnStatistics::Kind;

constexpr std::size_t kMinCache = 64, kMaxCache = 16'384;  // entries of a column's cache
constexpr std::size_t kCacheOfAllColumns = 131'072;        // entries, all columns together
constexpr std::size_t kMaxCachedBytes = 256;               // longer texts are not cached

// Kinds of predictions: values that a cell may simply equal.
enum PredictionId : std::uint32_t {
  kReference = 0,
  kCached = 1,
  kPrevious = 2,
  kNextOfPrevious = 3,
  kNextOfReference = 4,
};

std::size_t cache_cells(std::size_t rows, std::size_t columns) {
  const std::size_t wanted = std::bit_ceil(std::clamp(rows, kMinCache, kMaxCache));
  const std::size_t share =
      std::bit_floor(std::max(kCacheOfAllColumns / std::max(columns, std::size_t{1}), kMinCache));
  return std::min(wanted, share);
}

// Increments the digits of `text` as one number; other characters stay in place.
void increment_digits(std::string_view text, std::string& out) {
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
  const std::size_t cells = cache_cells(expected_rows, columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (statistics[c].first_predictor.column >= 0 && statistics[c].kind != Kind::kWords) {
      states_[c].cache.resize(cells);
    }
  }
}

Status CellCoder::state() const {
  if (is_bad_) return fail(ErrorCode::kUntrusted, "a cell is not valid");
  return ok();
}

CellCoder::Cell CellCoder::cell_at(std::size_t column, const RowContext& row_context,
                                   ModelRow& row) {
  const ColumnStatistics& statistics = statistics_[column];
  ColumnState& state = states_[column];
  const ModelCell none;
  const ModelCell& reference =
      row_context.reference != nullptr ? (*row_context.reference)[column] : none;
  const ModelCell& previous =
      row_context.previous != nullptr ? (*row_context.previous)[column] : none;
  const std::uint32_t first_hash = statistics.first_predictor.hash_in(row);
  CellView cached;
  if (!state.cache.empty()) cached = state.cache[first_hash & (state.cache.size() - 1)].view();
  return {.column = column,
          .spec = columns_[column],
          .statistics = statistics,
          .state = state,
          .row_context = row_context,
          .row = row,
          .role = static_cast<std::uint32_t>(row_context.role),
          .decision = 64 + static_cast<std::uint32_t>(column) * 32,
          .first_hash = first_hash,
          .second_hash = statistics.second_predictor.hash_in(row),
          .reference = reference.value,
          .previous = previous.value,
          .reference_hash = reference.hash,
          .previous_hash = previous.hash,
          .cached = cached,
          .actual = coder_.has_input() ? row[column].value : CellView()};
}

void CellCoder::code(std::size_t column, const RowContext& row_context, ModelRow& row) {
  Cell cell = cell_at(column, row_context, row);
  if (code_derived(cell) || code_null(cell)) return;
  if (cell.statistics.kind == Kind::kWords) return code_word(cell);
  if (code_prediction(cell)) return;
  switch (cell.statistics.kind) {
    case Kind::kNumber:
      return code_number(cell);
    case Kind::kDigits:
      return code_digits(cell);
    case Kind::kRandomBytes:
      return code_random_bytes(cell);
    default:
      return code_text(cell, false);
  }
}

void CellCoder::set(Cell& cell, const CellView& value) {
  if (!coder_.has_input()) cell.row.set(cell.column, value);
}

void CellCoder::finish(Cell& cell, const CellView& value) {
  set(cell, value);
  if (cell.state.cache.empty()) return;
  CachedValue& slot = cell.state.cache[cell.first_hash & (cell.state.cache.size() - 1)];
  const bool is_short = value.text.size() <= kMaxCachedBytes;
  slot.kind = is_short ? value.kind : CellView::Kind::kNull;
  slot.integer = value.integer;
  slot.text.assign(is_short ? cell.row[cell.column].value.text : std::string_view());
}

// A column that is derived from an earlier one; if this cell is not, it mostly keeps its old value.
bool CellCoder::code_derived(Cell& cell) {
  if (cell.statistics.source.column < 0) return false;
  const CellView derived = derive_cell(cell.statistics, cell.row, buffer_);
  if (coder_.flag(cell.actual == derived, cell.decision + 13, {cell.role})) {
    set(cell, derived);
    return true;
  }
  if (cell.row_context.role != RowRole::kUpdate) return false;
  if (!coder_.flag(cell.actual == cell.reference, cell.decision + 14, {})) return false;
  set(cell, cell.reference);
  return true;
}

bool CellCoder::code_null(Cell& cell) {
  const bool is_null = cell.actual.kind == CellView::Kind::kNull;
  std::uint32_t& history = cell.state.history[cell.role];
  const auto null_bit = [](const CellView& value) {
    return value.kind == CellView::Kind::kNull ? 1U : 0U;
  };
  const bool null =
      cell.statistics.has_nulls
          ? coder_.flag(is_null, cell.decision,
                        {hash_of(cell.role, null_bit(cell.reference) + 2 * null_bit(cell.previous),
                                 history & 7),
                         hash_of(cell.first_hash, cell.role),
                         hash_of(cell.second_hash, null_bit(cell.reference)),
                         hash_of(cell.first_hash, cell.second_hash), cell.reference_hash})
          : coder_.flag(is_null, cell.decision, {});
  if (!null) return false;
  history <<= 4;
  finish(cell, {});
  return true;
}

std::size_t CellCoder::collect_predictions(Cell& cell, Prediction (&predictions)[5]) {
  std::size_t count = 0;
  const bool is_update = cell.row_context.role == RowRole::kUpdate;
  const auto offer = [&](const CellView& value, std::uint32_t id) {
    const PredictionStats& stats = cell.state.stats[id][cell.role];
    const bool rarely_hits = stats.offered >= 64 && stats.hits * 40 < stats.offered;
    if (rarely_hits || value.kind == CellView::Kind::kNull) return;
    if (is_update && value == cell.reference) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (predictions[i].value == value) return;
    }
    predictions[count++] = {value, id};
  };
  if (!is_update) offer(cell.reference, kReference);
  offer(cell.cached, kCached);
  offer(cell.previous, kPrevious);
  if (cell.statistics.kind != Kind::kDigits) return count;
  if (cell.reference.kind == CellView::Kind::kText) {
    increment_digits(cell.reference.text, next_of_reference_);
    offer(text_cell(next_of_reference_), kNextOfReference);
  }
  if (cell.previous.kind == CellView::Kind::kText) {
    increment_digits(cell.previous.text, next_of_previous_);
    offer(text_cell(next_of_previous_), kNextOfPrevious);
  }
  return count;
}

// Codes whether the cell equals one of the predicted values. True if it does.
bool CellCoder::code_prediction(Cell& cell) {
  Prediction predictions[5];
  const std::size_t count = collect_predictions(cell, predictions);
  std::uint32_t& history = cell.state.history[cell.role];
  const std::uint32_t agreement =
      (cell.row_context.role != RowRole::kUpdate && cell.reference == cell.previous ? 1U : 0U) |
      (cell.reference == cell.cached ? 2U : 0U) | (cell.previous == cell.cached ? 4U : 0U);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t id = predictions[i].id;
    const bool right = coder_.flag(
        cell.actual == predictions[i].value, cell.decision + 1 + id,
        {hash_of(cell.role, id, history & 15), hash_of(cell.role, id, history & 0xFFF),
         hash_of(cell.role, id, row_history_ & 0xFF, history & 15),
         hash_of(cell.role * 8 + id, agreement, cell.row_context.reference_kind),
         hash_of(cell.role, id, cell.second_hash),
         hash_of(cell.role, id, row_history_ & 0xFFFF, cell.row_context.reference_kind)});
    PredictionStats& stats = cell.state.stats[id][cell.role];
    ++stats.offered;
    if (!right) continue;
    ++stats.hits;
    history = history << 4 | (id + 1);
    note_outcome(id + 1);
    finish(cell, predictions[i].value);
    return true;
  }
  if (count > 0) {
    history = history << 4 | 15;
    note_outcome(15);
  }
  return false;
}

void CellCoder::code_word(Cell& cell) {
  Vocabulary& words = cell.state.vocabulary;
  const std::uint32_t most = (1U << cell.statistics.word_bits) - 1;  // 0: none of them
  const std::uint32_t hash = coder_.has_input() ? hash_cell(cell.actual) : 0;
  std::uint32_t number = coder_.has_input() ? words.find(cell.actual.text, hash) + 1 : 0;
  if (number > most) number = 0;
  ContextSet contexts((cell.decision + 8) * 2 + 1, (cell.decision + 8) * 2 + 1);
  contexts.add(hash_of(cell.decision, 300));
  std::uint32_t part = 301;
  for (const std::uint32_t context_value :
       {hash_of(cell.previous_hash, cell.role), hash_of(cell.reference_hash, cell.role),
        cell.first_hash, cell.second_hash, hash_of(cell.first_hash, cell.second_hash),
        hash_of(cell.first_hash, cell.reference_hash), hash_of(cell.role, row_history_ & 0xFF)}) {
    contexts.add(hash_of(cell.decision, part++, context_value));
  }
  number = coder_.predictor().bits(contexts, number, cell.statistics.word_bits, 1);
  if (number == 0 || number > words.size()) {
    code_text(cell, true);
    const ModelCell& coded = cell.row[cell.column];
    const bool is_new = words.find(coded.value.text, coded.hash) == Vocabulary::kNone;
    const bool is_short = coded.value.text.size() <= kMaxCachedBytes;
    if (words.size() < most && is_new && is_short) words.add(coded.value.text, coded.hash);
  } else {
    finish(cell, text_cell(words.at(number - 1)));
  }
  const CellView& value = cell.row[cell.column].value;
  note_outcome(value == cell.reference ? 1 : value == cell.previous ? 2 : 3);
}

void CellCoder::code_number(Cell& cell) {
  const auto wrapped = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  std::uint64_t base = 0;
  if (cell.row_context.role == RowRole::kUpdate &&
      cell.reference.kind == CellView::Kind::kInteger) {
    base = static_cast<std::uint64_t>(cell.state.linear.predict(cell.reference.integer));
  }
  const bool is_update = cell.row_context.role == RowRole::kUpdate;
  const std::int64_t coded = coder_.difference(
      wrapped(static_cast<std::uint64_t>(cell.actual.integer) - base), cell.decision + 10,
      {hash_of(cell.role, 1), hash_of(cell.role, cell.reference_hash),
       hash_of(is_update ? 1 : 0, cell.first_hash), hash_of(is_update ? 1 : 0, cell.second_hash),
       hash_of(cell.first_hash, cell.second_hash, cell.role),
       hash_of(cell.role, static_cast<std::uint32_t>(cell.state.last_difference))},
      {.modelled_bits = 24});
  cell.state.last_difference = coded;
  const std::int64_t value = wrapped(static_cast<std::uint64_t>(coded) + base);
  const bool is_boolean = value == 0 || value == 1;
  if (cell.spec.type == ColumnType::kBoolean && !is_boolean && !coder_.has_input()) is_bad_ = true;
  finish(cell, {.kind = CellView::Kind::kInteger, .integer = value});
}

// Random bytes: only their length can be predicted.
void CellCoder::code_random_bytes(Cell& cell) {
  const auto length_of = [](const CellView& value) {
    return static_cast<std::uint32_t>(value.text.size());
  };
  const std::uint64_t length = coder_.number(
      length_of(cell.actual), cell.decision + 12,
      {hash_of(cell.role, length_of(cell.reference), length_of(cell.previous)), cell.first_hash});
  is_bad_ = is_bad_ || (!coder_.has_input() &&
                        length > std::min<std::uint64_t>(limits::kCellBytes, text_budget_));
  if (is_bad_) return;
  text_.clear();
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint32_t byte =
        coder_.has_input() ? static_cast<std::uint8_t>(cell.actual.text[i]) : 0U;
    text_.push_back(static_cast<char>(coder_.predictor().uniform(byte, 256)));
  }
  finish(cell, {CellView::Kind::kText, 0, text_});
}

}  // namespace rootlet
