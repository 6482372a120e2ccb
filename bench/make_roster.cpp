// Writes the synthetic roster as CSV files, rows ordered by key: FOLDER/day0.csv, and a file for
// each named later day; "bulk" is the day after day 0 on which a fifth of the amounts change.
// clang-format off
// Usage: make_roster FOLDER ROWS TOWNS DAY…
//        make_roster --entropy ROWS TOWNS     prints the entropy of the first day's change
// clang-format on
#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "bench/roster.hpp"
#include "bench/tool.hpp"

namespace rootlet::bench {
namespace {

std::string line_of(std::span<const std::string> row) {
  std::string line;
  for (const std::string& cell : row) line += (line.empty() ? "" : ",") + cell;
  return line + "\n";
}

void write(const Roster& roster, const std::string& path) {
  std::vector<std::string> lines;
  lines.reserve(roster.size());
  roster.for_each([&](const RosterRow& row) { lines.push_back(line_of(row)); });
  std::sort(lines.begin(), lines.end());
  std::ofstream file(path, std::ios::binary);
  std::string header;
  for (const std::string_view name : kRosterColumnNames) {
    header += (header.empty() ? "" : ",") + std::string(name);
  }
  file << header << "\n";
  for (const std::string& line : lines) file << line;
  if (!file.flush()) die("cannot write " + path);
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

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  if (argc < 4) die("usage: make_roster FOLDER ROWS TOWNS DAY… | --entropy ROWS TOWNS");
  const std::string folder = argv[1];
  const RosterOptions options{.rows = std::stoul(argv[2]),
                              .towns = static_cast<std::uint32_t>(std::stoul(argv[3]))};
  if (folder == "--entropy") {
    print_entropy(options);
    return 0;
  }
  Roster roster(options);
  write(roster, folder + "/day0.csv");
  std::set<int> days;
  for (int i = 4; i < argc; ++i) {
    if (std::string(argv[i]) != "bulk") {
      days.insert(std::stoi(argv[i]));
      continue;
    }
    Roster raised(options);
    raised.bulk_day();
    write(raised, folder + "/bulk.csv");
  }
  for (int day = 1; !days.empty() && day <= *days.rbegin(); ++day) {
    roster.next_day();
    if (days.contains(day)) write(roster, folder + "/day" + std::to_string(day) + ".csv");
  }
  return 0;
}
