// The changes of the register of firms from day to day. See firms.hpp.
#include <algorithm>

#include "bench/tables/firms/firms.hpp"
#include "bench/tables/firms/firms_words.hpp"
#include "bench/tables/text.hpp"

namespace rootlet::bench {
namespace {

constexpr std::uint32_t kOfficersPerTown = 8;
constexpr std::uint16_t kReportYear = 2024;

}  // namespace

void Firms::next_day(std::uint32_t per_mille) {
  ++today_;
  touched_.clear();
  const std::size_t changes = living_ * per_mille / 1000;
  const std::size_t removals = changes / 10, inserts = changes / 4;
  for (std::size_t i = 0; i < removals; ++i) remove_one();
  for (std::size_t updates = changes - removals - inserts; updates > 0;) {
    updates -= update_some(updates);
  }
  for (std::size_t i = 0; i < inserts; ++i) {
    const std::uint32_t index = register_firm(today_);
    touched_.insert(index);
    stamp(firms_[index], office_time(random_, today_));
  }
}

void Firms::bulk_day() {
  ++today_;
  touched_.clear();
  const std::int64_t start = today_ * kDaySeconds + 20 * 3600 + random_.below(3600);
  std::size_t done = 0;
  for (Firm& firm : firms_) {
    if (!firm.present || firm.status != Status::kOpen || !random_.chance(230)) continue;
    const bool trouble = firm.finding > 1 || firm.report_year != kReportYear;
    const auto worse = static_cast<std::uint8_t>(std::min(firm.rating + 1, 3));
    const auto better = static_cast<std::uint8_t>(firm.rating == 0 ? 1 : firm.rating - 1);
    firm.rating = trouble && firm.rating < 3 ? worse : better;
    firm.updated_at = start + static_cast<std::int64_t>(done++ / 300);
    firm.officer = UINT16_MAX;
  }
}

void Firms::stamp(Firm& firm, std::int64_t at) {
  firm.updated_at = at;
  firm.officer =
      static_cast<std::uint16_t>(1 + firm.town * kOfficersPerTown + officers_.pick(random_));
}

// Firms report whenever they like, but not at night.
void Firms::stamp_online(Firm& firm) {
  firm.updated_at = today_ * kDaySeconds + 7 * 3600 + random_.below(16 * 3600);
  firm.officer = 0;
}

std::uint32_t Firms::some_firm(Status status) {
  while (true) {
    const std::uint32_t index = random_.below(static_cast<std::uint32_t>(firms_.size()));
    const Firm& firm = firms_[index];
    if (firm.present && firm.status == status && touched_.insert(index).second) return index;
  }
}

void Firms::remove_one() {
  firms_[some_firm(Status::kDissolved)].present = false;
  --living_;
}

std::size_t Firms::update_some(std::size_t at_most) {
  const std::uint32_t kind = random_.below(100);
  if (kind < 4) return inspect_street(at_most);
  Firm& firm = firms_[some_firm(Status::kOpen)];
  if (kind < 50) {
    report(firm);
  } else if (kind < 88) {
    alter(firm);
  } else {
    dissolve(firm);
  }
  return 1;
}

// An officer walks down a street.
std::size_t Firms::inspect_street(std::size_t at_most) {
  const std::uint32_t first = some_firm(Status::kOpen);
  const Firm& example = firms_[first];
  const std::size_t left = std::min<std::size_t>(at_most, 3 + random_.below(12));
  std::int64_t at = office_time(random_, today_);
  stamp(firms_[first], at);
  const std::uint16_t officer = example.officer;
  inspect(firms_[first], today_ - 1);
  std::size_t done = 1;
  for (const std::uint32_t index : districts_[example.town].firms) {
    Firm& firm = firms_[index];
    if (done >= left) break;
    const bool visited = firm.present && firm.status == Status::kOpen &&
                         firm.street == example.street && !random_.chance(700);
    if (!visited || !touched_.insert(index).second) continue;
    inspect(firm, today_ - 1);
    firm.updated_at = at += 30 + random_.below(120);
    firm.officer = officer;
    ++done;
  }
  return done;
}

void Firms::report(Firm& firm) {
  firm.report_year = kReportYear;
  if (random_.chance(600)) firm.employees = 1 + random_.below(firm.employees + 4);
  if (random_.chance(150)) give_phone(firm);
  stamp_online(firm);
}

void Firms::alter(Firm& firm) {
  alter_one(firm);
  if (random_.chance(350)) alter_one(firm);
  firm.approved_day = today_;
  stamp(firm, office_time(random_, today_));
}

void Firms::alter_one(Firm& firm) {
  const std::uint32_t kind = random_.below(100);
  if (kind < 26) {
    give_scope(firm);
  } else if (kind < 50) {
    give_address(firm);
  } else if (kind < 70) {
    firm.person = words_.name(random_, random_.chance(680));
  } else if (kind < 85) {
    give_capital(firm);
  } else if (kind < 94) {
    give_phone(firm);
  } else {
    firm.name = firm_name(firm);
  }
}

void Firms::dissolve(Firm& firm) {
  firm.status = random_.chance(900) ? Status::kDissolved : Status::kRevoked;
  firm.approved_day = today_;
  stamp(firm, office_time(random_, today_));
}

}  // namespace rootlet::bench
