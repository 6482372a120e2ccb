// Encodes a modelled body (docs/FORMATS.md, "Modelled body").
#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/modelled/modelled_body.hpp"
#include "sync/pack/modelled/modelled_section.hpp"
#include "sync/pack/modelled/reference_finder.hpp"

namespace rootlet {
namespace {

class ModelledEncoder {
 public:
  ModelledEncoder(const SectionChanges& changes, const SectionChanges& first, BaseTable& base,
                  std::size_t priming_rows)
      : priming_rows_(priming_rows),
        changes_(changes),
        first_(first),
        base_(base),
        row_(changes.schema.columns.size()),
        other_(changes.schema.columns.size()) {}

  Result<ModelledBody> encode() {
    RowPlan plan{first_.deletes, changes_.updated_new.rids, first_.inserts.rids};
    Preamble preamble = Preamble::plan(changes_.schema, plan, base_, priming_rows_);
    ArithmeticCoder coder = ArithmeticCoder::writer();
    ROOTLET_TRY(preamble.code(coder));
    ModelledSection section(changes_.schema, preamble, std::move(coder));
    section.plan() = std::move(plan);
    ROOTLET_TRY(section.code_plan(&changes_ == &first_, ~0ULL));
    ROOTLET_TRY(section.prime(base_));
    ROOTLET_TRY(section.code_linear_predictor(find_linear_predictor(changes_)));
    raw_bytes_ = kModelledRowBytes * first_.deletes.size();
    ROOTLET_TRY(encode_updates(section));
    ROOTLET_TRY(encode_inserts(section));
    return ModelledBody{section.coder().coder().finish(), raw_bytes_, section.costs(),
                        std::move(reference_rids_)};
  }

 private:
  // A cell that no reader would accept is the caller's error.
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
    ROOTLET_TRY(const std::vector<ReferenceRow> references,
                find_references(inserts, first_.deletes, section.statistics(), base_));
    ReferenceCoder reference_coder(section.coder(), first_.deletes.size());
    for (std::size_t i = 0; i < references.size(); ++i) {
      row_.view(inserts, i);
      ROOTLET_TRY(take_row());
      section.coder().predictor().measure(&section.costs().references);
      ROOTLET_TRY(const ReferenceRow reference, reference_coder.code(references[i]));
      RowBlock found;
      reference_rids_.push_back(ReferenceRows::kNoReference);
      if (reference.kind != ReferenceRow::Kind::kNone) {
        const bool kept = reference.kind == ReferenceRow::Kind::kKept;
        const Rid rid =
            kept ? reference.value : first_.deletes[static_cast<std::size_t>(reference.value)];
        reference_rids_.back() = rid;
        ROOTLET_TRY(found, base_.find(std::span(&rid, 1)));
        other_.view(found, 0);
      }
      section.rows().insert(row_, reference, found.rids.empty() ? nullptr : &other_);
    }
    return ok();
  }

  std::size_t priming_rows_;
  const SectionChanges& changes_;
  const SectionChanges& first_;
  BaseTable& base_;
  ModelRow row_, other_;
  std::uint64_t raw_bytes_ = 0;
  std::vector<Rid> reference_rids_;
};

}  // namespace

Result<ModelledBody> encode_modelled(const SectionChanges& changes, const SectionChanges& first,
                                     BaseTable& base, std::size_t priming_rows) {
  return ModelledEncoder(changes, first, base, priming_rows).encode();
}

}  // namespace rootlet
