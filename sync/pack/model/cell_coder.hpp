// Codes the cells of a row, one after the other, against everything both ends know by then: the
// cells before it in the row, the row before, a reference row that it resembles, the row that it
// was. While reading, the cells of the row are set as they come.
#pragma once

#include "sync/pack/model/column_statistics.hpp"
#include "sync/pack/model/linear_predictor.hpp"
#include "sync/pack/model/model_coder.hpp"
#include "sync/pack/model/model_symbols.hpp"

namespace rootlet {

// What a row is coded against, and how its other rows relate to it.
enum class RowRole : std::uint8_t {
  kNew = 0,            // nothing
  kWithReference = 1,  // a reference row that it resembles
  kUpdate = 2,         // the row that it was: cells that are coded differ from it
};

struct RowContext {
  RowRole role = RowRole::kNew;
  const ModelRow* reference = nullptr;  // not for kNew
  const ModelRow* previous = nullptr;   // coded just before, if any
  std::uint32_t reference_kind = 0;     // how the reference was found
};

class CellCoder {
 public:
  // All given must live on. `expected_rows`: how many rows will be learned and coded, about.
  CellCoder(std::span<const ColumnSpec> columns, std::span<const ColumnStatistics> statistics,
            std::size_t expected_rows, ModelCoder& coder);

  // Reading, no text may be longer: what the reader may still make, in bytes.
  void set_text_budget(std::uint64_t bytes) { text_budget_ = bytes; }
  void set_linear_predictor(const LinearPredictor& linear) {
    states_[linear.column].linear = linear;
  }
  void copy_primed(const CellCoder& other) { states_ = other.states_; }
  void start_row() { row_history_ = 0; }
  void code(std::size_t column, const RowContext& row_context, ModelRow& row);
  // kUntrusted if what was read was no cell.
  Status state() const;

 private:
  // What has been seen of one column.
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
    std::vector<CachedValue> cache = {};  // by what ColumnPiece `first` tells
    std::uint32_t history[3] = {};        // by role: how the last cells came out
    std::int64_t last_difference = 0;
    LinearPredictor linear = {};
    PredictionStats stats[5][3] = {};  // by kind of guess and role
  };
  // One cell's place and facts, gathered once.
  struct Cell {
    std::size_t column;
    const ColumnSpec& spec;
    const ColumnStatistics& statistics;
    ColumnState& state;
    const RowContext& row_context;
    ModelRow& row;
    std::uint32_t role, decision;
    std::uint32_t first_hash, second_hash;  // hashes of the telling pieces
    CellView reference, previous;           // null if there is no such row
    std::uint32_t reference_hash, previous_hash;
    CellView cached;
    CellView actual;  // means nothing while reading
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

  // cell_coder_digits.cpp
  struct DigitProgress;
  void code_digits(Cell& cell);
  char code_digit(Cell& cell, DigitProgress& progress);
  char code_check(Cell& cell, std::string_view digits, char actual);

  // cell_coder_text.cpp
  struct TextProgress;
  // `without_source`: without a text that it may resemble.
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
