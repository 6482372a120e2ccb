// Old words (old_words.txt) in texts of this project.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet::test {

struct OldWord {
  std::string text;
  bool is_identifier = false;  // letter case counts
};

std::vector<OldWord> read_old_words(const std::filesystem::path& list);

// Those of `words` that occur in `text` as whole words. A phrase may be broken over comment lines.
std::vector<std::string> old_words_in(std::string_view text, const std::vector<OldWord>& words);

// Every text of the project that people write: sources, documents, scripts.
std::vector<std::filesystem::path> own_texts(const std::filesystem::path& source_folder);

}  // namespace rootlet::test
