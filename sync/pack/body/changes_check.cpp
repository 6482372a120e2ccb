// Checks changes before they are encoded: rows in order, the same rows in all sections.
#include "core/limits.hpp"
#include "sync/pack/body/body.hpp"

namespace rootlet {
namespace {

Error contradiction(std::string_view detail) {
  return bad_input("build pack: " + std::string(detail), "changes");
}

Status check_rids(std::span<const Rid> rids, std::string_view what) {
  for (std::size_t i = 0; i < rids.size(); ++i) {
    if (rids[i] > limits::kMaxRid || (i > 0 && rids[i] <= rids[i - 1])) {
      return contradiction("rows of " + std::string(what) + " are not ascending and in range");
    }
  }
  return ok();
}

Status check_cells(const RowBlock& rows, std::size_t count, const SectionSchema& schema) {
  if (count == 0) return ok();
  if (rows.columns.size() != schema.columns.size()) {
    return contradiction("rows have other columns than the schema");
  }
  for (const CellColumn& column : rows.columns) {
    if (column.size() != count) return contradiction("a column has another number of cells");
  }
  return ok();
}

}  // namespace

Status check_changes(const SectionChanges& changes, const SectionChanges& first) {
  if (changes.schema.columns.size() > limits::kColumns) {
    return contradiction("a section has too many columns");
  }
  ROOTLET_TRY(check_rids(changes.deletes, "deletes"));
  ROOTLET_TRY(check_rids(changes.inserts.rids, "inserts"));
  ROOTLET_TRY(check_rids(changes.updated_new.rids, "updates"));
  ROOTLET_TRY(check_cells(changes.updated_old, changes.updated_new.rids.size(), changes.schema));
  ROOTLET_TRY(check_cells(changes.updated_new, changes.updated_new.rids.size(), changes.schema));
  ROOTLET_TRY(check_cells(changes.inserts, first.inserts.rids.size(), changes.schema));
  if (changes.updated_old.rids != changes.updated_new.rids) {
    return contradiction("old and new rows of updates are not the same rows");
  }
  if (&changes == &first) return ok();
  if (!changes.deletes.empty()) return contradiction("only the first section names deletes");
  if (!changes.inserts.rids.empty() && changes.inserts.rids != first.inserts.rids) {
    return contradiction("sections insert different rows");
  }
  return ok();
}

}  // namespace rootlet
