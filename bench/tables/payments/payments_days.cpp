// What happens to the log of payments on a day. See payments.hpp.
#include <algorithm>

#include "bench/tables/payments/payments.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {

void Payments::next_day(std::uint32_t per_mille) {
  ++today_;
  touched_.clear();
  const std::size_t changes = payments_.size() * per_mille / 1000;
  const std::size_t reversals = changes * 3 / 100, updates = changes * 17 / 100;
  std::size_t done = settle_pending(updates * 2 / 3);
  // A reversal also marks the payment that it reverses.
  for (std::size_t i = 0; i < reversals; ++i) reverse_one();
  for (done += reversals; done < updates; ++done) correct_one();
  pay_some(changes - reversals - updates);
}

void Payments::bulk_day() {
  ++today_;
  touched_.clear();
  const std::int64_t start = today_ * kDaySeconds + 19 * 3600 + random_.below(3600);
  const std::string month = month_text(month_day_ - 60);
  std::size_t done = 0;
  for (Payment& payment : payments_) {
    if (payment.status != Status::kPaid || month_text(payment.month_day) != month) continue;
    payment.status = Status::kAudited;
    payment.changed_at = start + static_cast<std::int64_t>(done++ / 400);
  }
}

// The bank's answer: most payments arrive, a few come back.
void Payments::settle(Payment& payment, std::int32_t day) {
  next_receipt_ += 1 + random_.below(9);
  payment.receipt = next_receipt_;
  payment.paid_day = day;
  payment.status = Status::kPaid;
  if (random_.chance(985)) return;
  payment.status = Status::kReturned;
  payment.remark = static_cast<std::uint8_t>(1 + random_.below(2));
  payment.remark_day = day;
}

// The oldest first. The bank sends its answers at one moment.
std::size_t Payments::settle_pending(std::size_t at_most) {
  const std::size_t count = std::min(at_most, pending_.size());
  const std::int64_t at = today_ * kDaySeconds + 6 * 3600 + random_.below(600);
  for (std::size_t i = 0; i < count; ++i) {
    Payment& payment = payments_[pending_[i]];
    settle(payment, today_);
    payment.changed_at = at + static_cast<std::int64_t>(i / 50);
    touched_.insert(pending_[i]);
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

// A payment whose money has moved and that nobody reversed; rather a recent one.
Payments::Payment& Payments::some_settled() {
  while (true) {
    const auto all = static_cast<std::uint32_t>(payments_.size());
    const std::uint32_t span = random_.chance(600) ? std::min(all, 1 + all / 5) : all;
    const std::size_t index = all - 1 - random_.below(span);
    const Payment& payment = payments_[index];
    const bool settled =
        payment.paid_day != 0 && payment.reverses == 0 && payment.status != Status::kReversed;
    if (settled && touched_.insert(index).second) return payments_[index];
  }
}

void Payments::correct_one() {
  if (payments_.size() < options_.rows / 10) return;
  Payment& payment = some_settled();
  payment.changed_at = office_time(random_, today_);
  const std::uint32_t kind = random_.below(100);
  payment.remark_day = today_;
  if (kind < 45) {  // came back after all
    payment.status = Status::kReturned;
    payment.remark = static_cast<std::uint8_t>(1 + random_.below(2));
  } else if (kind < 80) {  // the person has a new account
    give_account(people_[payment.person]);
    payment.account = people_[payment.person].account;
    payment.bank = people_[payment.person].bank;
    payment.status = Status::kPaid;
    payment.paid_day = today_;
    payment.remark = 3;
    next_receipt_ += 1 + random_.below(9);
    payment.receipt = next_receipt_;
  } else {
    payment.amount_cents -= payment.amount_cents * (1 + random_.below(50)) / 100;
    payment.remark = 5;
  }
}

void Payments::reverse_one() {
  Payment& reversed = some_settled();
  reversed.status = Status::kReversed;
  reversed.changed_at = office_time(random_, today_);
  Payment payment = reversed;
  payment.number = ++next_number_;
  payment.reverses = reversed.number;
  payment.amount_cents = -reversed.amount_cents;
  payment.status = Status::kPaid;
  payment.remark = 4;
  payment.remark_day = payment.paid_day = today_;
  payment.created_at = payment.changed_at;
  payment.clerk = static_cast<std::uint16_t>(1 + payment.town * 3 + clerks_.pick(random_));
  next_receipt_ += 1 + random_.below(9);
  payment.receipt = next_receipt_;
  payments_.push_back(std::move(payment));
  touched_.insert(payments_.size() - 1);
}

}  // namespace rootlet::bench
