// Writes an invented table as CSV files, rows ordered by key: FOLDER/day0.csv, and a file for each
// named later day; "bulk" is the day after day 0 on which one program changes many rows.
// clang-format off
// Usage: make_table roster|firms|payments FOLDER ROWS TOWNS DAY…
//        make_table roster --entropy ROWS TOWNS     prints the entropy of the first day's change
// clang-format on
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "bench/tables/firms/firms.hpp"
#include "bench/tables/payments/payments.hpp"
#include "bench/tables/roster/roster.hpp"
#include "bench/tables/table_file.hpp"
#include "bench/tool.hpp"

namespace rootlet::bench {
namespace {

struct Wanted {
  std::string folder;
  std::size_t rows = 0;
  std::uint32_t towns = 0;
  std::set<int> days;
  bool bulk = false;

  std::string file(const std::string& day) const { return folder + "/" + day + ".csv"; }
};

template <typename Table, typename Options>
void write_days(const Wanted& wanted, std::span<const std::string_view> names) {
  const Options options{.rows = wanted.rows, .towns = wanted.towns};
  Table table(options);
  write_table(table, names, wanted.file("day0"));
  if (wanted.bulk) {
    Table changed = table;
    changed.bulk_day();
    write_table(changed, names, wanted.file("bulk"));
  }
  for (int day = 1; !wanted.days.empty() && day <= *wanted.days.rbegin(); ++day) {
    table.next_day();
    if (wanted.days.contains(day)) {
      write_table(table, names, wanted.file("day" + std::to_string(day)));
    }
  }
}

double log2_factorial(double n) {
  return std::lgamma(n + 1) / std::log(2);
}

// The entropy of the first day's change for a reader who knows the table and how such tables
// change. Excludes the order in which rows were changed, which no file shows.
void print_entropy(const RosterOptions& options) {
  Roster roster(options);
  const auto changes = static_cast<double>(roster.size() / 100);
  roster.forget_chance();
  roster.next_day();
  json::object bits;
  double all = 0;
  for (const auto& [what, spent] : roster.chance_bits()) {
    if (what == Random::Purpose::kUnseen) continue;
    const bool in_some_order = what == "which rows";
    const double order = in_some_order
                             ? log2_factorial(changes * 0.6) + log2_factorial(changes * 0.1) +
                                   log2_factorial(changes * 0.3)
                             : 0;
    bits[what] = (spent - order) / 8;
    all += (spent - order) / 8;
  }
  print(json::object{{"bytes", all}, {"parts", std::move(bits)}});
}

void make(const std::string& kind, const Wanted& wanted) {
  if (kind == "roster") {
    write_days<Roster, RosterOptions>(wanted, kRosterColumnNames);
  } else if (kind == "firms") {
    write_days<Firms, FirmOptions>(wanted, kFirmColumnNames);
  } else if (kind == "payments") {
    write_days<Payments, PaymentOptions>(wanted, kPaymentColumnNames);
  } else {
    die("there is no table " + kind);
  }
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  if (argc < 5) die("usage: make_table roster|firms|payments FOLDER ROWS TOWNS DAY…");
  Wanted wanted{.folder = argv[2],
                .rows = std::stoul(argv[3]),
                .towns = static_cast<std::uint32_t>(std::stoul(argv[4])),
                .days = {}};
  if (wanted.folder == "--entropy") {
    print_entropy({.rows = wanted.rows, .towns = wanted.towns});
    return 0;
  }
  for (int i = 5; i < argc; ++i) {
    if (std::string(argv[i]) == "bulk") {
      wanted.bulk = true;
    } else {
      wanted.days.insert(std::stoi(argv[i]));
    }
  }
  make(argv[1], wanted);
  return 0;
}
