// Decodes a modelled body (docs/FORMATS.md, "Modelled body") with the same ModelledSection as the
// encoder.
#include <algorithm>

#include "core/limits.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/modelled/modelled_body.hpp"
#include "sync/pack/modelled/modelled_section.hpp"

namespace rootlet {
namespace {

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
    ROOTLET_TRY(count_raw(kModelledRowBytes * plan.deletes.size()));
    ROOTLET_TRY(emit_deletes(plan.deletes));
    ROOTLET_TRY(emit_updates(plan.updates));
    ROOTLET_TRY(emit_inserts());
    if (left_ > 0) return fail(ErrorCode::kUntrusted, "it makes less than declared");
    return section_.coder().coder().expect_end();
  }

 private:
  Status count_raw(std::uint64_t bytes) {
    if (bytes > left_) return fail(ErrorCode::kUntrusted, "it makes more than declared");
    left_ -= bytes;
    return ok();
  }

  Result<RowBlock> base_rows(std::span<const Rid> rids) {
    ROOTLET_TRY(RowBlock rows, base_.find(rids));
    if (rows.rids.size() != rids.size()) {
      return fail(ErrorCode::kUntrusted, "refers to rows that are not held here");
    }
    return rows;
  }

  Status emit_deletes(std::span<const Rid> rids) {
    for (std::size_t at = 0; at < rids.size(); at += kModelledSlice) {
      ROOTLET_TRY(RowBlock rows,
                  base_rows(rids.subspan(at, std::min(kModelledSlice, rids.size() - at))));
      ROOTLET_TRY(sink_.remove(std::move(rows)));
    }
    return ok();
  }

  RowBlock empty_block() const {
    return {.rids = {}, .columns = std::vector<CellColumn>(schema_.columns.size())};
  }

  Status take_row(Rid rid, RowBlock& block) {
    ROOTLET_TRY(section_.rows().state());
    ROOTLET_TRY(section_.coder().coder().state());
    ROOTLET_TRY(count_raw(raw_bytes_of(row_)));
    block.rids.push_back(rid);
    for (std::size_t c = 0; c < block.columns.size(); ++c) block.columns[c].push(row_[c].value);
    return ok();
  }

  Status emit_updates(std::span<const Rid> rids) {
    for (std::size_t at = 0; at < rids.size();) {
      ROOTLET_TRY(RowBlock old_rows,
                  base_rows(rids.subspan(at, std::min(kModelledSlice, rids.size() - at))));
      RowBlock new_rows = empty_block();
      for (std::size_t i = 0; i < old_rows.rids.size(); ++i) {
        other_.view(old_rows, i);
        section_.rows().cells().set_text_budget(left_);
        section_.rows().update(row_, other_);
        ROOTLET_TRY(take_row(old_rows.rids[i], new_rows));
      }
      at += old_rows.rids.size();
      ROOTLET_TRY(sink_.update(std::move(old_rows), std::move(new_rows)));
    }
    return ok();
  }

  Status emit_inserts() {
    const RowPlan& plan = section_.plan();
    if (plan.inserts.empty()) return ok();
    ReferenceCoder references(section_.coder(), plan.deletes.size());
    RowBlock block = empty_block();
    for (std::size_t i = 0; i < plan.inserts.size(); ++i) {
      section_.coder().predictor().measure(&section_.costs().references);
      ROOTLET_TRY(const ReferenceRow reference, references.code({}));
      RowBlock found;
      if (reference.kind != ReferenceRow::Kind::kNone) {
        const bool kept = reference.kind == ReferenceRow::Kind::kKept;
        const Rid rid =
            kept ? reference.value : plan.deletes[static_cast<std::size_t>(reference.value)];
        ROOTLET_TRY(found, base_rows(std::span(&rid, 1)));
        other_.view(found, 0);
      }
      section_.rows().cells().set_text_budget(left_);
      section_.rows().insert(row_, reference, found.rids.empty() ? nullptr : &other_);
      ROOTLET_TRY(take_row(plan.inserts[i], block));
      const bool full = block.rids.size() >= kModelledSlice || text_bytes(block) >= limits::kMiB;
      if (!full && i + 1 < plan.inserts.size()) continue;
      ROOTLET_TRY(sink_.insert(std::exchange(block, empty_block())));
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

Status decode_modelled(ArithmeticCoder::Source source, const SectionSchema& schema,
                       bool first_section, std::uint64_t raw_bytes, BaseRows& base, RowLists& lists,
                       ChangeSink& sink, ModelCosts* costs) {
  ArithmeticCoder coder = ArithmeticCoder::reader(std::move(source));
  Preamble preamble;
  ROOTLET_TRY(preamble.code(coder));
  ROOTLET_TRY(preamble.check(schema));
  ModelledSection section(schema, preamble, std::move(coder));
  if (!first_section) {
    section.plan().deletes = lists.deletes;
    section.plan().inserts = lists.inserts;
  }
  ROOTLET_TRY(section.code_plan(first_section, raw_bytes / kModelledRowBytes));
  if (first_section) lists = {section.plan().deletes, section.plan().inserts};
  ROOTLET_TRY(section.prime(base));
  ROOTLET_TRY(section.code_linear_predictor(std::nullopt));
  ROOTLET_TRY(ModelledDecoder(section, schema, raw_bytes, base, sink).decode());
  if (costs != nullptr) *costs = section.costs();
  return ok();
}

}  // namespace rootlet
