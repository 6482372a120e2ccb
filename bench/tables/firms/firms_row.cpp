// Rows of the register of firms as text. See firms.hpp.
#include "bench/tables/firms/firms.hpp"
#include "bench/tables/firms/firms_words.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {

const std::array<std::string_view, kFirmColumns> kFirmColumnNames = {
    "credit_code", "name",       "kind",      "legal_person", "capital",   "industry",
    "scope",       "address",    "division",  "phone",        "founded",   "approved",
    "term_end",    "status",     "employees", "report_year",  "inspected", "finding",
    "rating",      "updated_at", "updated_by"};

namespace {

std::string date_or_empty(std::int32_t day) {
  return day == 0 ? std::string() : date_text(day);
}

std::string officer_text(std::uint16_t officer) {
  if (officer == 0) return "online";
  return officer == UINT16_MAX ? "program" : "officer-" + digits_text(officer, 3);
}

// Phrases of the industry, then the firm's own, then the clause that ends every scope.
std::string scope_text(const Industry& industry, const std::vector<std::uint8_t>& phrases) {
  std::string text = "一般项目：" + std::string(industry.scope);
  for (const std::uint8_t phrase : phrases) text += "；" + std::string(kScopePhrases[phrase]);
  return text + "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。";
}

}  // namespace

void Firms::write_row(const Firm& firm, FirmRow& row) const {
  constexpr std::string_view kStatuses[] = {"存续", "注销", "吊销"};
  const District& district = districts_[firm.town];
  const Street& street = district.streets[firm.street];
  row = {firm.code,
         firm.name,
         std::string(kFirmKinds[firm.kind].title),
         utf8(firm.person),
         cents_text(firm.capital_cents),
         digits_text(kIndustries[firm.industry].code, 4),
         scope_text(kIndustries[firm.industry], firm.scope),
         district.town.name + street.name + std::to_string(firm.house) + "号",
         std::to_string(district.town.code * 1000ULL + street.village_code),
         std::to_string(firm.phone),
         date_text(firm.founded_day),
         date_text(firm.approved_day),
         date_or_empty(firm.term_end_day),
         std::string(kStatuses[static_cast<std::size_t>(firm.status)]),
         std::to_string(firm.employees),
         firm.report_year == 0 ? std::string() : std::to_string(firm.report_year),
         date_or_empty(firm.inspected_day),
         std::string(kFindings[firm.finding]),
         std::string(kRatings[firm.rating]),
         time_text(firm.updated_at),
         officer_text(firm.officer)};
}

}  // namespace rootlet::bench
