// Parsing expands repeats into single items. Matching simulates an NFA (Thompson 1968), so it never
// backtracks and its time is bounded.
#include "sync/uplink/form/pattern.hpp"

#include <algorithm>

namespace rootlet {
namespace {

constexpr std::size_t kPatternBytes = 256;
constexpr std::size_t kItems = 1024;
constexpr char32_t kLastCodePoint = 0x10FFFF;

Error bad_pattern(std::string_view detail) {
  return bad_input("pattern: " + std::string(detail), "pattern");
}

class PatternParser {
 public:
  explicit PatternParser(std::vector<char32_t> text) : text_(std::move(text)) {}

  Result<std::vector<std::vector<Pattern::Item>>> parse() {
    std::vector<std::vector<Pattern::Item>> branches(1);
    if (at('^')) ++next_;
    while (next_ < text_.size()) {
      if (at('$') && next_ + 1 == text_.size()) break;
      if (at('|')) {
        ++next_;
        branches.emplace_back();
        continue;
      }
      ROOTLET_TRY(Pattern::Item item, parse_atom());
      ROOTLET_TRY(append_repeated(branches.back(), std::move(item)));
    }
    return branches;
  }

 private:
  bool at(char32_t c) const { return next_ < text_.size() && text_[next_] == c; }

  Result<Pattern::Item> parse_atom() {
    const char32_t c = text_[next_++];
    Pattern::Item item;
    switch (c) {
      case '.':
        item.ranges = {{0, kLastCodePoint}};
        return item;
      case '[':
        return parse_set();
      case '\\': {
        ROOTLET_TRY(const auto escaped, parse_escape());
        item.ranges = {escaped};
        return item;
      }
      case '(':
      case ')':
        return bad_pattern("groups are not supported");
      case '?':
      case '*':
      case '+':
      case '{':
        return bad_pattern("a repeat follows nothing");
      default:
        item.ranges = {{c, c}};
        return item;
    }
  }

  Result<std::pair<char32_t, char32_t>> parse_escape() {
    if (next_ == text_.size()) return bad_pattern("ends after \\");
    const char32_t c = text_[next_++];
    if (c == 'd') return std::pair<char32_t, char32_t>{U'0', U'9'};
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) return bad_pattern("of the escapes only \\d is known");
    return std::pair<char32_t, char32_t>{c, c};
  }

  Result<Pattern::Item> parse_set() {
    Pattern::Item item;
    if (at('^')) {
      item.negated = true;
      ++next_;
    }
    while (!at(']')) {
      if (next_ == text_.size()) return bad_pattern("a set is not closed");
      ROOTLET_TRY(const auto range, parse_range());
      item.ranges.push_back(range);
    }
    ++next_;
    if (item.ranges.empty()) return bad_pattern("a set is empty");
    return item;
  }

  Result<std::pair<char32_t, char32_t>> parse_range() {
    const char32_t first = text_[next_++];
    if (first == '\\') return parse_escape();
    if (!at('-') || next_ + 1 >= text_.size() || text_[next_ + 1] == ']') {
      return std::pair<char32_t, char32_t>{first, first};
    }
    const char32_t last = text_[next_ + 1];
    next_ += 2;
    if (last < first || last == '\\') return bad_pattern("a range of a set goes backwards");
    return std::pair<char32_t, char32_t>{first, last};
  }

  // Expands repeats, so that matching needs only "optional" and "repeats".
  Status append_repeated(std::vector<Pattern::Item>& branch, Pattern::Item item) {
    std::size_t least = 1;
    std::optional<std::size_t> most = 1;
    if (at('?') || at('*') || at('+')) {
      const char32_t c = text_[next_++];
      least = c == '+' ? 1 : 0;
      if (c != '?') most.reset();
    } else if (at('{')) {
      ++next_;
      ROOTLET_TRY(parse_bounds(least, most));
    }
    const std::size_t count = most.value_or(std::max<std::size_t>(least, 1));
    if (count < least) return bad_pattern("a repeat goes backwards");
    if (items_ + count > kItems) return bad_pattern("more than 1024 items, repeats counted");
    items_ += count;
    for (std::size_t i = 0; i < count; ++i) {
      item.optional = i >= least;
      item.repeats = !most && i + 1 == count;
      branch.push_back(item);
    }
    return ok();
  }

  Status parse_bounds(std::size_t& least, std::optional<std::size_t>& most) {
    ROOTLET_TRY(least, parse_number());
    most = least;
    if (at(',')) {
      ++next_;
      most.reset();
      if (!at('}')) {
        ROOTLET_TRY(most, parse_number());
      }
    }
    if (!at('}')) return bad_pattern("a repeat is not closed");
    ++next_;
    return ok();
  }

  Result<std::size_t> parse_number() {
    std::size_t number = 0;
    const std::size_t start = next_;
    while (next_ < text_.size() && text_[next_] >= '0' && text_[next_] <= '9') {
      number = number * 10 + (text_[next_++] - U'0');
      if (number > kItems) return bad_pattern("a repeat is larger than 1024");
    }
    if (next_ == start) return bad_pattern("a repeat needs a number");
    return number;
  }

  std::vector<char32_t> text_;
  std::size_t next_ = 0;
  std::size_t items_ = 0;
};

// Simulates `branch` as an NFA; state i is before item i.
bool matches_branch(const std::vector<Pattern::Item>& branch, const std::vector<char32_t>& text) {
  std::vector<bool> here(branch.size() + 1), then(branch.size() + 1);
  const auto skip_optional = [&](std::vector<bool>& places) {
    for (std::size_t i = 0; i < branch.size(); ++i) {
      if (places[i] && branch[i].optional) places[i + 1] = true;
    }
  };
  here[0] = true;
  skip_optional(here);
  for (const char32_t c : text) {
    std::fill(then.begin(), then.end(), false);
    for (std::size_t i = 0; i < branch.size(); ++i) {
      // A repeating item also keeps its own state, and so may match again.
      if (!here[i] || !branch[i].accepts(c)) continue;
      then[i + 1] = true;
      if (branch[i].repeats) then[i] = true;
    }
    skip_optional(then);
    std::swap(here, then);
  }
  return here[branch.size()];
}

}  // namespace

bool Pattern::Item::accepts(char32_t c) const {
  const bool listed = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return c >= range.first && c <= range.second;
  });
  return listed != negated;
}

Result<Pattern> Pattern::parse(std::string_view text) {
  if (text.size() > kPatternBytes) return bad_pattern("longer than 256 bytes");
  if (!is_utf8(text)) return bad_pattern("is not UTF-8");
  Pattern pattern;
  ROOTLET_TRY(pattern.branches_, PatternParser(code_points(text)).parse());
  return pattern;
}

bool Pattern::matches(std::string_view utf8) const {
  const std::vector<char32_t> text = code_points(utf8);
  return std::any_of(branches_.begin(), branches_.end(),
                     [&](const auto& branch) { return matches_branch(branch, text); });
}

std::vector<char32_t> code_points(std::string_view utf8) {
  std::vector<char32_t> out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      c = (c << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    }
    out.push_back(c);
    i += length;
  }
  return out;
}

}  // namespace rootlet
