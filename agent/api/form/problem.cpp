#include "agent/api/form/problem.hpp"

#include <array>

namespace rootlet::agent {
namespace {

struct Row {
  ErrorCode code;
  int status;
  std::string_view en, zh;
};

constexpr std::array kRows = {
    Row{ErrorCode::kInternal, 500, "A defect of the program", "程序缺陷"},
    Row{ErrorCode::kUsage, 400, "The request is not one of this program", "请求不正确"},
    Row{ErrorCode::kUnreachable, 503, "Not reachable or not here yet", "暂时无法连接或尚未到达"},
    Row{ErrorCode::kUntrusted, 502, "What arrived is not what was signed", "内容与签名不符"},
    Row{ErrorCode::kNotPermitted, 403, "Not permitted", "没有权限"},
    Row{ErrorCode::kNoAccess, 403, "This caller may not use the agent", "不允许此来源使用"},
    Row{ErrorCode::kLeaseEnded, 403, "The lease has ended", "租期已结束"},
    Row{ErrorCode::kStorage, 500, "A file cannot be read or written", "文件无法读写"},
    Row{ErrorCode::kStorageFull, 507, "The disk is full", "磁盘已满"},
    Row{ErrorCode::kStorageDamaged, 500, "A file is damaged", "文件已损坏"},
    Row{ErrorCode::kBusy, 503, "Busy", "正忙"},
    Row{ErrorCode::kNotEnrolled, 409, "Not enrolled yet", "尚未注册"},
    Row{ErrorCode::kBadInput, 400, "The input does not satisfy its rules", "输入不符合规则"},
    Row{ErrorCode::kFork, 409, "The platform holds other records under this number",
        "平台在此序号下已有其他内容"},
};

const Row& row_of(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows.front();
}

// The messages of the program are English; in Chinese the rule or the title says what happened.
std::string detail_of(const Error& error, Language language) {
  const std::string hint = error.hint.empty() ? "" : error.hint.in(language);
  if (language == Language::kChinese) {
    return hint.empty() ? std::string(row_of(error.code).zh) : hint;
  }
  return hint.empty() ? error.message : error.message + ". " + hint;
}

}  // namespace

int status_of(const Error& error) {
  return row_of(error.code).status;
}

Text title_of(ErrorCode code) {
  const Row& row = row_of(code);
  return {.en = std::string(row.en), .zh = std::string(row.zh)};
}

json::object problem_json(const Error& error, int status, Language language) {
  json::object out{{"type", "/api/v1/problems/" + std::string(name_of(error.code))},
                   {"title", title_of(error.code).in(language)},
                   {"status", status},
                   {"detail", detail_of(error, language)},
                   {"code", name_of(error.code)},
                   {"remedy", advice_for(error.code).in(language)},
                   {"message", error.message}};
  if (!error.field.empty()) out["field"] = error.field;
  return out;
}

http::Reply problem_reply(const Error& error, int status, Language language) {
  http::Reply reply =
      http::bytes_reply(status, "application/problem+json",
                        to_bytes(json::serialize(problem_json(error, status, language))));
  reply.fields.push_back({"Content-Language", language == Language::kChinese ? "zh-CN" : "en"});
  if (status == 503) {
    const long seconds = error.retry_after_seconds > 0 ? error.retry_after_seconds : 5;
    reply.fields.push_back({"Retry-After", std::to_string(seconds)});
  }
  return reply;
}

http::Reply problem_reply(const Error& error, Language language) {
  return problem_reply(error, status_of(error), language);
}

}  // namespace rootlet::agent
