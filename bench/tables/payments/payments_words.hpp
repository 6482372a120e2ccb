// Programmes, banks and remarks of the synthetic log of payments.
#pragma once

#include <cstdint>
#include <string_view>

namespace rootlet::bench {

struct Programme {
  std::string_view code, name;
  std::uint32_t share_per_mille;  // of the people
  std::int32_t base_cents;
  std::uint32_t steps;  // amounts are base + step * size
  std::int32_t step_cents;
};

inline constexpr Programme kProgrammes[] = {
    {"B01", "基础养老金", 520, 30'500, 7, 3'000},
    {"B07", "高龄津贴", 180, 5'000, 3, 5'000},
    {"D02", "困难残疾人生活补贴", 95, 31'900, 2, 7'900},
    {"D03", "重度残疾人护理补贴", 70, 12'500, 3, 12'500},
    {"E01", "最低生活保障金", 110, 24'000, 40, 2'150},
    {"E04", "特困人员供养", 25, 182'000, 2, 36'400},
    {"F11", "耕地地力保护补贴", 230, 4'100, 90, 1'370},
    {"G05", "计划生育家庭奖励", 60, 9'600, 2, 4'800},
    {"H02", "居家养老服务补贴", 40, 12'500, 4, 12'500},
};

struct Bank {
  std::string_view name;
  std::uint64_t prefix;  // the first six digits of an account
  std::uint32_t weight;
};

inline constexpr Bank kBanks[] = {
    {"临桥农商银行", 621'058, 700},
    {"中国农业银行", 622'848, 130},
    {"中国邮政储蓄银行", 621'799, 110},
    {"中国工商银行", 621'226, 60},
};

inline constexpr std::string_view kPaymentRemarks[] = {
    "", "账户不存在，{}退回", "户名不符，{}退回", "{}重新发放", "死亡停发，{}追回", "{}核减"};

}  // namespace rootlet::bench
