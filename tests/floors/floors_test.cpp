// The house stands: every include of our own code goes down a floor, neighbours do not see each
// other, and a library that has one home is included in that home only (docs/ARCHITECTURE.md).
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/support.hpp"

namespace {

namespace fs = std::filesystem;

struct Include {
  std::string file;    // relative to the source folder
  std::string target;  // as written between the quotes or brackets
  bool is_ours = false;
};

using Includes = std::vector<Include>;

// Which floors and neighbours a folder may include. Itself is always allowed.
const std::map<std::string, std::set<std::string>>& rules() {
  static const std::map<std::string, std::set<std::string>> kRules = [] {
    std::map<std::string, std::set<std::string>> rules;
    rules["core"] = {};
    rules["config"] = {"core"};
    rules["storage"] = {"core"};
    for (const char* leaf : {"sync/pack", "sync/trust", "sync/wire"}) {
      rules[leaf] = {"core", "config", "storage"};
    }
    for (const char* way : {"sync/downlink", "sync/uplink"}) {
      rules[way] = {"core", "config", "storage", "sync/pack", "sync/trust", "sync/wire"};
    }
    rules["agent"] = rules["sync/downlink"];
    rules["agent"].insert({"sync/downlink", "sync/uplink"});
    // The platform publishes and takes in; it never syncs down.
    rules["platform"] = rules["sync/uplink"];
    rules["platform"].insert("sync/uplink");
    return rules;
  }();
  return kRules;
}

// "sync/pack" for sync/pack/table.hpp, "agent" for agent/query/filter.hpp, "" for what is no floor.
std::string floor_of(const std::string& path) {
  const std::size_t first = path.find('/');
  if (first == std::string::npos) return "";
  const std::string top = path.substr(0, first);
  const std::string floor = top == "sync" ? path.substr(0, path.find('/', first + 1)) : top;
  return rules().contains(floor) ? floor : "";
}

bool is_source(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".hpp" || ending == ".cpp" || ending == ".h" || ending == ".c";
}

void read_includes(const fs::path& path, const std::string& name, Includes& out) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const std::size_t word = line.find("include", hash);
    const std::size_t open = line.find_first_of("\"<", hash);
    if (word == std::string::npos || open == std::string::npos || open < word) continue;
    const std::size_t close = line.find_first_of("\">", open + 1);
    if (close == std::string::npos) continue;
    out.push_back({name, line.substr(open + 1, close - open - 1), line[open] == '"'});
  }
}

const Includes& all_includes() {
  static const Includes kIncludes = [] {
    Includes includes;
    const fs::path root = ROOTLET_SOURCE_DIR;
    for (const char* top : {"core", "config", "storage", "sync", "agent", "platform"}) {
      if (!fs::exists(root / top)) continue;
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
        const std::string name = entry.path().lexically_relative(root).generic_string();
        const bool foreign = name.find("node_modules/") != std::string::npos;
        if (entry.is_regular_file() && is_source(entry.path()) && !foreign) {
          read_includes(entry.path(), name, includes);
        }
      }
    }
    return includes;
  }();
  return kIncludes;
}

bool is_allowed(const Include& include) {
  const std::string from = floor_of(include.file);
  const std::string to = floor_of(include.target);
  if (from.empty() || to.empty()) return !include.is_ours;
  return from == to || rules().at(from).contains(to);
}

std::set<std::string> files_that_include(const std::string& start) {
  std::set<std::string> files;
  for (const Include& include : all_includes()) {
    if (include.target.starts_with(start)) files.insert(include.file);
  }
  return files;
}

bool lies_in(const std::string& file, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    if (file.starts_with(folder)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("floors: every include of our own code goes down") {
  REQUIRE(all_includes().size() > 200);
  for (const Include& include : all_includes()) {
    if (!include.is_ours) continue;
    CAPTURE(include.file);
    CAPTURE(include.target);
    CHECK(is_allowed(include));
  }
}

TEST_CASE("floors: our own headers are named from the top, in quotes") {
  const fs::path root = ROOTLET_SOURCE_DIR;
  for (const Include& include : all_includes()) {
    CAPTURE(include.file);
    CAPTURE(include.target);
    CHECK(fs::exists(root / include.target) == include.is_ours);
  }
}

TEST_CASE("floors: each outside library has its home") {
  const std::map<std::string, std::vector<std::string>> homes = {
      {"sqlite3.h", {"storage/"}},
      {"curl/", {"sync/wire/http.cpp"}},
      {"sodium", {"core/", "sync/"}},
      {"openssl/", {"sync/trust/", "platform/gateway/"}},
      {"zstd", {"sync/pack/", "sync/uplink/"}},
      {"boost/beast", {"platform/gateway/"}},
      {"boost/asio", {"platform/gateway/"}},
      {"spdlog/", {"core/log.cpp"}},
      {"doctest/", {"tests/"}},
  };
  for (const auto& [library, folders] : homes) {
    for (const std::string& file : files_that_include(library)) {
      CAPTURE(library);
      CAPTURE(file);
      CHECK(lies_in(file, folders));
    }
  }
  CHECK(files_that_include("sqlite3.h").size() == 2);
  CHECK(files_that_include("curl/curl.h").size() == 1);
}

TEST_CASE("floors: the rule itself tells up from down") {
  CHECK(is_allowed({"agent/x.cpp", "sync/downlink/sync.hpp", true}));
  CHECK(is_allowed({"sync/downlink/a.cpp", "sync/pack/pack.hpp", true}));
  CHECK(is_allowed({"core/a.cpp", "core/b.hpp", true}));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"core/a.cpp", "storage/database.hpp"},
           {"config/a.cpp", "storage/database.hpp"},
           {"storage/a.cpp", "config/settings.hpp"},
           {"sync/pack/a.cpp", "sync/trust/grant.hpp"},
           {"sync/trust/a.cpp", "sync/wire/http.hpp"},
           {"sync/wire/a.cpp", "sync/pack/pack.hpp"},
           {"sync/downlink/a.cpp", "sync/uplink/outbox.hpp"},
           {"sync/uplink/a.cpp", "sync/downlink/sync.hpp"},
           {"sync/pack/a.cpp", "sync/downlink/sync.hpp"},
           {"agent/a.cpp", "platform/realm.hpp"},
           {"platform/a.cpp", "agent/home.hpp"},
           {"platform/a.cpp", "sync/downlink/sync.hpp"},
           {"sync/uplink/a.cpp", "agent/home.hpp"}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK_FALSE(is_allowed({from, to, true}));
  }
}
