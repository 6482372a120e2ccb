// A synthetic roster of a county's residents, with the same rows on every machine for the same
// options. It consists of households and villages, so that columns depend on each other as in real
// rosters. Random are the sequence numbers in identity numbers, telephone digits, seconds, and
// which rows change on a day. All people are invented.
//
// Columns: id_number (key; GB 11643 with its check digit), name, sex, birth_date, division (12
// digits), address, phone, household, relation, benefit and contribution (two decimals), registered
// (date), status, updated_at, updated_by, remark (mostly empty).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bench/tables/people.hpp"
#include "bench/tables/random.hpp"

namespace rootlet::bench {

inline constexpr std::size_t kRosterColumns = 16;
extern const std::array<std::string_view, kRosterColumns> kRosterColumnNames;
using RosterRow = std::array<std::string, kRosterColumns>;

struct RosterOptions {
  std::uint64_t seed = 1;
  std::size_t rows = 100'000;
  std::uint32_t towns = 20;
  std::uint32_t villages_per_town = 15;  // on average; sizes of towns and villages differ
};

class Roster {
 public:
  explicit Roster(const RosterOptions& options);

  // Advances to the next day and changes `per_mille` of the rows: 60 % of the changes update one to
  // three columns (plus updated_at and updated_by), 30 % are new rows, 10 % are deletions.
  void next_day(std::uint32_t per_mille = 10);
  // Advances to a day on which, in the evening, one program raises the benefit in about a fifth of
  // all rows.
  void bulk_day();

  std::size_t size() const { return living_; }
  // The entropy of the changes by purpose, in bits, since forget_chance(); "unseen" is what no row
  // shows.
  const std::map<std::string, double>& chance_bits() const { return random_.spent_bits(); }
  void forget_chance() { random_.forget_spent(); }
  // Every row once, in no particular order.
  template <typename Visit>
  void for_each(Visit visit) const {
    RosterRow row;
    for (const Person& person : people_) {
      if (!person.present) continue;
      write_row(person, row);
      visit(row);
    }
  }

 private:
  struct Person {
    bool present = true;
    bool male = false;
    std::uint8_t relation = 0, status = 0;
    std::uint8_t remark = 0;     // 0: none
    std::uint16_t sequence = 0;  // sequence number in the identity number
    std::uint16_t updated_by = 0;
    std::uint32_t area = 0;      // first six digits of the identity number
    std::int32_t birth_day = 0;  // days since 1970
    std::int32_t registered_day = 0;
    std::int32_t remark_day = 0;
    std::uint32_t household = 0;  // index
    std::int32_t benefit_cents = 0, contribution_cents = 0;
    std::u16string name;
    std::uint64_t phone = 0;      // 0: none
    std::int64_t updated_at = 0;  // seconds since 1970, local
  };
  struct Household {
    std::uint32_t village = 0;
    std::uint32_t number = 0;  // of the register
    std::uint16_t group = 0, house = 0;
    char16_t surname = 0;
    std::vector<std::uint32_t> members;
  };
  struct Village {
    std::uint64_t code = 0;
    std::string name;  // with its town
    std::uint32_t town = 0;
    std::uint16_t houses = 0;
    char16_t clan = 0;  // the surname of many of its families
  };

  void found_villages();
  void settle_family();
  std::uint32_t new_household(std::uint32_t village);
  // A person with a unique identity number.
  Person make_person(const Household& home, std::int32_t birth_day, bool male, char16_t surname);
  std::int32_t born_about(std::int32_t years_ago);
  std::uint32_t join(Person person, std::uint32_t household, std::uint8_t relation);
  void give_number(Person& person);
  void give_means(Person& person, std::int32_t age_years);
  void give_first_stamp(Person& person);
  std::uint32_t birth_area(std::int32_t age_years);
  std::u16string given_name(bool male, char16_t surname);
  std::uint64_t new_phone();
  std::int32_t age_of(const Person& person) const { return (today_ - person.birth_day) / 365; }

  struct Visit {  // one citizen at one counter
    std::int64_t at = 0;
    std::uint16_t clerk = 0;
  };
  Visit new_visit(std::uint32_t town);
  void stamp(Person& person, Visit& visit);
  std::uint32_t some_person();
  std::size_t update_some(std::size_t at_most);
  std::size_t insert_some(std::size_t at_most);
  void delete_one();
  void change_columns(Person& person);
  void change_one(Person& person);
  void correct_name(Person& person);
  std::size_t move_home(std::uint32_t household, std::size_t at_most);
  std::size_t move_in(std::size_t at_most);
  void add_member(bool newborn);
  void write_row(const Person& person, RosterRow& row) const;

  RosterOptions options_;
  Random random_;
  std::int32_t today_;
  std::size_t living_ = 0;
  std::uint32_t next_household_ = 0;
  std::vector<Village> villages_;
  std::vector<Household> households_;
  std::vector<Person> people_;
  std::unordered_set<std::uint64_t> numbers_;  // identity numbers in use, 17 digits
  std::unordered_set<std::uint32_t> touched_;  // today
  PeopleWords words_;
  Weighted village_sizes_, areas_, clerks_;
};

}  // namespace rootlet::bench
