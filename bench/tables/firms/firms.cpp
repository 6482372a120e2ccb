// The register on its first day: towns, streets, firms. See firms.hpp.
#include "bench/tables/firms/firms.hpp"

#include <algorithm>
#include <iterator>

#include "bench/tables/firms/firms_words.hpp"
#include "bench/tables/text.hpp"
#include "bench/tables/words.hpp"

namespace rootlet::bench {
namespace {

constexpr std::int32_t kCodesSince = 16'709;  // 2015-10-01: codes by running number
constexpr std::int32_t kOldestDays = 11'000;  // before today
constexpr std::uint64_t kFirstCode = 31ULL * 31 * 31 * 31 * 31 * 2;  // six characters
constexpr std::int64_t kCapitalTariffs[] = {50, 100, 10, 200, 500, 30, 1'000, 20, 300, 5, 2'000, 3};

Weighted kind_weights() {
  std::vector<std::uint32_t> weights;
  for (const FirmKind& kind : kFirmKinds) weights.push_back(kind.weight);
  return Weighted(weights);
}

bool is_shop(std::uint8_t kind) {
  return kFirmKinds[kind].form.empty();
}

std::string trade_name(Random& random) {
  static const Weighted characters = Weighted::zipf(kTradeNameCharacters.size(), 10);
  std::u16string name;
  const int length = random.chance(150) ? 3 : 2;
  for (int i = 0; i < length; ++i) name += kTradeNameCharacters[characters.pick(random)];
  return utf8(name);
}

}  // namespace

Firms::Firms(const FirmOptions& options)
    : options_(options),
      random_(options.seed),
      today_(kFirstDay),
      next_code_(kFirstCode),
      district_sizes_(Weighted::zipf(options.towns, 3)),
      industries_(Weighted::zipf(std::size(kIndustries), 4)),
      phrases_(Weighted::zipf(std::size(kScopePhrases), 6)),
      officers_(Weighted::zipf(8, 2)) {
  found_towns();
  std::vector<std::int32_t> founded;
  for (std::size_t i = 0; i < options_.rows; ++i) {
    const std::uint32_t years = random_.below(5);  // many are young
    const std::uint32_t span = static_cast<std::uint32_t>(kOldestDays) >> years;
    founded.push_back(today_ - 1 - static_cast<std::int32_t>(random_.below(span)));
  }
  std::sort(founded.begin(), founded.end());
  for (const std::int32_t day : founded) give_past(firms_[register_firm(day)]);
}

void Firms::found_towns() {
  for (std::uint32_t i = 0; i < options_.towns; ++i) {
    District district;
    district.town = make_town(random_, i);
    const auto streets = static_cast<std::uint32_t>(random_.between(12, 40));
    for (std::uint32_t street = 0; street < streets; ++street) {
      std::string name = place_name(random_);
      name += kStreetSuffixes[random_.below(std::size(kStreetSuffixes))];
      const std::uint32_t village = (random_.chance(400) ? 1 : 200) + random_.below(12);
      district.streets.push_back({.name = std::move(name), .village_code = village});
    }
    districts_.push_back(std::move(district));
  }
}

std::uint32_t Firms::register_firm(std::int32_t day) {
  static const Weighted kinds = kind_weights();
  Firm firm;
  firm.kind = static_cast<std::uint8_t>(kinds.pick(random_));
  firm.town = static_cast<std::uint16_t>(district_sizes_.pick(random_));
  firm.industry = static_cast<std::uint16_t>(industries_.pick(random_));
  firm.founded_day = firm.approved_day = day;
  firm.person = words_.name(random_, random_.chance(680));
  firm.code = new_code(firm);
  firm.name = firm_name(firm);
  give_address(firm);
  give_capital(firm);
  give_scope(firm);
  give_phone(firm);
  if (!is_shop(firm.kind) && random_.chance(250)) firm.term_end_day = day + 7'305;  // 20 years
  firm.rating = static_cast<std::uint8_t>(1);
  firms_.push_back(std::move(firm));
  const auto index = static_cast<std::uint32_t>(firms_.size() - 1);
  districts_[firms_.back().town].firms.push_back(index);
  ++living_;
  return index;
}

std::string Firms::new_code(const Firm& firm) {
  std::string code = "9";
  code += kFirmKinds[firm.kind].category;
  code += std::to_string(kCounty) + organisation_code(firm.founded_day);
  code += credit_check(code);
  return code;
}

// Since October 2015 "MA" and a running number of the whole province; before that eight digits.
std::string Firms::organisation_code(std::int32_t founded_day) {
  std::string code;
  if (founded_day >= kCodesSince) {
    next_code_ += 1 + random_.below(60);
    std::uint64_t rest = next_code_;
    for (int i = 0; i < 6; ++i, rest /= kCreditCharacters.size()) {
      code.insert(code.begin(), kCreditCharacters[rest % kCreditCharacters.size()]);
    }
    code.insert(0, "MA");
  } else {
    do {
      code = digits_text(10'000'000 + random_.below(70'000'000), 8);
    } while (!old_codes_.insert(code).second);
  }
  code += organisation_check(code);
  return code;
}

std::string Firms::firm_name(const Firm& firm) {
  const FirmKind& kind = kFirmKinds[firm.kind];
  const Industry& industry = kIndustries[firm.industry];
  std::string name = "临桥市";
  if (is_shop(firm.kind)) {
    name += districts_[firm.town].town.name;
    name += random_.chance(450) ? utf8(firm.person) : trade_name(random_);
    return name + std::string(industry.shop);
  }
  name += trade_name(random_);
  name += industry.trade;
  return name + std::string(kind.form);
}

void Firms::give_address(Firm& firm) {
  std::vector<Street>& streets = districts_[firm.town].streets;
  static const Weighted lively = Weighted::zipf(12, 3);
  firm.street = static_cast<std::uint16_t>(
      random_.chance(600) ? lively.pick(random_)
                          : random_.below(static_cast<std::uint32_t>(streets.size())));
  firm.house = static_cast<std::uint16_t>(1 + random_.below(400));
}

void Firms::give_capital(Firm& firm) {
  static const Weighted tariffs = Weighted::zipf(std::size(kCapitalTariffs), 2);
  firm.capital_cents = kCapitalTariffs[tariffs.pick(random_)] * 100;
  if (is_shop(firm.kind)) firm.capital_cents = std::min<std::int64_t>(firm.capital_cents, 2'000);
  if (random_.chance(50)) firm.capital_cents = 100 + random_.below(90'000);
}

void Firms::give_scope(Firm& firm) {
  firm.scope.clear();
  const std::uint32_t phrases = random_.below(is_shop(firm.kind) ? 3 : 9);
  for (std::uint32_t i = 0; i < phrases; ++i) {
    const auto phrase = static_cast<std::uint8_t>(phrases_.pick(random_));
    if (std::find(firm.scope.begin(), firm.scope.end(), phrase) == firm.scope.end()) {
      firm.scope.push_back(phrase);
    }
  }
}

void Firms::give_phone(Firm& firm) {
  firm.phone = random_.chance(830) ? words_.mobile_number(random_)
                                   : 57'380'000'000ULL + random_.below(10'000'000);
}

// What happened to the firm between its registration and the first day.
void Firms::give_past(Firm& firm) {
  const auto age = static_cast<std::uint32_t>(today_ - firm.founded_day);
  if (age > 400) {
    firm.report_year = static_cast<std::uint16_t>(random_.chance(550) ? 2024 : 2023);
    firm.rating = static_cast<std::uint8_t>(random_.chance(200) ? 0 : 1 + random_.below(3));
  }
  firm.employees = 1 + random_.below(is_shop(firm.kind) ? 5 : 40);
  if (random_.chance(350)) {
    firm.approved_day += static_cast<std::int32_t>(random_.below(age));
  }
  if (random_.chance(300)) {
    inspect(firm, today_ - static_cast<std::int32_t>(random_.below(std::min(age, 1'200U))));
  }
  if (random_.chance(140))
    firm.status = random_.chance(800) ? Status::kDissolved : Status::kRevoked;
  const std::int32_t last = std::max(firm.approved_day, firm.inspected_day);
  stamp(firm, office_time(random_, last));
  if (random_.chance(400)) firm.officer = 0;
}

void Firms::inspect(Firm& firm, std::int32_t day) {
  firm.inspected_day = day;
  firm.finding = static_cast<std::uint8_t>(random_.chance(780) ? 1 : 2 + random_.below(3));
}

}  // namespace rootlet::bench
