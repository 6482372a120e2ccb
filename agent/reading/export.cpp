// One home for the rules of exports.
#include "agent/reading/export.hpp"

#include "core/format/export_mark.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {

Result<bool> is_export(Database& database, const VisibleRows& rows,
                       std::span<const Condition> conditions, const ReadRequest& request) {
  if (request.unmasked) return true;
  if (request.limit > 0 && request.limit <= limits::kScreenRows) return false;
  std::string sql = "SELECT count(*) FROM (SELECT 1 FROM " + rows.sql + where_sql(conditions) +
                    " LIMIT " + std::to_string(limits::kScreenRows + 1) + ")";
  ROOTLET_TRY(Statement count, database.prepare(sql));
  bind_values(count, conditions);
  ROOTLET_TRY(const bool row, count.step());
  return row && count.integer(0) > static_cast<std::int64_t>(limits::kScreenRows);
}

Status check_export(const Grant& grant, const ReadRequest& request, const Use& use,
                    UseRecorder& recorder) {
  if (grant.may_export) return recorder.check_exports(use, grant.caps.exports);
  const std::string most = std::to_string(limits::kScreenRows);
  const std::string what =
      request.unmasked ? "values without their mask" : "more than " + most + " rows";
  return Error(
      ErrorCode::kNotPermitted,
      what + " are an export, which the grant for dataset " + grant.dataset + " does not allow", {},
      {.en = "Ask for fewer rows (--where, --limit " + most +
             "), or ask the platform's operator for a grant with --export.",
       .zh =
           "请缩小范围（--where、--limit " + most + "），或向平台管理员申请带 --export 的授权。"});
}

json::object watermark(const Office& office, const Use& use, std::int64_t entry) {
  const Invitation& invitation = office.identity().invitation;
  const std::string name =
      invitation.office_name.empty() ? invitation.office_id : invitation.office_name;
  const std::string at = format_time(use.at);
  const Text line = export_mark_words(
      {.user = use.user, .office = name, .at = at, .purpose = use.purpose, .entry = entry});
  return {{"entry", entry}, {"office", invitation.office_id}, {"user", use.user},
          {"at", at},       {"purpose", use.purpose},         {"line", to_json(line)}};
}

}  // namespace rootlet::agent
