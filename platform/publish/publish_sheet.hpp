// What a publish found and did, for programs: its report, its refusal, and its reconciliation
// sheet, which stays. No value of a row is in any of them.
#pragma once

#include "core/format/json.hpp"
#include "platform/publish/publisher.hpp"

namespace rootlet::platform {

// The share of the rows before that were changed or removed: "12.3 %", rounded up so that a share
// above a limit never looks like the limit.
std::string share_text(const PublishReport& report);
json::object json_report(const PublishReport& report);
json::object json_refusal(const PublishReport& report);
// Why a doubtful state was refused, and what to do.
Error refusal(const PublishReport& report);
Error not_marked_error(const Error& why);  // PublishReport::not_marked, for people
// JSON: when, from where, and the result "published", "unchanged", "refused" or "failed".
std::string publish_sheet(UnixTime at, const std::string& source,
                          const Result<PublishReport>& published);

}  // namespace rootlet::platform
