// Edit distance with transpositions (optimal string alignment), at most 2.
#include "config/cli/suggestion.hpp"

#include <algorithm>
#include <cstdint>

#include "config/output/readable.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kFarthest = 2;
constexpr std::size_t kMost = 2;
constexpr std::size_t kShortestBeginning = 3;

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::vector<std::uint32_t> characters_of(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    out.push_back(point.value);
    at += std::max<std::size_t>(point.bytes, 1);
  }
  return out;
}

}  // namespace

std::size_t edit_distance(std::string_view first, std::string_view second) {
  const auto a = characters_of(first), b = characters_of(second);
  // Rows of the table of distances between the beginnings of `a` and `b`: two above the current.
  std::vector<std::size_t> before, above(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({above[j] + 1, current[j - 1] + 1, replaced});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before = above;
    above = current;
  }
  return above[b.size()];
}

std::vector<std::string> nearest_words(std::string_view word,
                                       const std::vector<std::string>& known) {
  const std::size_t length = characters_of(word).size();
  const std::string plain = in_lower_case(word);
  std::vector<std::pair<std::size_t, std::string>> near, longer;
  for (const std::string& one : known) {
    const std::string other = in_lower_case(one);
    const std::size_t distance = edit_distance(plain, other);
    if (distance <= kFarthest && distance * 2 < length) near.emplace_back(distance, one);
    const bool begins = length >= kShortestBeginning && other.starts_with(plain);
    if (begins) longer.emplace_back(other.size(), one);
  }
  if (near.empty()) near = std::move(longer);
  std::sort(near.begin(), near.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(near.size(), kMost); ++i) out.push_back(near[i].second);
  return out;
}

Text did_you_mean(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  return {.en = "Did you mean " + joined(words, " or ") + "?",
          .zh = "您要输入的是 " + joined(words, " 或 ") + " 吗？"};
}

}  // namespace rootlet
