// The roster on its first day: villages, families, people. See roster.hpp.
#include "bench/tables/roster/roster.hpp"

#include <algorithm>

#include "bench/tables/text.hpp"
#include "bench/tables/words.hpp"

namespace rootlet::bench {
namespace {

constexpr std::size_t kOtherAreas = 160;  // where the others come from

// Per 100 people, in steps of five years from 0 to 99: an ageing county.
constexpr std::uint32_t kHeadAges[] = {0, 0, 0, 0, 1, 3, 6, 9, 9, 10, 12, 13, 11, 10, 7, 5, 3, 1};
constexpr std::int32_t kContributionTariffs[] = {10'000, 50'000,  100'000, 20'000, 200'000,
                                                 30'000, 300'000, 80'000,  500'000};

}  // namespace

Roster::Roster(const RosterOptions& options)
    : options_(options),
      random_(options.seed),
      today_(kFirstDay),
      village_sizes_(Weighted::zipf(1, 1)),
      areas_(Weighted::zipf(kOtherAreas, 2)),
      clerks_(Weighted::zipf(6, 1)) {
  found_villages();
  while (living_ < options_.rows) settle_family();
}

void Roster::found_villages() {
  std::vector<std::uint32_t> sizes;
  for (std::uint32_t town = 0; town < options_.towns; ++town) {
    const Town made = make_town(random_, town);
    const auto count = static_cast<std::uint32_t>(
        random_.between(options_.villages_per_town / 2 + 1, options_.villages_per_town * 3 / 2));
    const auto town_size = static_cast<std::uint32_t>(random_.between(20, 100));
    for (std::uint32_t i = 0; i < count; ++i) {
      Village village;
      village.town = town;
      village.code = made.code * 1000ULL + (random_.chance(200) ? 1 : 200) + i;
      village.name = made.name + place_name(random_) +
                     std::string(kVillageSuffixes[random_.below(std::size(kVillageSuffixes))]);
      village.clan = words_.surname(random_);
      villages_.push_back(std::move(village));
      sizes.push_back(town_size * static_cast<std::uint32_t>(random_.between(10, 100)));
    }
  }
  village_sizes_ = Weighted(sizes);
}

std::uint32_t Roster::new_household(std::uint32_t village_index) {
  const Random::Purpose purpose(random_, "household");
  Village& village = villages_[village_index];
  Household home;
  home.village = village_index;
  next_household_ += 1 + random_.below(4);  // dissolved households leave gaps
  home.number = next_household_;
  home.house = static_cast<std::uint16_t>(++village.houses);
  home.group = static_cast<std::uint16_t>(1 + home.house / 40);
  const Random::Purpose surname(random_, "name");
  home.surname = random_.chance(300) ? village.clan : words_.surname(random_);
  households_.push_back(std::move(home));
  return static_cast<std::uint32_t>(households_.size() - 1);
}

std::uint32_t Roster::birth_area(std::int32_t age_years) {
  const Random::Purpose purpose(random_, "id_number");
  if (random_.chance(age_years > 50 ? 900 : 780)) return kCounty;
  // Other areas are all over the country; near ones are more frequent.
  const std::size_t other = areas_.pick(random_);
  return other < 10 ? 330'400 + static_cast<std::uint32_t>(other) * 11
                    : 330'000 + static_cast<std::uint32_t>(other * 7919 % 310'000);
}

void Roster::give_number(Person& person) {
  const Random::Purpose purpose(random_, "id_number");
  std::uint64_t number = 0;
  do {
    person.area = birth_area(age_of(person));
    person.sequence = static_cast<std::uint16_t>(random_.below(500) * 2 + (person.male ? 1 : 0));
    number =
        (person.area * 100'000ULL + static_cast<std::uint32_t>(person.birth_day + 40'000)) * 1000 +
        person.sequence;
  } while (!numbers_.insert(number).second);
}

std::u16string Roster::given_name(bool male, char16_t surname) {
  const Random::Purpose purpose(random_, "name");
  return words_.name(random_, male, surname);
}

std::uint64_t Roster::new_phone() {
  const Random::Purpose purpose(random_, "phone");
  return words_.mobile_number(random_);
}

void Roster::give_means(Person& person, std::int32_t age_years) {
  if (age_years >= 60) {  // base and seniority in steps, plus the person's own account
    const std::int32_t seniority = age_years >= 80 ? 6'000 : age_years >= 70 ? 3'000 : 0;
    const Random::Purpose purpose(random_, "benefit");
    const auto own = static_cast<std::int32_t>(random_.chance(600) ? 0 : random_.below(18'000));
    person.benefit_cents = 30'500 + seniority + own;
  } else if (age_years >= 16) {
    const Random::Purpose purpose(random_, "contribution");
    const std::size_t tariffs = std::size(kContributionTariffs);
    static const Weighted tariff_weights = Weighted::zipf(tariffs, 1);
    const std::int32_t tariff = kContributionTariffs[tariff_weights.pick(random_)];
    const bool part_paid = random_.chance(80);
    person.contribution_cents =
        part_paid ? static_cast<std::int32_t>(random_.below(static_cast<std::uint32_t>(tariff)))
                  : tariff;
  }
}

void Roster::give_first_stamp(Person& person) {
  const Random::Purpose purpose(random_, Random::Purpose::kUnseen);
  const std::uint32_t town = villages_[households_[person.household].village].town;
  const std::int32_t days_ago = static_cast<std::int32_t>(1 + random_.below(1'800));
  if (random_.chance(400)) {  // the last yearly batch run that raised or checked the row
    const std::int32_t run = today_ - 150 - 365 * static_cast<std::int32_t>(random_.below(3));
    person.updated_at = run * kDaySeconds + 22 * 3600 + random_.below(900);
    person.updated_by = 0;
    return;
  }
  Visit visit = new_visit(town);
  visit.at -= days_ago * kDaySeconds;
  stamp(person, visit);
}

std::int32_t Roster::born_about(std::int32_t years_ago) {
  const Random::Purpose purpose(random_, "id_number");
  return today_ - years_ago * 365 - static_cast<std::int32_t>(random_.below(365));
}

Roster::Person Roster::make_person(const Household& home, std::int32_t birth_day, bool male,
                                   char16_t surname) {
  Person person;
  person.male = male;
  person.birth_day = birth_day;
  give_number(person);
  const std::int32_t age_years = age_of(person);
  person.name = given_name(male, surname);
  const Random::Purpose has_phone(random_, "phone");
  if (age_years >= 12 && random_.chance(age_years > 75 ? 450 : 920)) person.phone = new_phone();
  give_means(person, age_years);
  const Random::Purpose overwritten(random_,
                                    Random::Purpose::kUnseen);  // later arrivals register today
  person.registered_day = today_ - static_cast<std::int32_t>(random_.below(5'000));
  const Person* head = home.members.empty() ? nullptr : &people_[home.members.front()];
  if (head != nullptr && random_.chance(700)) person.registered_day = head->registered_day;
  person.registered_day = std::max(person.registered_day, person.birth_day + 3);
  if (random_.chance(45)) {
    person.remark = static_cast<std::uint8_t>(1 + random_.below(6));
    person.remark_day = today_ - static_cast<std::int32_t>(random_.below(1'500));
  }
  if (random_.chance(40)) person.status = static_cast<std::uint8_t>(1 + random_.below(4));
  return person;
}

std::uint32_t Roster::join(Person person, std::uint32_t household, std::uint8_t relation) {
  person.household = household;
  person.relation = relation;
  give_first_stamp(person);
  people_.push_back(std::move(person));
  const auto index = static_cast<std::uint32_t>(people_.size() - 1);
  households_[household].members.push_back(index);
  ++living_;
  return index;
}

void Roster::settle_family() {
  static const Weighted head_ages{kHeadAges};
  const std::uint32_t at = new_household(static_cast<std::uint32_t>(village_sizes_.pick(random_)));
  const char16_t surname = households_[at].surname;
  const auto head_age = static_cast<std::int32_t>(head_ages.pick(random_) * 5 + random_.below(5));
  const bool male = random_.chance(720);
  const auto room = [this] { return living_ < options_.rows; };
  const auto add = [&](std::int32_t age, bool is_male, char16_t name, std::uint8_t relation) {
    if (!room()) return;
    join(make_person(households_[at], born_about(age), is_male, name), at, relation);
  };
  add(head_age, male, surname, 0);
  if (random_.chance(head_age < 75 ? 680 : 350)) {
    const auto spouse_age = head_age + static_cast<std::int32_t>(random_.between(-5, 4));
    add(std::max(spouse_age, 20), !male, words_.surname(random_), 1);
  }
  const std::uint32_t children = random_.below(head_age < 25 ? 1 : 3);
  for (std::uint32_t i = 0; i < children; ++i) {
    const auto age = head_age - static_cast<std::int32_t>(random_.between(21, 33));
    if (age >= 0 && age < 45) add(age, random_.chance(520), surname, 2);
  }
  if (head_age > 30 && head_age < 60 && random_.chance(250)) {
    add(head_age + static_cast<std::int32_t>(random_.between(22, 30)), random_.chance(400), surname,
        3);
  }
}

}  // namespace rootlet::bench
