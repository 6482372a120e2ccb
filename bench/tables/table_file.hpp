// Writes an invented table as a CSV file, with its rows in the order of their lines, so that the
// same table is the same file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet::bench {

// Cells hold no comma, quote or line end.
std::string csv_line(std::span<const std::string> row);
// Exits with a message if the file cannot be written.
void write_csv(const std::string& path, std::span<const std::string_view> names,
               std::vector<std::string> lines);

template <typename Table>
void write_table(const Table& table, std::span<const std::string_view> names,
                 const std::string& path) {
  std::vector<std::string> lines;
  lines.reserve(table.size());
  table.for_each([&](const auto& row) { lines.push_back(csv_line(row)); });
  write_csv(path, names, std::move(lines));
}

}  // namespace rootlet::bench
