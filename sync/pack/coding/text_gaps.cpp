// Splits numbers out of texts for kCounted. Numbers with a leading zero stay in the text, so that
// every number reproduces its digits.
#include "sync/pack/coding/text_gaps.hpp"

#include <algorithm>

#include "sync/pack/coding/codes.hpp"

namespace rootlet {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<TextWithGaps> cut_numbers(std::string_view text) {
  TextWithGaps cut;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == kGap) return std::nullopt;
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::string_view run = text.substr(i, end - i);
    if (!run.empty() && run.size() <= kMaxDigits && (run.size() == 1 || run[0] != '0')) {
      cut.text.push_back(kGap);
      cut.numbers.push_back(number_from_digits(run));
    } else {
      end = std::max(end, i + 1);
      cut.text.append(text.substr(i, end - i));
    }
    i = end;
  }
  return cut;
}

std::size_t gaps_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), kGap));
}

}  // namespace rootlet
