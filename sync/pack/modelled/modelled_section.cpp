// The preamble, the choice of priming rows and the priming (docs/FORMATS.md, "Modelled body").
#include "sync/pack/modelled/modelled_section.hpp"

#include <algorithm>
#include <bit>
#include <deque>

#include "core/limits.hpp"
#include "sync/pack/body/body.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kFirstSlice = 16, kMaxSlice = 1'024;  // rows read from the base at a time
constexpr std::size_t kStatisticsRows = 512;                // rows that describe the columns
constexpr std::size_t kPrimingBytes = 8 * limits::kMiB;
constexpr std::size_t kMaxSample = 16'384;
// The last quarter of the priming rows trains the weights too; the others only the counters.
constexpr std::size_t kWeightsShare = 4;
constexpr std::size_t kCellBytes = 1;  // of a cell without its text, as raw bytes are counted
constexpr std::uint32_t kLinearPredictorDecision = 50;

Status code_raw(ArithmeticCoder& coder, std::uint64_t& value, int bits) {
  std::uint64_t coded = 0;
  for (int i = bits - 1; i >= 0; --i) {
    coded = coded << 1 |
            static_cast<std::uint64_t>(coder.code(static_cast<int>(value >> i & 1), 32'768));
  }
  value = coded;
  return coder.state();
}

std::uint64_t fingerprint_bits(const SectionSchema& schema) {
  const SchemaFingerprint print = fingerprint(schema);
  return static_cast<std::uint64_t>(print[0]) << 8 | print[1];
}

// Up to `count` of `rids`, evenly spaced.
std::vector<Rid> evenly_spaced(std::span<const Rid> rids, std::size_t count) {
  std::vector<Rid> spaced;
  const std::size_t wanted = std::min(count, rids.size());
  for (std::size_t i = 0; i < wanted; ++i) spaced.push_back(rids[i * rids.size() / wanted]);
  return spaced;
}

// The rows that prime the model: some evenly spaced, and some of those that the section deletes or
// changes, which the reader needs anyway.
std::vector<Rid> priming_rids(const Preamble& preamble, const RowPlan& plan) {
  const std::size_t count = preamble.sample_rows();
  std::vector<Rid> rids;
  for (std::size_t i = 0; i < count; ++i) rids.push_back(i * preamble.bound / count);
  for (const std::vector<Rid>* touched : {&plan.deletes, &plan.updates}) {
    const std::vector<Rid> spaced = evenly_spaced(*touched, count / 2);
    rids.insert(rids.end(), spaced.begin(), spaced.end());
  }
  std::sort(rids.begin(), rids.end());
  rids.erase(std::unique(rids.begin(), rids.end()), rids.end());
  return rids;
}

// A row in one of several blocks.
struct RowPlace {
  const RowBlock* block;
  std::size_t row;
};

std::vector<ColumnStatistics> statistics_of(std::span<const ColumnSpec> columns,
                                            std::span<const RowPlace> priming) {
  std::deque<ModelRow> rows;
  std::vector<const ModelRow*> sample;
  const std::size_t wanted = std::min(kStatisticsRows, priming.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto [block, row] = priming[i * priming.size() / wanted];
    rows.emplace_back(columns.size()).view(*block, row);
    sample.push_back(&rows.back());
  }
  return find_column_statistics(columns, sample);
}

}  // namespace

ModelMemo::ModelMemo() = default;
ModelMemo::~ModelMemo() = default;

Status Preamble::code(ArithmeticCoder& coder) {
  ROOTLET_TRY(code_raw(coder, fingerprint, 16));
  ROOTLET_TRY(code_raw(coder, table_log, 4));
  ROOTLET_TRY(code_raw(coder, sample_log, 4));
  auto width = static_cast<std::uint64_t>(std::bit_width(bound));
  ROOTLET_TRY(code_raw(coder, width, 6));
  if (width > 32) return fail(ErrorCode::kUntrusted, "row numbers are too wide");
  return code_raw(coder, bound, static_cast<int>(width));
}

Preamble Preamble::plan(const SectionSchema& schema, const RowPlan& plan, const BaseTable& base,
                        std::size_t priming_rows) {
  Preamble preamble;
  preamble.fingerprint = fingerprint_bits(schema);
  preamble.bound = base.bound();
  const std::size_t changed = plan.deletes.size() + plan.updates.size() + plan.inserts.size();
  if (preamble.bound > 0 && priming_rows > 0) {
    // No more than there are rows, since tables are as large as the sample may be.
    const std::size_t sample =
        std::min(std::bit_floor(std::min(priming_rows, kMaxSample)),
                 std::bit_ceil(static_cast<std::size_t>(std::max<Rid>(preamble.bound, 2))));
    preamble.sample_log = static_cast<std::uint64_t>(std::bit_width(sample)) - 1;
  }
  const std::size_t priming = std::min<std::size_t>(2 * preamble.sample_rows(), preamble.bound);
  const std::size_t cells = (priming + changed) * schema.columns.size();
  const int log = std::clamp(static_cast<int>(std::bit_width(cells)) + 6, Predictor::kMinTableLog,
                             Predictor::kMaxTableLog);
  preamble.table_log = static_cast<std::uint64_t>(log - Predictor::kMinTableLog);
  return preamble;
}

Status Preamble::check(const SectionSchema& schema) const {
  if (fingerprint != fingerprint_bits(schema)) {
    return fail(ErrorCode::kUntrusted,
                "the pack was made for other columns than the catalogue here names");
  }
  const bool sane = sample_rows() <= kMaxSample && bound <= limits::kMaxRid + 1 &&
                    table_log <= Predictor::kMaxTableLog - Predictor::kMinTableLog;
  if (!sane) return fail(ErrorCode::kUntrusted, "its preamble is out of range");
  return ok();
}

ModelledSection::ModelledSection(const SectionSchema& schema, const Preamble& preamble,
                                 ArithmeticCoder coder)
    : schema_(schema),
      preamble_(preamble),
      coder_(std::move(coder), Predictor::kMinTableLog + static_cast<int>(preamble.table_log)) {}

Status ModelledSection::code_plan(bool first_section, std::uint64_t max_rows) {
  coder_.predictor().measure(&costs_.rows);
  return code_row_plan(coder_, first_section, max_rows, plan_);
}

// A memo's model is valid only if everything coded before the priming is the same.
Status ModelledSection::prime(BaseRows& base) {
  ModelMemo* memo = base.memo();
  const std::unique_ptr<ModelledSection> primed =
      memo != nullptr ? std::move(memo->primed_) : nullptr;
  if (primed != nullptr && primed->preamble_ == preamble_ && primed->plan_ == plan_) {
    copy_rows(*primed);
    coder_.predictor().take_primed(primed->coder_.predictor());
    return ok();
  }
  ROOTLET_TRY(const std::vector<RowBlock> blocks, read_priming_rows(base));
  prime_rows(blocks);
  if (memo == nullptr) return ok();
  auto kept = std::make_unique<ModelledSection>(schema_, preamble_, ArithmeticCoder::writer());
  kept->plan_ = plan_;
  kept->copy_rows(*this);
  kept->coder_.predictor().copy_primed(coder_.predictor());
  memo->primed_ = std::move(kept);
  return ok();
}

void ModelledSection::copy_rows(const ModelledSection& other) {
  statistics_ = other.statistics_;
  rows_.emplace(schema_.columns, statistics_, other.expected_rows_, coder_, costs_);
  rows_->copy_primed(*other.rows_);
  expected_rows_ = other.expected_rows_;
}

void ModelledSection::prime_rows(std::span<const RowBlock> blocks) {
  std::vector<RowPlace> priming;
  for (const RowBlock& block : blocks) {
    for (std::size_t i = 0; i < block.rids.size(); ++i) priming.push_back({&block, i});
  }
  statistics_ = statistics_of(schema_.columns, priming);
  expected_rows_ = priming.size() + plan_.updates.size() + plan_.inserts.size();
  rows_.emplace(schema_.columns, statistics_, expected_rows_, coder_, costs_);
  ModelRow row(schema_.columns.size());
  coder_.coder().set_priming(true);
  for (std::size_t i = 0; i < priming.size(); ++i) {
    coder_.predictor().set_counts_only(i < priming.size() - priming.size() / kWeightsShare);
    row.view(*priming[i].block, priming[i].row);
    rows_->prime(row);
  }
  coder_.predictor().set_counts_only(false);
  coder_.coder().set_priming(false);
}

Result<std::vector<RowBlock>> ModelledSection::read_priming_rows(BaseRows& base) {
  const std::vector<Rid> all = priming_rids(preamble_, plan_);
  std::vector<RowBlock> blocks;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < all.size() && bytes < kPrimingBytes;) {
    // As many rows as will probably fit the byte bound, since rows may be long.
    const std::size_t fits = (kPrimingBytes - bytes) * at / std::max<std::size_t>(bytes, 1);
    const std::size_t slice = at == 0 ? kFirstSlice : std::clamp(fits, std::size_t{1}, kMaxSlice);
    const std::size_t count = std::min(slice, all.size() - at);
    ROOTLET_TRY(RowBlock block, base.find(std::span(all).subspan(at, count)));
    bytes += text_bytes(block);
    blocks.push_back(std::move(block));
    at += count;
  }
  return blocks;
}

Status ModelledSection::code_linear_predictor(const std::optional<LinearPredictor>& input) {
  std::uint64_t given = input.has_value() ? 1 : 0;
  ROOTLET_TRY(code_raw(coder_.coder(), given, 1));
  if (given == 0) return ok();
  LinearPredictor linear = input.value_or(LinearPredictor());
  linear.column =
      static_cast<std::size_t>(coder_.number(linear.column, kLinearPredictorDecision, {0}));
  linear.base = coder_.difference(linear.base, kLinearPredictorDecision + 1, {0}, {});
  linear.per_mille = static_cast<std::int32_t>(
      coder_.difference(linear.per_mille, kLinearPredictorDecision + 2, {0}, {}));
  if (linear.column >= schema_.columns.size()) {
    return fail(ErrorCode::kUntrusted, "a linear predictor for no column");
  }
  rows_->cells().set_linear_predictor(linear);
  return ok();
}

std::size_t text_bytes(const RowBlock& rows) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) bytes += column.text_bytes();
  return bytes;
}

std::uint64_t raw_bytes_of(const ModelRow& row) {
  std::uint64_t bytes = kModelledRowBytes;
  for (std::size_t c = 0; c < row.size(); ++c) bytes += kCellBytes + row[c].value.text.size();
  return bytes;
}

}  // namespace rootlet
