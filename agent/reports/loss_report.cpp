// The lock comes first: a power cut before the incident is in the outbox leaves that to the next
// cycle.
#include "agent/reports/loss_report.hpp"

#include "core/format/json.hpp"
#include "core/log.hpp"
#include "sync/uplink/form/kinds.hpp"

namespace rootlet::agent {

Status report_loss(Office& office, const std::string& reason) {
  if (reason.empty() || reason.size() > kLossReasonBytes || !is_utf8(reason)) {
    return bad_input("reason: 1 to 1000 bytes of UTF-8", "reason",
                     {.en = "Say in a few words what happened.", .zh = "请简要说明情况。"});
  }
  if (!office.loss().record.empty()) return ok();
  ROOTLET_TRY(
      office.save_loss({.record = new_record_id(), .at = office.time().now, .reason = reason}));
  log_warning("this machine was reported lost: its data is locked");
  return ok();
}

Status file_loss(Office& office) {
  const LossReport& loss = office.loss();
  if (loss.record.empty()) return ok();
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  if (outbox.show(loss.record).has_value()) return ok();
  const FormDefinition& form = *builtin_form("incident");
  Record record{
      .id = loss.record,
      .kind = "incident",
      .form = form.id,
      .form_version = form.version,
      .at = loss.at,
      .values = {{"what", "loss"}, {"noticed_at", format_time(loss.at)}, {"note", loss.reason}}};
  const UnixTime now = office.time().now;
  ROOTLET_TRY(outbox.save(form, std::move(record), now));
  return remember_outbox(office.keys(), outbox, now);
}

}  // namespace rootlet::agent
