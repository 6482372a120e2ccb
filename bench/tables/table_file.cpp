// One write for each line; the stream buffers. See table_file.hpp.
#include "bench/tables/table_file.hpp"

#include <algorithm>
#include <fstream>

#include "bench/tool.hpp"

namespace rootlet::bench {

std::string csv_line(std::span<const std::string> row) {
  std::string line;
  for (const std::string& cell : row) {
    if (&cell != row.data()) line += ',';
    line += cell;
  }
  return line + "\n";
}

void write_csv(const std::string& path, std::span<const std::string_view> names,
               std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::ofstream file(path, std::ios::binary);
  const std::vector<std::string> header(names.begin(), names.end());
  file << csv_line(header);
  for (const std::string& line : lines) file << line;
  if (!file.flush()) die("cannot write " + path);
}

}  // namespace rootlet::bench
