#include "tests/floors/words.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>

namespace rootlet::test {
namespace {

namespace fs = std::filesystem;

bool is_word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Lower case, and every run of white space, comment slashes and hashes as one blank.
std::string flattened(std::string_view text) {
  std::string flat;
  for (const char c : text) {
    const bool is_gap = std::isspace(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '#';
    if (!is_gap) {
      flat.push_back(lower(c));
    } else if (flat.empty() || flat.back() != ' ') {
      flat.push_back(' ');
    }
  }
  return flat;
}

bool holds_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

bool is_text(const fs::path& path) {
  static const std::set<std::string> kEndings = {".cpp", ".hpp",   ".md",   ".py",   ".sh",
                                                 ".txt", ".cmake", ".json", ".conf", ".service"};
  return kEndings.contains(path.extension().string());
}

bool is_left_out(const fs::path& path) {
  static const std::set<std::string> kNames = {"node_modules", "build",         ".git",
                                               "out",          "old_words.txt", "glossary.md"};
  return kNames.contains(path.filename().string());
}

}  // namespace

std::vector<OldWord> read_old_words(const fs::path& list) {
  std::vector<OldWord> words;
  std::ifstream file(list);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const bool is_identifier = std::any_of(
        line.begin(), line.end(), [](unsigned char c) { return std::isupper(c) != 0 || c == '_'; });
    words.push_back({line, is_identifier});
  }
  return words;
}

std::vector<std::string> old_words_in(std::string_view text, const std::vector<OldWord>& words) {
  const std::string flat = flattened(text);
  std::vector<std::string> found;
  for (const OldWord& word : words) {
    const bool is_there =
        word.is_identifier ? holds_word(text, word.text) : holds_word(flat, word.text);
    if (is_there) found.push_back(word.text);
  }
  return found;
}

std::vector<fs::path> own_texts(const fs::path& source_folder) {
  std::vector<fs::path> texts;
  for (auto at = fs::recursive_directory_iterator(source_folder); at != fs::end(at); ++at) {
    if (is_left_out(at->path())) {
      if (at->is_directory()) at.disable_recursion_pending();
    } else if (at->is_regular_file() && is_text(at->path())) {
      texts.push_back(at->path());
    }
  }
  return texts;
}

}  // namespace rootlet::test
