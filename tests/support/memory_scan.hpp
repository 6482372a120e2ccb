// Looks for bytes in this process's own memory: heap and anonymous mappings, not the stack, because
// the search itself is there. The needle is kept with each byte turned over, so it does not find
// itself.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace rootlet::test {

inline std::vector<std::uint8_t> turned_over(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> out;
  for (const std::uint8_t byte : bytes) out.push_back(static_cast<std::uint8_t>(~byte));
  return out;
}

inline std::size_t copies_in_range(const std::uint8_t* at, const std::uint8_t* end,
                                   const std::vector<std::uint8_t>& turned) {
  std::size_t found = 0;
  for (; at + turned.size() <= end; ++at) {
    if (*at != static_cast<std::uint8_t>(~turned[0])) continue;
    std::size_t equal = 1;
    while (equal < turned.size() && at[equal] == static_cast<std::uint8_t>(~turned[equal])) ++equal;
    found += equal == turned.size() ? 1 : 0;
  }
  return found;
}

inline std::size_t copies_in_memory(const std::vector<std::uint8_t>& turned) {
  std::size_t found = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3) continue;
    const bool is_data = rights[0] == 'r' && rights[1] == 'w';
    if (!is_data || line.find("[stack") != std::string::npos) continue;
    found += copies_in_range(reinterpret_cast<const std::uint8_t*>(begin),
                             reinterpret_cast<const std::uint8_t*>(end), turned);
  }
  return found;
}

}  // namespace rootlet::test
