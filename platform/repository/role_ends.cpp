// Words the warnings.
#include "platform/repository/role_ends.hpp"

#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet::platform {
namespace {

Text help_for(std::string_view role) {
  if (role == kTufRoot) {
    return {.en = "holders of root keys must sign the next one: `rootlet-platform root renew`",
            .zh = "须由根密钥保管人签署新版：rootlet-platform root renew"};
  }
  return {.en =
              "a running `serve` renews it, so see why it does not; `rootlet-platform renew` "
              "does it now",
          .zh = "运行中的 serve 会自动续签，请查明未续签的原因；立即续签：rootlet-platform renew"};
}

Text warning_of(const RoleEnd& end, EndState state, UnixTime now) {
  const std::string when = format_time(end.expires);
  const Text help = help_for(end.role);
  if (state == EndState::kOver) {
    return {.en = "role " + end.role + " ended at " + when +
                  ": offices keep reading but take nothing new; " + help.en,
            .zh = "角色 " + end.role + " 已于 " + when + " 到期：各单位仍可读取，但不再更新；" +
                  help.zh};
  }
  const std::string left =
      std::to_string(std::chrono::floor<std::chrono::days>(end.expires - now).count());
  return {.en = "role " + end.role + " ends at " + when + ", in " + left + " days: " + help.en,
          .zh = "角色 " + end.role + " 将于 " + when + " 到期，还剩 " + left + " 天：" + help.zh};
}

}  // namespace

std::vector<Text> end_warnings(const std::vector<RoleEnd>& ends, UnixTime now) {
  std::vector<Text> warnings;
  for (const RoleEnd& end : ends) {
    const EndState state = decide_end(end, now);
    if (state != EndState::kFar) warnings.push_back(warning_of(end, state, now));
  }
  return warnings;
}

}  // namespace rootlet::platform
