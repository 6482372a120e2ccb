// The files of the directory: their numbers, their loss, their end, and the news.
#include <functional>

#include "sync/pack/news.hpp"
#include "sync/pack/table/directory.hpp"
#include "tests/platform/repository/tree_world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

const Codes kTowns = {{"330402001", 2}, {"330502001", 2}, {"110101001", 2}};

// Three towns with a grant each, and a city with heads.
struct Towns {
  TreeWorld world;
  std::vector<TreeOffice> offices;

  Towns() {
    world.add_dataset("towns", 9);
    world.publish("towns", kTowns);
    for (const auto& [code, rows] : kTowns) {
      offices.push_back(world.add_office("office-" + code, code));
      world.permit(offices.back(), "towns", {code});
    }
    offices.push_back(world.add_office("city", "3304"));
    world.permit(offices.back(), "towns", {"3304"});
  }
  // A publish that changes one town.
  void change() {
    Codes codes = kTowns;
    codes["330502001"] += ++more_;
    world.publish("towns", codes);
  }

  std::set<fs::path> files(const std::string& folder) {
    std::set<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(world.repository() / folder)) {
      if (entry.is_regular_file()) found.insert(entry.path());
    }
    return found;
  }

 private:
  int more_ = 0;
};

std::string content(const fs::path& path) {
  return must(read_text_file(path, std::size_t{1} << 30));
}

void overwrite(const fs::path& path, std::string text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Harms one file of the directory after the other, and publishes after each.
void harm_each(const std::function<void(const fs::path&, const std::string&)>& harm) {
  Towns towns;
  towns.change();
  std::size_t harmed = 0;
  for (const fs::path& path : towns.files("directory")) {
    CAPTURE(path);
    if (!fs::exists(path)) continue;
    const std::string text = content(path);
    harm(path, text);
    if (towns.world.problems().empty()) {  // only an old directory names it
      overwrite(path, text);
      continue;
    }
    ++harmed;
    towns.change();
    CHECK(towns.world.problems() == "");
  }
  CHECK(harmed >= 3);
  for (const TreeOffice& office : towns.offices) CHECK(towns.world.seen_by(office).size() >= 2);
}

}  // namespace

TEST_CASE("directory files: a number is never used twice, also after an older copy came back") {
  Towns towns;
  if (!test_database(towns.world.path()).empty()) return;  // it copies the registry's file
  const auto copy = towns.world.path().parent_path() / "platform.db";
  towns.world.close();
  fs::copy_file(towns.world.path() / "platform.db", copy);
  towns.world.open();
  towns.change();
  std::map<fs::path, std::string> before;
  for (const fs::path& path : towns.files("directory")) before[path] = content(path);
  towns.world.close();
  fs::copy_file(copy, towns.world.path() / "platform.db", fs::copy_options::overwrite_existing);
  towns.world.open();
  towns.world.pass();
  towns.change();
  for (const auto& [path, text] : before) {
    CAPTURE(path);
    if (fs::exists(path)) CHECK(content(path) == text);
  }
  CHECK(towns.world.problems() == "");
}

TEST_CASE("directory files: what is lost is found by verify and made again by the next publish") {
  harm_each([](const fs::path& path, const std::string&) { fs::remove(path); });
}

TEST_CASE(
    "directory files: what is damaged is found by verify and made again by the next publish") {
  harm_each([](const fs::path& path, std::string text) {
    for (std::size_t at = 0; at < text.size(); at += 50) text[at] ^= 1;
    overwrite(path, text);
  });
}

TEST_CASE("directory files: one that nothing names any more goes after thirty days") {
  Towns towns;
  towns.change();
  const std::set<fs::path> before = towns.files("directory");
  towns.change();
  for (const fs::path& path : before) CHECK(fs::exists(path));
  towns.world.clock.pass(kRetiredPackLife + std::chrono::hours(1));
  towns.change();
  std::set<fs::path> known;
  for (const DirectoryFile& file : must(towns.world.tree().files())) {
    known.insert(towns.world.repository() / nodes_path(file.group, file.file));
  }
  std::size_t roots = 0;
  for (const fs::path& path : towns.files("directory")) {
    if (known.contains(path)) continue;
    CHECK(path.filename().string().ends_with(".all.pack"));
    ++roots;
  }
  CHECK(roots == 2);
  CHECK(towns.files("directory").size() < before.size());
  CHECK(towns.world.problems() == "");
}

TEST_CASE("news: they hold the metadata and the nodes on the way, and stay while nothing changes") {
  Towns towns;
  Registry& registry = towns.world.realm().registry();
  const std::set<fs::path> files = towns.files("news");
  std::set<std::string> names;
  for (const fs::path& path : files) names.insert(path.filename().string());
  CHECK(names == std::set<std::string>{"11.news", "1101.news", "33.news", "3304.news", "3305.news",
                                       "all.news"});
  const News news =
      must(parse_news(as_bytes(content(towns.world.repository() / news_path("3304")))));
  CHECK(news.root_version == 1);
  CHECK(news.files.size() == 6);
  CHECK(news.files.at("timestamp.json") ==
        must(towns.world.realm().serving().metadata().newest("timestamp"))->file);
  const auto version = must(registry.newest_metadata("directory"))->version;
  CHECK(news.files.contains(std::to_string(version) + ".directory.json"));
  for (const char* node : {"all", "33", "3304"}) {
    CHECK(news.files.at(node_stream(node).text()) == *must(towns.world.tree().node_pack(node)));
  }

  const auto path = towns.world.repository() / news_path("3304");
  const auto before = fs::last_write_time(path);
  const std::string text = content(path);
  must(write_repository(towns.world.realm(), towns.world.now()));
  CHECK(fs::last_write_time(path) == before);
  must(renew_repository(towns.world.realm(), towns.world.now() + std::chrono::days(2)));
  CHECK(content(path) != text);

  overwrite(towns.world.repository() / "news/99.news", "x");
  CHECK(towns.world.problems() != "");
  must(write_repository(towns.world.realm(), towns.world.now()));
  CHECK(towns.files("news") == files);
}

TEST_CASE("grant files: those that were lost come back with the next write") {
  Towns towns;
  for (const fs::path& path : towns.files("offices")) fs::remove(path);
  CHECK(towns.world.problems() != "");
  must(write_repository(towns.world.realm(), towns.world.now()));
  CHECK(towns.files("offices").size() == 4);
  CHECK(towns.world.problems() == "");
}

TEST_CASE("root node: it comes back from the registry if its file was lost") {
  Towns towns;
  for (const fs::path& path : towns.files("directory")) {
    if (path.filename().string().ends_with(".all.pack")) fs::remove(path);
  }
  CHECK(towns.world.problems() != "");
  must(write_repository(towns.world.realm(), towns.world.now()));
  CHECK(towns.world.problems() == "");
}
