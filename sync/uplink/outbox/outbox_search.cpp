// Records that the platform has not accepted, for a search among them.
#include "storage/row_values.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {

Result<bool> Outbox::visit_not_accepted(std::size_t most, const RecordVisitor& visit) {
  ROOTLET_TRY(Statement select,
              database_.prepare("SELECT " + std::string(outbox::kRecordColumns) +
                                "FROM records WHERE state<>?1 ORDER BY rowid DESC LIMIT ?2"));
  select.bind_all(RecordState::kAccepted, most + 1);
  for (std::size_t seen = 0;; ++seen) {
    ROOTLET_TRY(const bool found, select.step());
    if (!found) return true;
    if (seen == most) return false;
    ROOTLET_TRY(const outbox::RecordRow row, outbox::read_row(select));
    if (!visit(outbox::summary_of(row), row.record.values)) return true;
  }
}

}  // namespace rootlet
