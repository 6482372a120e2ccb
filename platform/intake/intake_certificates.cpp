// What machines report of themselves among the records: disposal certificates, for "who still holds
// it", and losses.
#include "core/format/json_values.hpp"
#include "platform/intake/intake.hpp"
#include "platform/intake/rows/intake_rows.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

Certificate certificate_of(const IntakeRecord& held) {
  const json::object& values = held.record.values;
  Certificate out{.office = held.office,
                  .dataset = text_at(values, "dataset"),
                  .record = held.record.id,
                  .grant_version = static_cast<std::uint64_t>(integer_at(values, "grant_version")),
                  .reason = text_at(values, "reason"),
                  .partitions = text_at(values, "partitions"),
                  .received_at = held.received_at};
  if (values.contains("rows")) {
    out.rows = static_cast<std::uint64_t>(integer_at(values, "rows"));
  }
  const Result<UnixTime> at = parse_time(text_at(values, "disposed_at"));
  if (at.has_value()) out.disposed_at = at.value();
  return out;
}

ReportedLoss loss_in(const IntakeRecord& held) {
  const json::object& values = held.record.values;
  ReportedLoss loss{
      .record = held.record.id, .reason = text_at(values, "note"), .received_at = held.received_at};
  const Result<UnixTime> at = parse_time(text_at(values, "noticed_at"));
  if (at.has_value()) loss.noticed_at = at.value();
  return loss;
}

}  // namespace

Result<std::vector<Certificate>> Intake::certificates(const std::string& dataset) {
  ROOTLET_TRY(Statement statement,
              records_->prepare("SELECT " + std::string(kStoredColumns) +
                                "FROM records WHERE form='disposal' AND state=? ORDER BY number"));
  statement.bind_all(IntakeState::kAccepted);
  std::vector<Certificate> out;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return out;
    ROOTLET_TRY(const StoredRecord stored, read_stored(statement));
    Certificate certificate = certificate_of(stored.intake);
    if (certificate.dataset == dataset) out.push_back(std::move(certificate));
  }
}

Result<std::map<std::string, ReportedLoss>> Intake::losses() {
  ROOTLET_TRY(Statement statement,
              records_->prepare("SELECT " + std::string(kStoredColumns) +
                                "FROM records WHERE form='incident' ORDER BY number"));
  std::map<std::string, ReportedLoss> out;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return out;
    ROOTLET_TRY(const StoredRecord stored, read_stored(statement));
    if (text_at(stored.intake.record.values, "what") != "loss") continue;
    out.insert_or_assign(stored.intake.office, loss_in(stored.intake));
  }
}

Result<std::optional<UnixTime>> Intake::last_batch(const std::string& office) {
  ROOTLET_TRY(Statement statement,
              inbox_.prepare("SELECT max(at) FROM (SELECT max(received_at) AS at FROM batches WHERE"
                             " office=?1 UNION SELECT max(received_at) FROM kept_batches WHERE"
                             " office=?1) AS arrivals"));
  statement.bind_all(office);
  ROOTLET_TRY(const bool row, statement.step());
  if (!row || statement.is_null(0)) return std::optional<UnixTime>();
  return std::optional(time_at(statement, 0));
}

}  // namespace rootlet::platform
