// Rows of the roster as text. See roster.hpp.
#include <chrono>
#include <cstdio>

#include "bench/roster.hpp"

namespace rootlet::bench {

const std::array<std::string_view, kRosterColumns> kRosterColumnNames = {
    "id_number", "name",       "sex",        "birth_date", "division",     "address",
    "phone",     "household",  "relation",   "benefit",    "contribution", "registered",
    "status",    "updated_at", "updated_by", "remark"};

namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::string_view kRelations[] = {"户主", "配偶", "子女", "父母", "其他亲属", "非亲属"};
constexpr std::string_view kStatuses[] = {"正常", "暂停", "外出", "待核实", "注销中"};
constexpr std::string_view kRemarks[] = {"低保家庭，{}起",       "{}电话核实",
                                         "残疾二级，证件{}换发", "外出务工，{}联系",
                                         "独居老人，{}走访",     "身份证{}到期"};

struct Date {
  int year;
  unsigned month, day;
};

Date civil(std::int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {int(date.year()), unsigned(date.month()), unsigned(date.day())};
}

template <typename... Arguments>
void print(std::string& out, const char* format, Arguments... arguments) {
  char text[96];
  const int length = std::snprintf(text, sizeof text, format, arguments...);
  out.assign(text, static_cast<std::size_t>(length));
}

void print_date(std::string& out, std::int32_t days) {
  const Date date = civil(days);
  print(out, "%04d-%02u-%02u", date.year, date.month, date.day);
}

void print_cents(std::string& out, std::int32_t cents) {
  print(out, "%d.%02d", cents / 100, cents % 100);
}

void print_time(std::string& out, std::int64_t seconds) {
  const Date date = civil(static_cast<std::int32_t>(seconds / kDaySeconds));
  const int second = static_cast<int>(seconds % kDaySeconds);
  print(out, "%04d-%02u-%02u %02d:%02d:%02d", date.year, date.month, date.day, second / 3600,
        second / 60 % 60, second % 60);
}

void print_number(std::string& out, std::uint32_t area, std::int32_t birth_day,
                  std::uint16_t sequence) {
  const Date birth = civil(birth_day);
  print(out, "%06u%04d%02u%02u%03u", area, birth.year, birth.month, birth.day, unsigned{sequence});
  out += identity_check(out);
}

std::string utf8(const std::u16string& text) {
  std::string result;
  for (const char16_t c : text) {
    result += static_cast<char>(0xE0 | (c >> 12));
    result += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    result += static_cast<char>(0x80 | (c & 0x3F));
  }
  return result;
}

std::string remark_text(std::uint8_t remark, std::int32_t day) {
  if (remark == 0) return {};
  std::string text(kRemarks[remark - 1]), date;
  print_date(date, day);
  return text.replace(text.find("{}"), 2, date);
}

}  // namespace

char identity_check(std::string_view digits17) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

void Roster::write_row(const Person& person, RosterRow& row) const {
  const Household& home = households_[person.household];
  const Village& village = villages_[home.village];
  print_number(row[0], person.area, person.birth_day, person.sequence);
  row[1] = utf8(person.name);
  row[2] = person.male ? "男" : "女";
  print_date(row[3], person.birth_day);
  row[4] = std::to_string(village.code);
  row[5] = village.name + std::to_string(home.group) + "组" + std::to_string(home.house) + "号";
  row[6] = person.phone == 0 ? std::string() : std::to_string(person.phone);
  print(row[7], "%04u%07u", unsigned(village.code / 1000 % 10'000), home.number);
  row[8] = kRelations[person.relation];
  print_cents(row[9], person.benefit_cents);
  print_cents(row[10], person.contribution_cents);
  print_date(row[11], person.registered_day);
  row[12] = kStatuses[person.status];
  print_time(row[13], person.updated_at);
  if (person.updated_by == 0) {
    row[14] = "program";
  } else {
    print(row[14], "clerk-%03u", unsigned{person.updated_by});
  }
  row[15] = remark_text(person.remark, person.remark_day);
}

}  // namespace rootlet::bench
