// Rows of the log of payments as text. See payments.hpp.
#include "bench/tables/payments/payments.hpp"
#include "bench/tables/payments/payments_words.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {

const std::array<std::string_view, kPaymentColumns> kPaymentColumnNames = {
    "payment_no", "id_number", "name",       "division",   "programme", "programme_name", "month",
    "amount",     "bank",      "account",    "batch",      "paid_on",   "receipt",        "status",
    "reverses",   "remark",    "created_at", "created_by", "changed_at"};

namespace {

std::string number_text(std::uint32_t number) {
  return "ZF" + digits_text(number, 9);
}

std::string remark_text(std::uint8_t remark, std::int32_t day) {
  std::string text(kPaymentRemarks[remark]);
  const std::size_t at = text.find("{}");
  return at == std::string::npos ? text : text.replace(at, 2, date_text(day));
}

}  // namespace

void Payments::write_row(const Payment& payment, PaymentRow& row) const {
  constexpr std::string_view kStatuses[] = {"已提交", "已发放", "退回", "已冲正", "已审计"};
  const Person& person = people_[payment.person];
  const Programme& programme = kProgrammes[payment.programme];
  const bool answered = payment.paid_day != 0;
  row = {number_text(payment.number),
         identity_number(person.area, person.birth_day, person.sequence),
         utf8(person.name),
         std::to_string(towns_[payment.town].code * 1000ULL),
         std::string(programme.code),
         std::string(programme.name),
         month_text(payment.month_day),
         cents_text(payment.amount_cents),
         std::string(kBanks[payment.bank].name),
         payment.account,
         "PC2025-" + digits_text(payment.batch, 5),
         answered ? date_text(payment.paid_day) : std::string(),
         answered ? date_text(payment.paid_day) + "-" + digits_text(payment.receipt, 8)
                  : std::string(),
         std::string(kStatuses[static_cast<std::size_t>(payment.status)]),
         payment.reverses == 0 ? std::string() : number_text(payment.reverses),
         remark_text(payment.remark, payment.remark_day),
         time_text(payment.created_at),
         "clerk-" + digits_text(payment.clerk, 3),
         time_text(payment.changed_at)};
}

}  // namespace rootlet::bench
