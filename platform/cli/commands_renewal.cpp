// The commands that keep online signatures from ending: expiry, renew.
#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/repository/repository.hpp"
#include "platform/repository/role_ends.hpp"

namespace rootlet::platform {
namespace {

std::string_view word_for(EndState state) {
  if (state == EndState::kOver) return "over";
  return state == EndState::kNear ? "near" : "ok";
}

Status run_expiry(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::vector<RoleEnd> ends, role_ends(realm.serving()));
  const UnixTime now = run.now();
  json::array roles;
  TextTable table = table_of(run.output, {"ROLE", "ENDS", "STATE"}, {"角色", "到期", "状态"});
  for (const RoleEnd& end : ends) {
    const std::string when = format_time(end.expires);
    const std::string state(word_for(decide_end(end, now)));
    roles.push_back(json::object{{"role", end.role}, {"expires", when}, {"state", state}});
    table.add({end.role, when, state});
  }
  const std::vector<Text> warnings = end_warnings(ends, now);
  ROOTLET_TRY(
      run.output.report(json::object{{"ok", warnings.empty()}, {"roles", roles}}, table, ""));
  if (warnings.empty()) return ok();
  return fail(ErrorCode::kUntrusted, run.output.words(warnings.front()));
}

Status run_renew(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  const UnixTime now = run.now();
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(const bool renewed, renew_repository(realm, now));
  return run.output.report(
      json::object{{"renewed", renewed}},
      renewed ? "Metadata was signed again.\n" : "Nothing is old enough to be signed again.\n");
}

}  // namespace

std::vector<Command> renewal_commands() {
  return {
      {.name = "expiry",
       .summary = {.en = "Show when each signature of the realm ends",
                   .zh = "显示域内各签名角色的到期时间"},
       .details = {.en =
                       "Exit 4 if one is near its end: root and targets from 60 days before, the "
                       "others when their automatic renewal is overdue. Run it daily, for example "
                       "by cron.",
                   .zh = "任一角色临近到期时退出码为 4：root 和 targets 提前 60 天，其余在自动续签"
                         "逾期时。建议每日定时运行。"},
       .example = {.en = "rootlet-platform --realm /srv/realm expiry"},
       .run = with_clock(run_expiry)},
      {.name = "renew",
       .summary = {.en = "Sign again now what grows old", .zh = "立即续签即将到期的元数据"},
       .details = {.en = "A running `serve` does this by itself; this is for a realm that is only "
                         "copied to a mirror, and after a wrong clock, with --accept-clock.",
                   .zh = "运行中的 serve 会自动续签；本命令用于只向镜像复制的域，以及时钟出错之后"
                         "（加 --accept-clock）。"},
       .example = {.en = "rootlet-platform --realm /srv/realm renew"},
       .run = with_bucket(run_renew)}};
}

}  // namespace rootlet::platform
