// One word per thing (docs/glossary.md): a word that was given up does not come back.
#include "tests/floors/words.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/support/support.hpp"

namespace {

using namespace rootlet::test;
namespace fs = std::filesystem;

const std::vector<OldWord>& old_words() {
  static const std::vector<OldWord> kWords =
      read_old_words(fs::path(ROOTLET_SOURCE_DIR) / "tests/floors/old_words.txt");
  return kWords;
}

}  // namespace

TEST_CASE("words: no text of this project holds a word that was given up") {
  REQUIRE(old_words().size() > 50);
  const std::vector<fs::path> texts = own_texts(ROOTLET_SOURCE_DIR);
  REQUIRE(texts.size() > 400);
  for (const fs::path& path : texts) {
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    CAPTURE(path.string());
    CHECK(old_words_in(text, old_words()) == std::vector<std::string>{});
  }
}

TEST_CASE("words: an old word is seen whole, in any place, and only whole") {
  const std::vector<OldWord> words = {{"OldName", true}, {"old phrase", false}, {"old", false}};
  CHECK(old_words_in("OldName name;", words) == std::vector<std::string>{"OldName"});
  CHECK(old_words_in("// an Old\n  // phrase", words) ==
        std::vector<std::string>{"old phrase", "old"});
  CHECK(old_words_in("told, oldest, OldNames, oldname, bold phrase", words).empty());
}

TEST_CASE("words: the glossary names the old words in a column of their own") {
  std::ifstream file(fs::path(ROOTLET_SOURCE_DIR) / "docs/glossary.md");
  std::size_t renamed = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| ")) continue;
    CAPTURE(line);
    CHECK(std::count(line.begin(), line.end(), '|') == 5);
    if (!line.ends_with("| |")) ++renamed;
  }
  CHECK(renamed > 20);
}
