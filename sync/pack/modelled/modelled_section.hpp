// What writer and reader of a modelled body must do alike, down to the last bit: both drive one of
// these; the writer gives rows to its RowCoder, the reader takes them.
#pragma once

#include <optional>

#include "sync/pack/modelled/model_memo.hpp"
#include "sync/pack/modelled/row_coder.hpp"

namespace rootlet {

// Rows that a reader reads from its base, and hands on, at a time.
inline constexpr std::size_t kModelledSlice = 128;
inline constexpr std::size_t kModelledRowBytes = 8;  // of a row, as raw bytes are counted

// What a reader must know before the first prediction.
struct Preamble {
  std::uint64_t fingerprint = 0;  // 16 bits: of the schema
  std::uint64_t table_log = 0;    // above Predictor::kMinTableLog
  std::uint64_t sample_log = 0;   // of the rows to learn from, 0: none
  std::uint64_t bound = 0;        // of rids, for the sample

  Status code(ArithmeticCoder& coder);
  std::size_t sample_rows() const { return sample_log == 0 ? 0 : std::size_t{1} << sample_log; }
  // The writer's choice. Of `priming_rows` the power of two below is taken.
  static Preamble plan(const SectionSchema& schema, const RowPlan& plan, const BaseTable& base,
                       std::size_t priming_rows);
  // kUntrusted for what no writer would say.
  Status check(const SectionSchema& schema) const;
  bool operator==(const Preamble&) const = default;
};

class ModelledSection {
 public:
  // `schema` must live on.
  ModelledSection(const SectionSchema& schema, const Preamble& preamble, ArithmeticCoder coder);

  ModelCoder& coder() { return coder_; }
  ModelCosts& costs() { return costs_; }
  RowPlan& plan() { return plan_; }
  std::span<const ColumnStatistics> statistics() const { return statistics_; }
  RowCoder& rows() { return *rows_; }

  // The steps, in their order.
  Status code_plan(bool first_section, std::uint64_t max_rows);
  // Describes the columns, then lets the model read rows that both ends have.
  Status prime(BaseRows& base);
  // At most one: two columns that follow linear predictors in one change have not been met.
  Status code_linear_predictor(const std::optional<LinearPredictor>& known);

 private:
  Result<std::vector<RowBlock>> read_priming_rows(BaseRows& base);
  void prime_rows(std::span<const RowBlock> blocks);
  void copy_rows(const ModelledSection& other);  // all but the predictor

  const SectionSchema& schema_;
  Preamble preamble_;
  ModelCoder coder_;
  ModelCosts costs_;
  RowPlan plan_;
  std::vector<ColumnStatistics> statistics_;
  std::size_t expected_rows_ = 0;
  std::optional<RowCoder> rows_;
};

// What the reader will count for `row`.
std::uint64_t raw_bytes_of(const ModelRow& row);
std::size_t text_bytes(const RowBlock& rows);

}  // namespace rootlet
