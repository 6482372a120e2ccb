// Writes the synthetic roster as CSV files, rows by key: FOLDER/day0.csv, and a file for each later
// day that is named; "bulk" is the day after day 0 on which a fifth of the amounts changes.
// Usage: make_roster FOLDER ROWS TOWNS DAY…
#include <algorithm>
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

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  if (argc < 4) die("usage: make_roster FOLDER ROWS TOWNS DAY…");
  const std::string folder = argv[1];
  const RosterOptions options{.rows = std::stoul(argv[2]),
                              .towns = static_cast<std::uint32_t>(std::stoul(argv[3]))};
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
