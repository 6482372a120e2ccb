// Codes the cells of a row one after another in the context of everything that both ends know by
// then: the earlier cells of the row, the previous row, and the reference row or the old row. When
// reading, it sets the row's cells as they are decoded. One thread.
#pragma once

#include "sync/pack/model/column_statistics.hpp"
#include "sync/pack/model/linear_predictor.hpp"
#include "sync/pack/model/model_coder.hpp"
#include "sync/pack/model/model_symbols.hpp"

namespace rootlet {

// What a row is coded against.
enum class RowRole : std::uint8_t {
  kNew = 0,            // nothing
  kWithReference = 1,  // a reference row of the base that it resembles
  kUpdate = 2,         // its own old row: the cells that are coded differ from it
};

struct RowContext {
  RowRole role = RowRole::kNew;
  const ModelRow* reference = nullptr;  // the reference or the old row; not for kNew
  const ModelRow* previous = nullptr;   // the row coded before this one, if any
  std::uint32_t reference_kind = 0;     // ReferenceRow::Kind
};

class CellCoder {
 public:
  // The caller keeps all arguments alive. `expected_rows`: about how many rows will prime the model
  // and be coded; both ends must pass the same number, since it sizes the caches.
  CellCoder(std::span<const ColumnSpec> columns, std::span<const ColumnStatistics> statistics,
            std::size_t expected_rows, ModelCoder& coder);

  // When reading: the text bytes that the section may still produce. A longer text is an error.
  void set_text_budget(std::uint64_t bytes) { text_budget_ = bytes; }
  void set_linear_predictor(const LinearPredictor& linear) {
    states_[linear.column].linear = linear;
  }
  void copy_primed(const CellCoder& other) { states_ = other.states_; }
  void start_row() { row_history_ = 0; }
  void code(std::size_t column, const RowContext& row_context, ModelRow& row);
  // kUntrusted if the decoded bits were no valid cell. Cells decoded after that are meaningless.
  Status state() const;

 private:
  // The state of one column.
  struct CachedValue {
    CellView::Kind kind = CellView::Kind::kNull;
    std::int64_t integer = 0;
    std::string text = {};
    CellView view() const { return {kind, integer, text}; }
  };
  struct Prediction {
    CellView value;
    std::uint32_t id = 0;
  };
  struct PredictionStats {
    std::uint32_t offered = 0, hits = 0;
  };
  struct ColumnState {
    Alphabet alphabet{60'000};
    Vocabulary vocabulary{4'096};
    std::vector<CachedValue> cache = {};  // last values by hash of `first_predictor`; direct-mapped
    std::uint32_t history[3] = {};        // by role: outcomes of the last predictions, 4 bits each
    std::int64_t last_difference = 0;
    LinearPredictor linear = {};
    PredictionStats stats[5][3] = {};  // by kind of prediction and role
  };
  // Everything about the cell that is being coded.
  struct Cell {
    std::size_t column;
    const ColumnSpec& spec;
    const ColumnStatistics& statistics;
    ColumnState& state;
    const RowContext& row_context;
    ModelRow& row;
    std::uint32_t role, decision;
    std::uint32_t first_hash, second_hash;  // of the column's two predictors
    CellView reference, previous;           // null if there is no such row
    std::uint32_t reference_hash, previous_hash;
    CellView cached;
    CellView actual;  // the value to code; meaningless while reading
  };

  Cell cell_at(std::size_t column, const RowContext& row_context, ModelRow& row);
  bool code_derived(Cell& cell);
  bool code_null(Cell& cell);
  bool code_prediction(Cell& cell);
  std::size_t collect_predictions(Cell& cell, Prediction (&predictions)[5]);
  void code_word(Cell& cell);
  void code_number(Cell& cell);
  void code_random_bytes(Cell& cell);
  void set(Cell& cell, const CellView& value);
  void finish(Cell& cell, const CellView& value);
  void note_outcome(std::uint32_t event) { row_history_ = row_history_ << 4 | event; }

  // In cell_coder_digits.cpp.
  struct DigitProgress;
  void code_digits(Cell& cell);
  char code_digit(Cell& cell, DigitProgress& progress);
  char code_check(Cell& cell, std::string_view digits, char actual);

  // In cell_coder_text.cpp.
  struct TextProgress;
  // `without_source`: do not predict from another text.
  void code_text(Cell& cell, bool without_source);
  void choose_source(Cell& cell, bool without_source, TextProgress& progress);
  bool follow_source(Cell& cell, TextProgress& progress, std::uint32_t actual,
                     std::uint32_t& point);
  std::uint32_t code_point(Cell& cell, TextProgress& progress, std::uint32_t actual);
  std::uint32_t code_symbol(ContextSet& contexts, std::uint32_t symbol);
  std::uint32_t code_new_point(const Cell& cell, std::uint32_t point);

  std::span<const ColumnSpec> columns_;
  std::span<const ColumnStatistics> statistics_;
  ModelCoder& coder_;
  std::vector<ColumnState> states_;
  std::uint32_t row_history_ = 0;
  std::uint64_t text_budget_ = UINT64_MAX;
  bool is_bad_ = false;
  std::string buffer_, next_of_previous_, next_of_reference_, text_;
  std::vector<std::uint32_t> points_, source_, remaining_, ahead_;
};

}  // namespace rootlet
