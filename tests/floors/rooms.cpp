#include "tests/floors/rooms.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace rootlet::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHouses[] = {"core", "config", "storage", "sync", "agent", "platform"};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "sync/pack" for sync/pack/table, "agent" for agent/cli: where a floor begins and ends.
std::string floor_of(const std::string& room) {
  const std::size_t first = room.find('/');
  if (first == std::string::npos) return room;
  if (room.substr(0, first) != "sync") return room.substr(0, first);
  return room.substr(0, room.find('/', first + 1));
}

// Which other floors a floor may see.
const std::map<std::string, std::set<std::string>>& floors() {
  static const std::map<std::string, std::set<std::string>> kFloors = [] {
    std::map<std::string, std::set<std::string>> floors;
    floors["core"] = {};
    floors["config"] = {"core"};
    floors["storage"] = {"core"};
    for (const char* leaf : {"sync/pack", "sync/trust", "sync/wire"}) {
      floors[leaf] = {"core", "config", "storage"};
    }
    for (const char* way : {"sync/downlink", "sync/uplink", "sync/repository"}) {
      floors[way] = {"core", "config", "storage", "sync/pack", "sync/trust", "sync/wire"};
    }
    floors["agent"] = floors["sync/downlink"];
    floors["agent"].insert({"sync/downlink", "sync/uplink", "sync/repository"});
    // The platform publishes and takes in; it never syncs down.
    floors["platform"] = floors["sync/uplink"];
    floors["platform"].insert({"sync/uplink", "sync/repository"});
    return floors;
  }();
  return kFloors;
}

// The words behind `keyword`, up to the next one in capitals.
std::set<std::string> words_behind(const std::string& line, const std::string& keyword) {
  std::istringstream words(line);
  std::set<std::string> found;
  bool inside = false;
  for (std::string word; words >> word;) {
    if (word == "ROOMS" || word == "LINK" || word == "COLD") {
      inside = word == keyword;
    } else if (inside) {
      found.insert(word);
    }
  }
  return found;
}

void add_reachable(const Plan& plan, const std::string& room, std::set<std::string>& into) {
  const auto links = plan.find(room);
  if (links == plan.end()) return;
  for (const std::string& below : links->second) {
    if (into.insert(below).second) add_reachable(plan, below, into);
  }
}

bool is_source(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".hpp" || ending == ".cpp" || ending == ".h" || ending == ".c";
}

void read_includes_of(const fs::path& path, const std::string& name, std::vector<Include>& out) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::ifstream file(path);
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_search(line, match, kInclude)) out.push_back({name, match[2], match[1] == "\""});
  }
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash);
}

}  // namespace

Plan read_plan(const fs::path& source_folder) {
  static const std::regex kRoom(R"(rootlet_room\(([^)]*)\))");
  Plan plan;
  for (const char* house : kHouses) {
    const std::string text = text_of(source_folder / house / "CMakeLists.txt");
    for (std::sregex_iterator at(text.begin(), text.end(), kRoom), end; at != end; ++at) {
      const std::string words = (*at)[1];
      std::string room;
      std::istringstream(words) >> room;
      plan[room] = words_behind(words, "ROOMS");
    }
  }
  return plan;
}

Plan closure_of(const Plan& plan) {
  Plan closed;
  for (const auto& [room, links] : plan) add_reachable(plan, room, closed[room]);
  return closed;
}

std::vector<std::string> rooms_in_a_circle(const Plan& closed) {
  std::vector<std::string> found;
  for (const auto& [room, below] : closed) {
    if (below.contains(room)) found.push_back(room);
  }
  return found;
}

std::vector<std::string> links_that_go_up(const Plan& plan) {
  std::vector<std::string> found;
  for (const auto& [room, links] : plan) {
    const auto floor = floors().find(floor_of(room));
    for (const std::string& below : links) {
      const bool down = floor != floors().end() && (floor_of(below) == floor->first ||
                                                    floor->second.contains(floor_of(below)));
      if (!down || !plan.contains(below)) found.push_back(room + " -> " + below);
    }
  }
  return found;
}

std::vector<Include> read_includes(const fs::path& source_folder) {
  std::vector<Include> includes;
  for (const char* house : kHouses) {
    for (const auto& entry : fs::recursive_directory_iterator(source_folder / house)) {
      const std::string name = entry.path().lexically_relative(source_folder).generic_string();
      const bool foreign = name.find("node_modules/") != std::string::npos;
      if (entry.is_regular_file() && is_source(entry.path()) && !foreign) {
        read_includes_of(entry.path(), name, includes);
      }
    }
  }
  return includes;
}

bool is_allowed(const Include& include, const Plan& closed) {
  if (!include.is_ours) return true;
  const auto from = closed.find(folder_of(include.file));
  const std::string to = folder_of(include.target);
  if (from == closed.end() || !closed.contains(to)) return false;
  return from->first == to || from->second.contains(to);
}

std::vector<std::string> crowded_folders(const fs::path& source_folder, std::size_t most) {
  std::map<std::string, std::size_t> counts;
  auto tops = std::vector<std::string>(std::begin(kHouses), std::end(kHouses));
  tops.insert(tops.end(), {"bench", "cmake", "installer", "scripts"});
  for (const std::string& top : tops) {
    for (auto at = fs::recursive_directory_iterator(source_folder / top); at != fs::end(at); ++at) {
      const std::string name = at->path().filename().string();
      if (name == "out" || name == "dist" || name == "node_modules" || name == "__pycache__" ||
          name == "corpus") {
        at.disable_recursion_pending();
      } else if (at->is_regular_file()) {
        ++counts[at->path().parent_path().lexically_relative(source_folder).generic_string()];
      }
    }
  }
  std::vector<std::string> crowded;
  for (const auto& [folder, count] : counts) {
    if (count > most) crowded.push_back(folder + ": " + std::to_string(count));
  }
  return crowded;
}

}  // namespace rootlet::test
