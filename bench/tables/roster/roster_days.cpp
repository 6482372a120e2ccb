// The changes of the roster from day to day. See roster.hpp.
#include <algorithm>

#include "bench/tables/roster/roster.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {
namespace {

constexpr std::uint32_t kClerksPerTown = 6;

}  // namespace

void Roster::next_day(std::uint32_t per_mille) {
  ++today_;
  touched_.clear();
  const std::size_t changes = living_ * per_mille / 1000;
  const std::size_t deletes = changes / 10, inserts = changes * 3 / 10;
  std::size_t updates = changes - deletes - inserts;
  for (std::size_t i = 0; i < deletes; ++i) delete_one();
  while (updates > 0) updates -= update_some(updates);
  for (std::size_t done = 0; done < inserts;) done += insert_some(inserts - done);
}

void Roster::bulk_day() {
  ++today_;
  touched_.clear();
  const std::int64_t start = today_ * kDaySeconds + 21 * 3600 + random_.below(3600);
  std::size_t done = 0;
  for (Person& person : people_) {
    if (!person.present || person.benefit_cents == 0 || random_.chance(260))
      continue;  // a quarter waits for a check
    const std::int32_t age = age_of(person);
    // A flat raise, a step by age, and a share of the person's own part, rounded to cents.
    const std::int32_t own = std::max(person.benefit_cents - 30'500, 0);
    person.benefit_cents += 2'000 + (age >= 80 ? 1'500 : age >= 70 ? 800 : 0) + own * 26 / 1000;
    person.updated_at = start + static_cast<std::int64_t>(done++ / 180);
    person.updated_by = 0;
  }
}

Roster::Visit Roster::new_visit(std::uint32_t town) {
  const Random::Purpose purpose(random_, "updated_at");
  Visit visit;
  visit.at = office_time(random_, today_);
  const Random::Purpose clerk(random_, "updated_by");
  visit.clerk = static_cast<std::uint16_t>(1 + town * kClerksPerTown + clerks_.pick(random_));
  return visit;
}

void Roster::stamp(Person& person, Visit& visit) {
  const Random::Purpose purpose(random_, "updated_at");
  person.updated_at = visit.at;
  person.updated_by = visit.clerk;
  visit.at += 20 + random_.below(160);  // until the next family member is saved
}

std::uint32_t Roster::some_person() {
  const Random::Purpose purpose(random_, "which rows");
  while (true) {
    const std::uint32_t index = random_.below(static_cast<std::uint32_t>(people_.size()));
    if (people_[index].present && touched_.insert(index).second) return index;
  }
}

void Roster::delete_one() {
  const Random::Purpose purpose(random_, "which rows");
  std::uint32_t index = some_person();
  if (age_of(people_[index]) < 50 && random_.chance(600)) index = some_person();
  people_[index].present = false;
  std::erase(households_[people_[index].household].members, index);
  --living_;
}

std::size_t Roster::update_some(std::size_t at_most) {
  const Random::Purpose purpose(random_, "which columns change");
  const std::uint32_t index = some_person();
  Person& person = people_[index];
  if (at_most >= 6 && random_.chance(60)) return move_home(person.household, at_most);
  Visit visit = new_visit(villages_[households_[person.household].village].town);
  change_columns(person);
  stamp(person, visit);
  return 1;
}

void Roster::change_columns(Person& person) {
  const Random::Purpose purpose(random_, "which columns change");
  const std::uint32_t count = random_.chance(650) ? 1 : random_.chance(700) ? 2 : 3;
  for (std::uint32_t i = 0; i < count; ++i) change_one(person);
}

void Roster::change_one(Person& person) {
  const std::uint32_t kind = random_.below(100);
  if (kind < 34) {
    person.phone = new_phone();
  } else if (kind < 62) {
    const std::int32_t age = std::max(age_of(person), 16);
    person.contribution_cents = 0;
    give_means(person, age);
  } else if (kind < 76) {
    const Random::Purpose status(random_, "status");
    person.status = static_cast<std::uint8_t>(random_.chance(500) ? 0 : 1 + random_.below(4));
  } else if (kind < 88) {
    const Random::Purpose remark(random_, "remark");
    person.remark = static_cast<std::uint8_t>(random_.chance(250) ? 0 : 1 + random_.below(6));
    person.remark_day = today_;
  } else if (kind < 94) {
    correct_name(person);
  } else {
    const Random::Purpose relation(random_, "relation");
    person.relation = static_cast<std::uint8_t>(random_.below(6));
  }
}

void Roster::correct_name(Person& person) {
  const Random::Purpose purpose(random_, "name");
  person.name.back() = words_.given_character(random_, person.male);
}

// A whole family moves to a new house, mostly within the town.
std::size_t Roster::move_home(std::uint32_t household, std::size_t at_most) {
  const Random::Purpose purpose(random_, "division");
  const std::uint32_t old_village = households_[household].village;
  auto village = static_cast<std::uint32_t>(village_sizes_.pick(random_));
  if (random_.chance(500)) village = old_village;
  const std::uint32_t target = new_household(village);
  households_[target].surname = households_[household].surname;
  std::vector<std::uint32_t> members = std::move(households_[household].members);
  households_[household].members.clear();
  Visit visit = new_visit(villages_[village].town);
  std::size_t moved = 0;
  for (const std::uint32_t index : members) {
    const bool goes = moved < at_most;
    Person& person = people_[index];
    person.household = goes ? target : household;
    households_[person.household].members.push_back(index);
    if (!goes) continue;
    touched_.insert(index);
    stamp(person, visit);
    ++moved;
  }
  return moved;
}

std::size_t Roster::insert_some(std::size_t at_most) {
  const Random::Purpose purpose(random_, "new rows");
  if (random_.chance(300)) return move_in(at_most);
  add_member(random_.chance(550));
  return 1;
}

// A family moves in from elsewhere.
std::size_t Roster::move_in(std::size_t at_most) {
  const std::size_t before = living_;
  const std::size_t first = people_.size(), rows = options_.rows;
  options_.rows = living_ + at_most;
  settle_family();
  options_.rows = rows;
  Visit visit = new_visit(villages_[households_.back().village].town);
  for (std::size_t i = first; i < people_.size(); ++i) {
    people_[i].registered_day = today_;
    people_[i].remark = 0;
    people_[i].status = 0;
    touched_.insert(static_cast<std::uint32_t>(i));
    stamp(people_[i], visit);
  }
  return living_ - before;
}

// A child is born into a household, or a spouse joins it.
void Roster::add_member(bool newborn) {
  const Random::Purpose purpose(random_, "new rows");
  const std::uint32_t at = people_[some_person()].household;
  const Household home = households_[at];
  const bool male = random_.chance(newborn ? 520 : 250);
  const char16_t surname = newborn && random_.chance(930) ? home.surname : words_.surname(random_);
  const std::int32_t birth_day =
      newborn ? today_ - 2 - static_cast<std::int32_t>(random_.below(40))
              : born_about(20 + static_cast<std::int32_t>(random_.below(14)));
  Person person = make_person(home, birth_day, male, surname);
  person.registered_day = today_;
  person.remark = 0;
  person.status = 0;
  const std::uint32_t index =
      join(std::move(person), at, static_cast<std::uint8_t>(newborn ? 2 : 4));
  touched_.insert(index);
  Visit visit = new_visit(villages_[home.village].town);
  stamp(people_[index], visit);
}

}  // namespace rootlet::bench
