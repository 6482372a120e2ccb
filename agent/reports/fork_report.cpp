// The record is a built-in "incident", sent, shown and answered like any other.
#include "agent/reports/fork_report.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "sync/uplink/form/kinds.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kNamedForks = 20;  // a note has at most 4,000 characters

std::string note_of(const std::vector<RealmFork>& forks) {
  std::string note =
      "The realm has signed two contents under one version, as after a copy of it was put back or "
      "its keys were stolen. "
      "This office took the newer one: ";
  for (std::size_t i = 0; i < std::min(forks.size(), kNamedForks); ++i) {
    note += (i == 0 ? "" : ", ") + forks[i].stream.text() + "#" + std::to_string(forks[i].version);
  }
  if (forks.size() > kNamedForks) {
    note += " and " + std::to_string(forks.size() - kNamedForks) + " more";
  }
  return note;
}

}  // namespace

Status report_forks(Office& office, const std::vector<RealmFork>& forks) {
  if (forks.empty()) return ok();
  const std::string note = note_of(forks);
  log_warning("sync: " + note);
  const UnixTime now = office.time().now;
  const FormDefinition& form = *builtin_form("incident");
  Record record{.id = "",
                .kind = "incident",
                .form = form.id,
                .form_version = form.version,
                .at = now,
                .values = {{"what", "other"}, {"noticed_at", format_time(now)}, {"note", note}}};
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(outbox.save(form, std::move(record), now));
  return remember_outbox(office.keys(), outbox, now);
}

Text realm_fork_advice() {
  return {
      .en =
          "the platform shows another content under a version that is held here: it was "
          "put back from an older copy, or recovered from a theft of its keys. The realm's own "
          "content was taken, and the platform is "
          "informed by an incident record",
      .zh =
          "平台在本机已持有的版本号下发布了不同内容，说明平台曾从旧备份恢复，或密钥被盗后已恢复。"
          "本机已采用较新的内容，并已用安全事件记录报告平台"};
}

}  // namespace rootlet::agent
