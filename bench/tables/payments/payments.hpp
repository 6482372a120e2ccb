// A synthetic log of subsidy payments, with the same rows on every machine for the same options. It
// serves to check the codec on data that it was not tuned on: do not tune it on this table. Each
// month every programme pays every person on its list, town by town, so a new row resembles that
// person's row of the month before. Random are the digits of new accounts, amounts that differ,
// gaps between the bank's receipt numbers, and which old rows change. All people are invented.
//
// Columns: payment_no (key; running), id_number (GB 11643), name, division (12 digits), programme,
// programme_name, month, amount (two decimals; negative for a reversal), bank, account (with its
// check digit), batch, paid_on (empty while the bank has not answered), receipt (the bank's),
// status, reverses (a payment number, mostly empty), remark (mostly empty), created_at, created_by,
// changed_at.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bench/tables/people.hpp"
#include "bench/tables/random.hpp"

namespace rootlet::bench {

inline constexpr std::size_t kPaymentColumns = 19;
extern const std::array<std::string_view, kPaymentColumns> kPaymentColumnNames;
using PaymentRow = std::array<std::string, kPaymentColumns>;

struct PaymentOptions {
  std::uint64_t seed = 11;
  std::size_t rows = 100'000;
  std::uint32_t towns = 20;
};

class Payments {
 public:
  // The log until the evening of the first day: about a hundred days of payments.
  explicit Payments(const PaymentOptions& options);

  // Advances to the next day and changes `per_mille` of the rows: 80 % of the changes are new
  // payments, 3 % new reversals of old ones, 17 % updates: answers of the bank and corrections.
  void next_day(std::uint32_t per_mille = 10);
  // Advances to a day on which, in the evening, one program marks the payments of the month before
  // last as audited: about a third of all rows.
  void bulk_day();

  std::size_t size() const { return payments_.size(); }
  // Every row once, in the order of the key.
  template <typename Visit>
  void for_each(Visit visit) const {
    PaymentRow row;
    for (const Payment& payment : payments_) {
      write_row(payment, row);
      visit(row);
    }
  }

 private:
  enum class Status : std::uint8_t { kSent, kPaid, kReturned, kReversed, kAudited };
  struct Person {
    std::uint32_t area = 0, town = 0;
    std::int32_t birth_day = 0;
    std::uint32_t sequence = 0;
    std::u16string name;
    std::uint8_t bank = 0;
    std::string account;
  };
  struct Entitlement {
    std::uint32_t person = 0;
    std::int32_t amount_cents = 0;
  };
  // The list of one programme in one town; each month pays it once.
  struct PayList {
    std::uint32_t town = 0;
    std::uint8_t programme = 0;
    std::vector<Entitlement> entitled;
  };
  struct Payment {
    std::uint32_t number = 0;
    std::uint32_t person = 0, town = 0;
    std::uint8_t programme = 0, bank = 0, remark = 0;
    Status status = Status::kSent;
    std::uint16_t clerk = 0;
    std::uint32_t batch = 0;
    std::uint32_t reverses = 0;  // a number; 0: none
    std::int32_t month_day = 0;  // a day of the month that is paid
    std::int32_t paid_day = 0;   // 0: not yet
    std::int32_t remark_day = 0;
    std::int64_t amount_cents = 0;
    std::uint64_t receipt = 0;
    std::int64_t created_at = 0, changed_at = 0;
    std::string account;  // as it was when the payment was made
  };

  void found_lists();
  Person make_person(std::uint32_t town);
  void give_account(Person& person);
  void pay_some(std::size_t count);
  void start_list();
  void pay_next();
  void settle(Payment& payment, std::int32_t day);
  std::size_t settle_pending(std::size_t at_most);
  void correct_one();
  void reverse_one();
  Payment& some_settled();
  void write_row(const Payment& payment, PaymentRow& row) const;

  PaymentOptions options_;
  Random random_;
  PeopleWords words_;
  std::int32_t today_;
  std::uint32_t next_number_ = 0, next_batch_ = 0;
  std::uint64_t next_receipt_ = 0;
  std::vector<Town> towns_;
  std::vector<Person> people_;
  std::vector<PayList> lists_;
  std::vector<Payment> payments_;
  std::vector<std::size_t> pending_;           // payments without the bank's answer
  std::unordered_set<std::size_t> touched_;    // today
  std::unordered_set<std::uint64_t> numbers_;  // identity numbers in use
  // Where the paying stands: list, entry of the list, month, and the running batch.
  std::size_t list_ = 0, entry_ = 0;
  std::int32_t month_day_ = 0;
  std::int64_t batch_at_ = 0;
  std::uint16_t batch_clerk_ = 0;
  Weighted town_sizes_, clerks_, banks_;
};

}  // namespace rootlet::bench
