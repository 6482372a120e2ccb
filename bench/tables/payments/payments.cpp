// The log until the first day: people, lists, and the months already paid. See payments.hpp.
#include "bench/tables/payments/payments.hpp"

#include <algorithm>
#include <iterator>

#include "bench/tables/payments/payments_words.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {
namespace {

constexpr std::int32_t kLogDays = 100;  // before the first day
constexpr std::uint32_t kFirstNumber = 1'180'000;
constexpr std::uint32_t kFirstBatch = 4'100;
constexpr std::uint64_t kFirstReceipt = 51'700'000;

Weighted bank_weights() {
  std::vector<std::uint32_t> weights;
  for (const Bank& bank : kBanks) weights.push_back(bank.weight);
  return Weighted(weights);
}

}  // namespace

Payments::Payments(const PaymentOptions& options)
    : options_(options),
      random_(options.seed),
      today_(kFirstDay - kLogDays),
      next_number_(kFirstNumber),
      next_batch_(kFirstBatch),
      next_receipt_(kFirstReceipt),
      month_day_(kFirstDay - kLogDays - 15),
      town_sizes_(Weighted::zipf(options.towns, 5)),
      clerks_(Weighted::zipf(3, 1)),
      banks_(bank_weights()) {
  found_lists();
  const std::size_t a_day = std::max<std::size_t>(options_.rows / kLogDays, 1);
  while (payments_.size() < options_.rows) {
    ++today_;
    touched_.clear();
    settle_pending(pending_.size());
    for (std::size_t i = 0; i < a_day / 60; ++i) correct_one();
    pay_some(std::min(a_day, options_.rows - payments_.size()));
  }
}

// As many people as are paid in a month of this log.
void Payments::found_lists() {
  for (std::uint32_t i = 0; i < options_.towns; ++i) towns_.push_back(make_town(random_, i));
  for (std::uint32_t town = 0; town < options_.towns; ++town) {
    for (std::size_t i = 0; i < std::size(kProgrammes); ++i) {
      lists_.push_back({.town = town, .programme = static_cast<std::uint8_t>(i), .entitled = {}});
    }
  }
  const std::size_t count = std::max<std::size_t>(options_.rows * 21 / kLogDays, 100);
  for (std::size_t i = 0; i < count; ++i) {
    const auto town = static_cast<std::uint32_t>(town_sizes_.pick(random_));
    people_.push_back(make_person(town));
    for (std::size_t p = 0; p < std::size(kProgrammes); ++p) {
      const Programme& programme = kProgrammes[p];
      if (!random_.chance(programme.share_per_mille)) continue;
      const auto step = static_cast<std::int32_t>(random_.below(programme.steps));
      lists_[town * std::size(kProgrammes) + p].entitled.push_back(
          {.person = static_cast<std::uint32_t>(i),
           .amount_cents = programme.base_cents + step * programme.step_cents});
    }
  }
}

Payments::Person Payments::make_person(std::uint32_t town) {
  Person person;
  person.town = town;
  const bool male = random_.chance(480);
  std::uint64_t number = 0;
  do {
    person.area = random_.chance(850) ? kCounty : 330'400 + 11 * random_.below(10);
    person.birth_day = kFirstDay - 365 * static_cast<std::int32_t>(random_.between(35, 95)) -
                       static_cast<std::int32_t>(random_.below(365));
    person.sequence = random_.below(500) * 2 + (male ? 1U : 0U);
    number =
        (person.area * 100'000ULL + static_cast<std::uint32_t>(person.birth_day + 40'000)) * 1000 +
        person.sequence;
  } while (!numbers_.insert(number).second);
  person.name = words_.name(random_, male);
  give_account(person);
  return person;
}

void Payments::give_account(Person& person) {
  person.bank = static_cast<std::uint8_t>(banks_.pick(random_));
  person.account = std::to_string(kBanks[person.bank].prefix);
  person.account += digits_text(random_.below(40) * 25, 4);  // the branch
  person.account += digits_text(random_.below(100'000'000), 8);
  person.account += account_check(person.account);
}

void Payments::start_list() {
  while (entry_ >= lists_[list_].entitled.size()) {
    entry_ = 0;
    if (++list_ < lists_.size()) continue;
    list_ = 0;
    month_day_ += 30;
  }
  next_batch_ += 1;
  batch_at_ = office_time(random_, today_);
  batch_clerk_ = static_cast<std::uint16_t>(1 + lists_[list_].town * 3 + clerks_.pick(random_));
}

void Payments::pay_some(std::size_t count) {
  start_list();
  for (std::size_t i = 0; i < count; ++i) {
    if (entry_ >= lists_[list_].entitled.size()) start_list();
    pay_next();
  }
}

void Payments::pay_next() {
  Entitlement& entitled = lists_[list_].entitled[entry_++];
  Person& person = people_[entitled.person];
  const Programme& programme = kProgrammes[lists_[list_].programme];
  if (random_.chance(8)) give_account(person);
  if (random_.chance(25)) {  // assessed anew
    const auto step = static_cast<std::int32_t>(random_.below(programme.steps));
    entitled.amount_cents = programme.base_cents + step * programme.step_cents;
  }
  if (random_.chance(120)) batch_at_ += 1;  // one program writes some eight rows a second
  Payment payment{.number = next_number_ += random_.chance(15) ? 2 : 1,
                  .person = entitled.person,
                  .town = person.town,
                  .programme = lists_[list_].programme,
                  .bank = person.bank,
                  .clerk = batch_clerk_,
                  .batch = next_batch_,
                  .month_day = month_day_,
                  .amount_cents = entitled.amount_cents,
                  .created_at = batch_at_,
                  .changed_at = batch_at_,
                  .account = person.account};
  if (random_.chance(20)) payment.amount_cents /= 2;  // half a month
  payments_.push_back(std::move(payment));
  touched_.insert(payments_.size() - 1);
  if (random_.chance(880)) {
    settle(payments_.back(), today_);
  } else {
    pending_.push_back(payments_.size() - 1);
  }
}

}  // namespace rootlet::bench
