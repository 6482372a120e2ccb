// A synthetic register of a county's firms, with the same rows on every machine for the same
// options. It serves to check the codec on data that it was not tuned on: do not tune it on this
// table. Random are the letters of new codes, telephone digits, seconds, wording, and which firms
// change on a day. All firms and people are invented.
//
// Columns: credit_code (key; GB 32100 with its check character), name, kind, legal_person, capital
// (in units of 10,000 yuan), industry (four digits), scope (phrases, often a long text), address,
// division (12 digits), phone, founded, approved, term_end (mostly empty), status, employees,
// report_year, inspected, finding, rating, updated_at, updated_by.
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

inline constexpr std::size_t kFirmColumns = 21;
extern const std::array<std::string_view, kFirmColumns> kFirmColumnNames;
using FirmRow = std::array<std::string, kFirmColumns>;

struct FirmOptions {
  std::uint64_t seed = 7;
  std::size_t rows = 100'000;
  std::uint32_t towns = 20;
};

class Firms {
 public:
  explicit Firms(const FirmOptions& options);

  // Advances to the next day and changes `per_mille` of the rows: 65 % of the changes update a few
  // columns, 25 % are new firms, 10 % are firms dissolved long ago that leave the register.
  void next_day(std::uint32_t per_mille = 10);
  // Advances to a day on which, in the evening, one program rates all firms anew; about a fifth of
  // the ratings change.
  void bulk_day();

  std::size_t size() const { return living_; }
  // Every row once, in no particular order.
  template <typename Visit>
  void for_each(Visit visit) const {
    FirmRow row;
    for (const Firm& firm : firms_) {
      if (!firm.present) continue;
      write_row(firm, row);
      visit(row);
    }
  }

 private:
  enum class Status : std::uint8_t { kOpen, kDissolved, kRevoked };
  struct Firm {
    bool present = true;
    Status status = Status::kOpen;
    std::uint8_t kind = 0;
    std::uint8_t finding = 0;  // of the last inspection; 0: never inspected
    std::uint8_t rating = 0;
    std::uint16_t industry = 0;  // index
    std::uint16_t town = 0, street = 0, house = 0;
    std::uint16_t report_year = 0;  // 0: none yet
    std::uint16_t officer = 0;      // 0: the firm itself, online
    std::uint32_t employees = 0;
    std::int32_t founded_day = 0, approved_day = 0, inspected_day = 0;
    std::int32_t term_end_day = 0;  // 0: no end
    std::int64_t capital_cents = 0;
    std::uint64_t phone = 0;
    std::int64_t updated_at = 0;
    std::string code, name;
    std::u16string person;
    std::vector<std::uint8_t> scope;  // phrases beside those of the industry
  };
  struct Street {
    std::string name;
    std::uint32_t village_code = 0;  // the last three digits of the division
  };
  struct District {
    Town town;
    std::vector<Street> streets;
    std::vector<std::uint32_t> firms;  // indexes, in order of registration
  };

  void found_towns();
  std::uint32_t register_firm(std::int32_t day);
  std::string new_code(const Firm& firm);
  std::string organisation_code(std::int32_t founded_day);
  std::string firm_name(const Firm& firm);
  void give_address(Firm& firm);
  void give_capital(Firm& firm);
  void give_scope(Firm& firm);
  void give_phone(Firm& firm);
  void give_past(Firm& firm);
  void inspect(Firm& firm, std::int32_t day);

  void stamp(Firm& firm, std::int64_t at);
  void stamp_online(Firm& firm);
  std::uint32_t some_firm(Status status);
  std::size_t update_some(std::size_t at_most);
  std::size_t inspect_street(std::size_t at_most);
  void report(Firm& firm);
  void alter(Firm& firm);
  void alter_one(Firm& firm);
  void dissolve(Firm& firm);
  void remove_one();
  void write_row(const Firm& firm, FirmRow& row) const;

  FirmOptions options_;
  Random random_;
  PeopleWords words_;
  std::int32_t today_;
  std::size_t living_ = 0;
  std::uint64_t next_code_;
  std::vector<District> districts_;
  std::vector<Firm> firms_;
  std::unordered_set<std::string> old_codes_;
  std::unordered_set<std::uint32_t> touched_;  // today
  Weighted district_sizes_, industries_, phrases_, officers_;
};

}  // namespace rootlet::bench
