// Writer and reader are two small drivers over the same RowCoder: one gives rows, the other takes
// them. What both must do alike, down to the last bit, stands in ModelledSection.
#include "sync/pack/modelled_body.hpp"

#include <algorithm>
#include <bit>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/body.hpp"
#include "sync/pack/parent_finder.hpp"
#include "sync/pack/sizes.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSlice = 1'024;      // rows read from the base at a time
constexpr std::size_t kProfileRows = 512;  // looked at to describe the columns
constexpr std::size_t kLearnedBytes = 8 * limits::kMiB;
constexpr std::size_t kCountOnly = 0;
constexpr std::size_t kMaxSample = 8'192;
constexpr std::size_t kMinSample = 64;
// So many changes teach the model by themselves; then a thousand rows to begin with are enough.
constexpr std::size_t kTeaches = 8'192, kMinLearned = 1'024;
constexpr std::size_t kRowOverhead = 8;  // of a row and of a cell, as raw bytes are counted
constexpr std::size_t kCellOverhead = 1;

Status code_raw(ArithmeticCoder& coder, std::uint64_t& value, int bits) {
  std::uint64_t coded = 0;
  for (int i = bits - 1; i >= 0; --i) {
    coded = coded << 1 |
            static_cast<std::uint64_t>(coder.code(static_cast<int>(value >> i & 1), 32'768));
  }
  value = coded;
  return coder.state();
}

// What a reader must know before the first prediction.
struct Preamble {
  std::uint64_t fingerprint = 0;  // 16 bits: of the schema
  std::uint64_t table_log = 0;    // above Predictor::kMinTableLog
  std::uint64_t sample_log = 0;   // of the rows to learn from, 0: none
  std::uint64_t bound = 0;        // of rids, for the sample

  Status code(ArithmeticCoder& coder) {
    ROOTLET_TRY(code_raw(coder, fingerprint, 16));
    ROOTLET_TRY(code_raw(coder, table_log, 4));
    ROOTLET_TRY(code_raw(coder, sample_log, 4));
    auto width = static_cast<std::uint64_t>(std::bit_width(bound));
    ROOTLET_TRY(code_raw(coder, width, 6));
    if (width > 32) return fail(ErrorCode::kUntrusted, "row numbers are too wide");
    return code_raw(coder, bound, static_cast<int>(width));
  }
  std::size_t sample_rows() const { return sample_log == 0 ? 0 : std::size_t{1} << sample_log; }
};

std::uint64_t fingerprint_bits(const SectionSchema& schema) {
  const SchemaFingerprint print = fingerprint(schema);
  return static_cast<std::uint64_t>(print[0]) << 8 | print[1];
}

// Evenly over the rows that exist in the base: up to `count` of `rids`.
std::vector<Rid> some_of(std::span<const Rid> rids, std::size_t count) {
  std::vector<Rid> some;
  const std::size_t wanted = std::min(count, rids.size());
  for (std::size_t i = 0; i < wanted; ++i) some.push_back(rids[i * rids.size() / wanted]);
  return some;
}

// The rows that both ends learn from: some at even distances, and some of those that the section
// touches, which the reader reads anyway.
std::vector<Rid> learned_rids(const Preamble& preamble, const RowPlan& plan) {
  const std::size_t count = preamble.sample_rows();
  std::vector<Rid> rids;
  for (std::size_t i = 0; i < count; ++i) rids.push_back(i * preamble.bound / count);
  for (const std::vector<Rid>* touched : {&plan.deletes, &plan.updates}) {
    const std::vector<Rid> some = some_of(*touched, count / 2);
    rids.insert(rids.end(), some.begin(), some.end());
  }
  std::sort(rids.begin(), rids.end());
  rids.erase(std::unique(rids.begin(), rids.end()), rids.end());
  return rids;
}

std::size_t text_bytes(const RowBlock& rows) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) bytes += column.text_bytes();
  return bytes;
}

class ModelledSection {
 public:
  ModelledSection(const SectionSchema& schema, const Preamble& preamble, ArithmeticCoder coder)
      : schema_(schema),
        preamble_(preamble),
        coder_(std::move(coder), Predictor::kMinTableLog + static_cast<int>(preamble.table_log)) {}

  ModelCoder& coder() { return coder_; }
  ModelCosts& costs() { return costs_; }
  RowPlan& plan() { return plan_; }
  std::span<const ColumnProfile> profiles() const { return profiles_; }

  Status code_plan(bool first_section, std::uint64_t most) {
    coder_.predictor().measure(&costs_.rows);
    return code_row_plan(coder_, first_section, most, plan_);
  }

  // Describes the columns, then lets the model read rows that both ends have.
  Status learn(BaseRows& base) {
    ROOTLET_TRY(const std::vector<RowBlock> blocks, read_learned(base));
    std::vector<std::unique_ptr<ModelRow>> rows;
    for (const RowBlock& block : blocks) {
      for (std::size_t i = 0; i < block.rids.size(); ++i) {
        rows.push_back(std::make_unique<ModelRow>(schema_.columns.size()));
        rows.back()->view(block, i);
      }
    }
    profiles_ = find_profiles(schema_.columns, evenly(rows));
    rows_.emplace(schema_.columns, profiles_,
                  rows.size() + plan_.updates.size() + plan_.inserts.size(), coder_, costs_);
    coder_.coder().set_learning(true);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      coder_.predictor().set_counts_only(i * 4 < rows.size() * kCountOnly);
      rows_->learn(*rows[i]);
    }
    coder_.predictor().set_counts_only(false);
    coder_.coder().set_learning(false);
    return ok();
  }

  RowCoder& rows() { return *rows_; }

  // At most one: two columns that follow laws in one change have not been met.
  Status code_law(const std::optional<NumberLaw>& known) {
    std::uint64_t given = known.has_value() ? 1 : 0;
    ROOTLET_TRY(code_raw(coder_.coder(), given, 1));
    if (given == 0) return ok();
    NumberLaw law = known.value_or(NumberLaw());
    law.column = static_cast<std::size_t>(coder_.number(law.column, kLawQuestion, {0}));
    law.base = coder_.difference(law.base, kLawQuestion + 1, {0}, {});
    law.per_mille =
        static_cast<std::int32_t>(coder_.difference(law.per_mille, kLawQuestion + 2, {0}, {}));
    if (law.column >= schema_.columns.size()) {
      return fail(ErrorCode::kUntrusted, "a law for no column");
    }
    rows_->cells().set_law(law);
    return ok();
  }

 private:
  static constexpr std::uint32_t kLawQuestion = 50;

  Result<std::vector<RowBlock>> read_learned(BaseRows& base) {
    const std::vector<Rid> all = learned_rids(preamble_, plan_);
    std::vector<RowBlock> blocks;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < all.size() && bytes < kLearnedBytes; at += kSlice) {
      ROOTLET_TRY(RowBlock block,
                  base.find(std::span(all).subspan(at, std::min(kSlice, all.size() - at))));
      bytes += text_bytes(block);
      blocks.push_back(std::move(block));
    }
    return blocks;
  }

  static std::vector<const ModelRow*> evenly(const std::vector<std::unique_ptr<ModelRow>>& rows) {
    std::vector<const ModelRow*> some;
    const std::size_t wanted = std::min(kProfileRows, rows.size());
    for (std::size_t i = 0; i < wanted; ++i) some.push_back(rows[i * rows.size() / wanted].get());
    return some;
  }

  const SectionSchema& schema_;
  Preamble preamble_;
  ModelCoder coder_;
  ModelCosts costs_;
  RowPlan plan_;
  std::vector<ColumnProfile> profiles_;
  std::optional<RowCoder> rows_;
};

std::uint64_t raw_bytes_of(const ModelRow& row) {
  std::uint64_t bytes = kRowOverhead;
  for (std::size_t c = 0; c < row.size(); ++c) bytes += kCellOverhead + row[c].value.text.size();
  return bytes;
}

// --- writing -------------------------------------------------------------------------------------

Preamble plan_preamble(const SectionSchema& schema, const RowPlan& plan, const BaseTable& base,
                       std::size_t learned_rows) {
  Preamble preamble;
  preamble.fingerprint = fingerprint_bits(schema);
  preamble.bound = base.bound();
  const std::size_t changed = plan.deletes.size() + plan.updates.size() + plan.inserts.size();
  if (preamble.bound > 0 && learned_rows > 0) {
    const std::size_t wanted = std::bit_ceil(std::max(32 * changed, kMinSample));
    const std::size_t most =
        changed < kTeaches ? learned_rows : std::min(learned_rows, kMinLearned);
    const std::size_t sample = std::min({wanted, std::bit_floor(most), kMaxSample});
    preamble.sample_log = static_cast<std::uint64_t>(std::bit_width(sample)) - 1;
  }
  const std::size_t cells = (2 * preamble.sample_rows() + changed) * schema.columns.size();
  const int log = std::clamp(static_cast<int>(std::bit_width(cells)) + 5, Predictor::kMinTableLog,
                             Predictor::kMaxTableLog);
  preamble.table_log = static_cast<std::uint64_t>(log - Predictor::kMinTableLog);
  return preamble;
}

class ModelledEncoder {
 public:
  ModelledEncoder(const SectionChanges& changes, const SectionChanges& first, BaseTable& base,
                  std::size_t learned_rows)
      : learned_rows_(learned_rows),
        changes_(changes),
        first_(first),
        base_(base),
        row_(changes.schema.columns.size()),
        other_(changes.schema.columns.size()) {}

  Result<ModelledBody> encode() {
    RowPlan plan{first_.deletes, changes_.updated_new.rids, first_.inserts.rids};
    Preamble preamble = plan_preamble(changes_.schema, plan, base_, learned_rows_);
    ArithmeticCoder coder = ArithmeticCoder::writer();
    ROOTLET_TRY(preamble.code(coder));
    ModelledSection section(changes_.schema, preamble, std::move(coder));
    section.plan() = std::move(plan);
    ROOTLET_TRY(section.code_plan(&changes_ == &first_, ~0ULL));
    ROOTLET_TRY(section.learn(base_));
    ROOTLET_TRY(section.code_law(find_law()));
    raw_bytes_ = kRowOverhead * first_.deletes.size();
    ROOTLET_TRY(encode_updates(section));
    ROOTLET_TRY(encode_inserts(section));
    return ModelledBody{section.coder().coder().finish(), raw_bytes_, section.costs()};
  }

 private:
  // A cell that no reader would take is the caller's mistake.
  Status take_row() {
    for (std::size_t c = 0; c < row_.size(); ++c) {
      const ColumnSpec& column = changes_.schema.columns[c];
      const CellView& value = row_[c].value;
      const bool is_kind = row_[c].is_null() ||
                           (value.kind == CellView::Kind::kInteger) == holds_integers(column.type);
      const bool is_text = column.type == ColumnType::kBytes || is_utf8(value.text);
      if (is_kind && is_text && value.text.size() <= limits::kCellBytes) continue;
      return bad_input("column " + column.name + ": a cell is not what the column holds",
                       column.name);
    }
    raw_bytes_ += raw_bytes_of(row_);
    return ok();
  }

  Status encode_updates(ModelledSection& section) {
    for (std::size_t i = 0; i < changes_.updated_new.rids.size(); ++i) {
      row_.view(changes_.updated_new, i);
      other_.view(changes_.updated_old, i);
      ROOTLET_TRY(take_row());
      section.rows().update(row_, other_);
    }
    return ok();
  }

  Status encode_inserts(ModelledSection& section) {
    const RowBlock& inserts = changes_.inserts;
    if (first_.inserts.rids.empty()) return ok();
    ROOTLET_TRY(const std::vector<Parent> parents,
                find_parents(inserts, first_.deletes, section.profiles(), base_));
    ParentCoder parent_coder(section.coder(), first_.deletes.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
      row_.view(inserts, i);
      ROOTLET_TRY(take_row());
      section.coder().predictor().measure(&section.costs().parents);
      ROOTLET_TRY(const Parent parent, parent_coder.code(parents[i]));
      RowBlock found;
      if (parent.kind != Parent::Kind::kNone) {
        const bool kept = parent.kind == Parent::Kind::kKept;
        const Rid rid =
            kept ? parent.value : first_.deletes[static_cast<std::size_t>(parent.value)];
        ROOTLET_TRY(found, base_.find(std::span(&rid, 1)));
        other_.view(found, 0);
      }
      section.rows().insert(row_, parent, found.rids.empty() ? nullptr : &other_);
    }
    return ok();
  }

  // A column whose new values mostly follow from the old ones.
  std::optional<NumberLaw> find_law() const;
  std::optional<NumberLaw> law_of(std::size_t column) const;

  std::size_t learned_rows_;
  const SectionChanges& changes_;
  const SectionChanges& first_;
  BaseTable& base_;
  ModelRow row_, other_;
  std::uint64_t raw_bytes_ = 0;
};

struct Step {
  std::int64_t before = 0, after = 0;
};

std::size_t different_rests(std::span<const Step> steps, const NumberLaw& law) {
  std::vector<std::int64_t> rests;
  for (const Step& step : steps) {
    rests.push_back(step.after - step.before - (step.before - law.base) * law.per_mille / 1'000);
  }
  std::sort(rests.begin(), rests.end());
  return static_cast<std::size_t>(std::unique(rests.begin(), rests.end()) - rests.begin());
}

// Tries shares in per mille of what lies above the commonest old value; the best leaves the fewest
// different rests.
std::optional<NumberLaw> ModelledEncoder::law_of(std::size_t column) const {
  constexpr std::size_t kFewest = 50, kMost = 2'000;
  constexpr std::int64_t kSafe = 1LL << 40;
  std::vector<Step> steps;
  std::map<std::int64_t, std::size_t> olds;
  const std::size_t rows = changes_.updated_new.rids.size();
  for (std::size_t i = 0; i < rows; i += rows / kMost + 1) {
    const CellView before = changes_.updated_old.columns[column].at(i);
    const CellView after = changes_.updated_new.columns[column].at(i);
    const bool is_step = before.kind == CellView::Kind::kInteger && after.kind == before.kind &&
                         before != after && std::abs(before.integer) < kSafe &&
                         std::abs(after.integer) < kSafe;
    if (!is_step) continue;
    steps.push_back({before.integer, after.integer});
    ++olds[before.integer];
  }
  if (steps.size() < kFewest) return std::nullopt;
  NumberLaw best{.column = column};
  const auto commonest = std::max_element(
      olds.begin(), olds.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::size_t fewest = different_rests(steps, best) * 3 / 4;  // a law must be worth its bytes
  for (std::int32_t per_mille = -200; per_mille <= 200; ++per_mille) {
    const NumberLaw law{column, commonest->first, per_mille};
    const std::size_t rests = different_rests(steps, law);
    if (per_mille == 0 || rests >= fewest) continue;
    fewest = rests;
    best = law;
  }
  if (best.per_mille == 0) return std::nullopt;
  return best;
}

std::optional<NumberLaw> ModelledEncoder::find_law() const {
  for (std::size_t c = 0; c < changes_.schema.columns.size(); ++c) {
    if (!holds_integers(changes_.schema.columns[c].type)) continue;
    if (const std::optional<NumberLaw> law = law_of(c)) return law;
  }
  return std::nullopt;
}

// --- reading -------------------------------------------------------------------------------------

class ModelledDecoder {
 public:
  ModelledDecoder(ModelledSection& section, const SectionSchema& schema, std::uint64_t raw_bytes,
                  BaseRows& base, ChangeSink& sink)
      : section_(section),
        schema_(schema),
        left_(raw_bytes),
        base_(base),
        sink_(sink),
        row_(schema.columns.size()),
        other_(schema.columns.size()) {}

  Status decode() {
    const RowPlan& plan = section_.plan();
    ROOTLET_TRY(spend(kRowOverhead * plan.deletes.size()));
    ROOTLET_TRY(hand_deletes(plan.deletes));
    ROOTLET_TRY(hand_updates(plan.updates));
    ROOTLET_TRY(hand_inserts());
    if (left_ > 0) return fail(ErrorCode::kUntrusted, "it makes less than declared");
    return section_.coder().coder().expect_end();
  }

 private:
  Status spend(std::uint64_t bytes) {
    if (bytes > left_) return fail(ErrorCode::kUntrusted, "it makes more than declared");
    left_ -= bytes;
    return ok();
  }

  Result<RowBlock> held_rows(std::span<const Rid> rids) {
    ROOTLET_TRY(RowBlock rows, base_.find(rids));
    if (rows.rids.size() != rids.size()) {
      return fail(ErrorCode::kUntrusted, "speaks of rows that are not held here");
    }
    return rows;
  }

  Status hand_deletes(std::span<const Rid> rids) {
    for (std::size_t at = 0; at < rids.size(); at += kSlice) {
      ROOTLET_TRY(const RowBlock rows,
                  held_rows(rids.subspan(at, std::min(kSlice, rids.size() - at))));
      ROOTLET_TRY(sink_.remove(rows));
    }
    return ok();
  }

  RowBlock empty_block() const {
    return {.rids = {}, .columns = std::vector<CellColumn>(schema_.columns.size())};
  }

  Status take_row(Rid rid, RowBlock& block) {
    ROOTLET_TRY(section_.rows().state());
    ROOTLET_TRY(section_.coder().coder().state());
    ROOTLET_TRY(spend(raw_bytes_of(row_)));
    block.rids.push_back(rid);
    for (std::size_t c = 0; c < block.columns.size(); ++c) block.columns[c].push(row_[c].value);
    return ok();
  }

  Status hand_updates(std::span<const Rid> rids) {
    for (std::size_t at = 0; at < rids.size();) {
      ROOTLET_TRY(const RowBlock olds,
                  held_rows(rids.subspan(at, std::min(kSlice, rids.size() - at))));
      RowBlock news = empty_block();
      for (std::size_t i = 0; i < olds.rids.size(); ++i) {
        other_.view(olds, i);
        section_.rows().cells().set_room(left_);
        section_.rows().update(row_, other_);
        ROOTLET_TRY(take_row(olds.rids[i], news));
      }
      ROOTLET_TRY(sink_.update(olds, news));
      at += olds.rids.size();
    }
    return ok();
  }

  Status hand_inserts() {
    const RowPlan& plan = section_.plan();
    if (plan.inserts.empty()) return ok();
    ParentCoder parents(section_.coder(), plan.deletes.size());
    RowBlock block = empty_block();
    for (std::size_t i = 0; i < plan.inserts.size(); ++i) {
      section_.coder().predictor().measure(&section_.costs().parents);
      ROOTLET_TRY(const Parent parent, parents.code({}));
      RowBlock found;
      if (parent.kind != Parent::Kind::kNone) {
        const bool kept = parent.kind == Parent::Kind::kKept;
        const Rid rid = kept ? parent.value : plan.deletes[static_cast<std::size_t>(parent.value)];
        ROOTLET_TRY(found, held_rows(std::span(&rid, 1)));
        other_.view(found, 0);
      }
      section_.rows().cells().set_room(left_);
      section_.rows().insert(row_, parent, found.rids.empty() ? nullptr : &other_);
      ROOTLET_TRY(take_row(plan.inserts[i], block));
      const bool full = block.rids.size() >= kSlice || text_bytes(block) >= limits::kMiB;
      if (!full && i + 1 < plan.inserts.size()) continue;
      ROOTLET_TRY(sink_.insert(block));
      block = empty_block();
    }
    return ok();
  }

  ModelledSection& section_;
  const SectionSchema& schema_;
  std::uint64_t left_;
  BaseRows& base_;
  ChangeSink& sink_;
  ModelRow row_, other_;
};

}  // namespace

Result<ModelledBody> encode_modelled(const SectionChanges& changes, const SectionChanges& first,
                                     BaseTable& base, std::size_t learned_rows) {
  return ModelledEncoder(changes, first, base, learned_rows).encode();
}

Status decode_modelled(ArithmeticCoder::Source source, const SectionSchema& schema,
                       bool first_section, std::uint64_t raw_bytes, BaseRows& base, RowLists& lists,
                       ChangeSink& sink, ModelCosts* costs) {
  ArithmeticCoder coder = ArithmeticCoder::reader(std::move(source));
  Preamble preamble;
  ROOTLET_TRY(preamble.code(coder));
  if (preamble.fingerprint != fingerprint_bits(schema)) {
    return fail(ErrorCode::kUntrusted,
                "the pack was made for other columns than the catalogue here names");
  }
  const bool sane = preamble.sample_rows() <= kMaxSample && preamble.bound <= limits::kMaxRid + 1 &&
                    preamble.table_log <= Predictor::kMaxTableLog - Predictor::kMinTableLog;
  if (!sane) return fail(ErrorCode::kUntrusted, "its preamble is out of range");
  ModelledSection section(schema, preamble, std::move(coder));
  if (!first_section) {
    section.plan().deletes = lists.deletes;
    section.plan().inserts = lists.inserts;
  }
  ROOTLET_TRY(section.code_plan(first_section, raw_bytes / kRowOverhead));
  if (first_section) lists = {section.plan().deletes, section.plan().inserts};
  ROOTLET_TRY(section.learn(base));
  ROOTLET_TRY(section.code_law(std::nullopt));
  ROOTLET_TRY(ModelledDecoder(section, schema, raw_bytes, base, sink).decode());
  if (costs != nullptr) *costs = section.costs();
  return ok();
}

}  // namespace rootlet
