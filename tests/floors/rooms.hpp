// The plan of the house as CMake has it: which room may include which, read from the rootlet_room()
// lines, and the #include lines of every source file.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rootlet::test {

// For each room ("sync/pack/table") the rooms that it links, as its rootlet_room() line names them.
using Plan = std::map<std::string, std::set<std::string>>;

struct Include {
  std::string file;    // relative to the source folder
  std::string target;  // as written between the quotes or brackets
  bool is_ours = false;
};

Plan read_plan(const std::filesystem::path& source_folder);
// For each room all rooms that it may include: those that it links, and those that they may.
Plan closure_of(const Plan& plan);
// Rooms that may, over others, include themselves.
std::vector<std::string> rooms_in_a_circle(const Plan& closed);
// Links of the plan that go up a floor, or to a neighbour on the same floor (docs/ARCHITECTURE.md).
std::vector<std::string> links_that_go_up(const Plan& plan);

std::vector<Include> read_includes(const std::filesystem::path& source_folder);
bool is_allowed(const Include& include, const Plan& closed);

// Folders with more files of their own than `most`; tests/ and docs/ are not looked at.
std::vector<std::string> crowded_folders(const std::filesystem::path& source_folder,
                                         std::size_t most);

}  // namespace rootlet::test
