// The one table of error codes: name, remedy, exit code, advice in both languages.
#include "core/error.hpp"

#include <array>
#include <utility>

namespace rootlet {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code;
  Remedy remedy;
  std::string_view en;
  std::string_view zh;
};

constexpr std::array kRows = {
    Row{ErrorCode::kInternal, "internal", 1, Remedy::kRefuse,
        "This is a defect of the program. Nothing was changed; please report the message.",
        "这是程序缺陷。数据没有改变，请把上面的信息报告给维护人员。"},
    Row{ErrorCode::kUsage, "usage", 2, Remedy::kRefuse,
        "Nothing was changed. Correct the command or the configuration and run it again.",
        "没有做任何改变。请改正命令或配置后重新运行。"},
    Row{ErrorCode::kUnreachable, "unreachable", 3, Remedy::kRetry,
        "Local data and unsent records are kept; the agent tries again automatically.",
        "本地数据和未发送的记录都已保留，程序会自动重试。"},
    Row{ErrorCode::kUntrusted, "untrusted", 4, Remedy::kRefetch,
        "The bytes were refused and the last good version is kept. If this lasts, tell the "
        "platform's operator.",
        "已拒绝这些内容，保留上一个正确的版本。若持续出现，请通知平台管理员。"},
    Row{ErrorCode::kNotPermitted, "not_permitted", 5, Remedy::kWaitForOperator,
        "Nothing was read or changed. Ask the platform's operator for a grant that covers this.",
        "没有读取或改变任何内容。需要时请向平台管理员申请相应授权。"},
    Row{ErrorCode::kNoAccess, "no_access", 5, Remedy::kWaitForOperator,
        "Nothing was read or changed. The administrator of this machine gives access.",
        "没有读取或改变任何内容。使用权限由本机管理员决定。"},
    Row{ErrorCode::kLeaseEnded, "lease_ended", 5, Remedy::kRetry,
        "The data stays locked until the platform is reached again: run `rootlet sync`.",
        "数据已锁定，重新连接平台后才能使用：请运行 rootlet sync。"},
    Row{ErrorCode::kStorage, "storage", 6, Remedy::kWaitForOperator,
        "What was saved before is kept. Check the disk and the folder's owner; then try again.",
        "之前保存的内容都在。请检查磁盘和目录权限后重试。"},
    Row{ErrorCode::kStorageFull, "storage_full", 6, Remedy::kWaitForOperator,
        "What was saved before is kept, and nothing new was. Free some space; then try again.",
        "之前保存的内容都在，新内容没有保存。请清理磁盘空间后重试。"},
    Row{ErrorCode::kStorageDamaged, "storage_damaged", 6, Remedy::kRefetch,
        "What the damage did not reach is kept. `rootlet doctor` or `rootlet-platform verify` says "
        "what is damaged and what to do.",
        "未损坏的部分都已保留。请运行 rootlet doctor 或 rootlet-platform verify "
        "查看损坏情况和处理办法。"},
    Row{ErrorCode::kBusy, "busy", 6, Remedy::kRetry,
        "Another process is using it; nothing was changed. Wait for it or stop it.",
        "另一个进程正在使用，没有做任何改变。请等待或先停止该进程。"},
    Row{ErrorCode::kNotEnrolled, "not_enrolled", 7, Remedy::kWaitForOperator,
        "This machine belongs to no office yet: run `rootlet enroll FILE` with the invitation.",
        "本机尚未注册到任何单位：请用邀请文件运行 rootlet enroll FILE。"},
    Row{ErrorCode::kBadInput, "bad_input", 8, Remedy::kRefuse,
        "Nothing was saved from it. Correct the named place and try again.",
        "没有保存其中的内容。请改正指出的位置后重试。"},
    Row{ErrorCode::kFork, "fork", 6, Remedy::kRefetch,
        "The records are kept and are sent again on a new batch chain; none is lost or doubled.",
        "记录都已保留，将换新的序列重新发送，不会丢失也不会重复。"},
};

const Row& row_of(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows.front();
}

}  // namespace

Error::Error(ErrorCode error_code, std::string words, std::string input_field, Text rule)
    : code(error_code),
      message(std::move(words)),
      field(std::move(input_field)),
      hint(std::move(rule)) {}
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error fail(ErrorCode code, std::string message) {
  return Error(code, std::move(message));
}

Error bad_input(std::string message, std::string field, Text hint) {
  return Error(ErrorCode::kBadInput, std::move(message), std::move(field), std::move(hint));
}

Error within(std::string_view where, Error error) {
  error.message = std::string(where) + ": " + error.message;
  return error;
}

Remedy remedy_of(ErrorCode code) {
  return row_of(code).remedy;
}
int exit_code_of(ErrorCode code) {
  return row_of(code).exit_code;
}
std::string_view name_of(ErrorCode code) {
  return row_of(code).name;
}

ErrorCode error_code_named(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.code;
  }
  return ErrorCode::kInternal;
}

Text advice_for(ErrorCode code) {
  const Row& row = row_of(code);
  return {.en = std::string(row.en), .zh = std::string(row.zh)};
}

}  // namespace rootlet
