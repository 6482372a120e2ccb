// Rows of the roster as text. See roster.hpp.
#include "bench/tables/roster/roster.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {

const std::array<std::string_view, kRosterColumns> kRosterColumnNames = {
    "id_number", "name",       "sex",        "birth_date", "division",     "address",
    "phone",     "household",  "relation",   "benefit",    "contribution", "registered",
    "status",    "updated_at", "updated_by", "remark"};

namespace {

constexpr std::string_view kRelations[] = {"户主", "配偶", "子女", "父母", "其他亲属", "非亲属"};
constexpr std::string_view kStatuses[] = {"正常", "暂停", "外出", "待核实", "注销中"};
constexpr std::string_view kRemarks[] = {"低保家庭，{}起",       "{}电话核实",
                                         "残疾二级，证件{}换发", "外出务工，{}联系",
                                         "独居老人，{}走访",     "身份证{}到期"};

std::string remark_text(std::uint8_t remark, std::int32_t day) {
  if (remark == 0) return {};
  std::string text(kRemarks[remark - 1]);
  return text.replace(text.find("{}"), 2, date_text(day));
}

}  // namespace

void Roster::write_row(const Person& person, RosterRow& row) const {
  const Household& home = households_[person.household];
  const Village& village = villages_[home.village];
  row[0] = identity_number(person.area, person.birth_day, person.sequence);
  row[1] = utf8(person.name);
  row[2] = person.male ? "男" : "女";
  row[3] = date_text(person.birth_day);
  row[4] = std::to_string(village.code);
  row[5] = village.name + std::to_string(home.group) + "组" + std::to_string(home.house) + "号";
  row[6] = person.phone == 0 ? std::string() : std::to_string(person.phone);
  row[7] = digits_text(village.code / 1000 % 10'000, 4) + digits_text(home.number, 7);
  row[8] = kRelations[person.relation];
  row[9] = cents_text(person.benefit_cents);
  row[10] = cents_text(person.contribution_cents);
  row[11] = date_text(person.registered_day);
  row[12] = kStatuses[person.status];
  row[13] = time_text(person.updated_at);
  row[14] = person.updated_by == 0 ? "program" : "clerk-" + digits_text(person.updated_by, 3);
  row[15] = remark_text(person.remark, person.remark_day);
}

}  // namespace rootlet::bench
