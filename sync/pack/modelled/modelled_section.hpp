// The part of a modelled body that writer and reader share (docs/FORMATS.md, "Modelled body"). Both
// take the same steps, so that their models agree to the last bit: the writer passes rows to its
// RowCoder, the reader gets them from it. One thread.
#pragma once

#include <optional>

#include "sync/pack/modelled/model_memo.hpp"
#include "sync/pack/modelled/row_coder.hpp"

namespace rootlet {

// Rows that a reader reads from its base, and passes on, at a time.
inline constexpr std::size_t kModelledSlice = 128;
inline constexpr std::size_t kModelledRowBytes = 8;  // of a row, as raw bytes are counted

// What a reader must know before the first prediction.
struct Preamble {
  std::uint64_t fingerprint = 0;  // 16 bits of the schema fingerprint
  std::uint64_t table_log = 0;    // log2 of the counters, above Predictor::kMinTableLog
  std::uint64_t sample_log = 0;   // log2 of the evenly spaced priming rows; 0: none
  std::uint64_t bound = 0;        // above every rid of the base

  Status code(ArithmeticCoder& coder);
  std::size_t sample_rows() const { return sample_log == 0 ? 0 : std::size_t{1} << sample_log; }
  // The writer's choice. Rounds `priming_rows` down to a power of two.
  static Preamble plan(const SectionSchema& schema, const RowPlan& plan, const BaseTable& base,
                       std::size_t priming_rows);
  // kUntrusted for another schema or values out of range.
  Status check(const SectionSchema& schema) const;
  bool operator==(const Preamble&) const = default;
};

class ModelledSection {
 public:
  // The caller keeps `schema` alive.
  ModelledSection(const SectionSchema& schema, const Preamble& preamble, ArithmeticCoder coder);

  ModelCoder& coder() { return coder_; }
  ModelCosts& costs() { return costs_; }
  RowPlan& plan() { return plan_; }
  std::span<const ColumnStatistics> statistics() const { return statistics_; }
  RowCoder& rows() { return *rows_; }

  // The steps, in this order. Errors: kUntrusted when reading, and those of `base`.
  Status code_plan(bool first_section, std::uint64_t max_rows);
  // Finds the column statistics, then primes the model with rows that both ends hold.
  Status prime(BaseRows& base);
  // At most one column has a linear predictor; more have not been seen in one change.
  Status code_linear_predictor(const std::optional<LinearPredictor>& input);

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

// What the reader counts for `row`.
std::uint64_t raw_bytes_of(const ModelRow& row);
std::size_t text_bytes(const RowBlock& rows);

}  // namespace rootlet
