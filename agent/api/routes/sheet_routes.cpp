// POST /api/v1/sheets. What it read is in its answer, and nowhere else.
#include <malloc.h>

#include "agent/api/form/problem.hpp"
#include "agent/api/routes/handlers.hpp"
#include "agent/api/sheets/sheet_answer.hpp"
#include "agent/service/caller.hpp"
#include "core/log.hpp"

namespace rootlet::agent::routes {

Result<http::Reply> sheets(Api& api, ApiAsk& ask) {
  const Status may =
      check_roles(ask.caller.peer, "sheets", Role::kClerk, api.parts().context.settings);
  if (may.has_error()) {
    api.parts().doorkeeper.refusals().note(ask.caller.peer, "role");
    return may.error();
  }
  if (ask.body.empty()) {
    return bad_input("the request has no file", "body",
                     {.en = "Send the .xlsx or CSV file as the body.",
                      .zh = "请以请求正文发送 .xlsx 或 CSV 文件。"});
  }
  Result<SheetAnswer> read = read_uploaded_sheet(ask.body, ask.request.value("sheet"));
  const std::string size = std::to_string(ask.body.size()) + " bytes";
  if (read.has_error()) {
    log_info("api: a sheet of " + size + " was refused");
    return problem_reply(read.error(), 422, ask.request.language);
  }
  log_info("api: a sheet of " + size + ", " + std::to_string(read.value().rows) + " rows");
  http::Reply reply = http::bytes_reply(200, http::kJsonType, to_bytes(read.value().json));
  read = SheetAnswer{};
  ::malloc_trim(0);  // an idle agent keeps none of it
  return reply;
}

}  // namespace rootlet::agent::routes
