#include "core/sheet/csv_text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kFirstBytes = 16 * limits::kKiB;  // of the text, to find its first line
constexpr std::size_t kMarkBytes = 2 * limits::kKiB;    // a watermark is shorter
constexpr std::array<char, 3> kDelimiters = {',', '\t', ';'};

// Text that is read once more, and what comes behind it.
class Replayed {
 public:
  Replayed(std::string first, TextSource rest) : first_(std::move(first)), rest_(std::move(rest)) {}
  Result<std::size_t> operator()(std::span<char> space) {
    if (at_ == first_.size()) return rest_(space);
    const std::size_t count = std::min(space.size(), first_.size() - at_);
    first_.copy(space.data(), count, at_);
    at_ += count;
    return count;
  }

 private:
  std::string first_;
  TextSource rest_;
  std::size_t at_ = 0;
};

Result<std::string> read_first(TextSource& source) {
  std::string first(kFirstBytes, '\0');
  std::size_t filled = 0;
  while (filled < first.size()) {
    ROOTLET_TRY(const std::size_t count, source(std::span<char>(first).subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  first.resize(filled);
  return first;
}

char delimiter_of(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  std::array<std::size_t, kDelimiters.size()> counts{};
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '\n' || c == '\r') break;
    const auto found = std::ranges::find(kDelimiters, c);
    if (found != kDelimiters.end()) ++counts[static_cast<std::size_t>(found - kDelimiters.begin())];
  }
  const auto most = std::ranges::max_element(counts);
  return kDelimiters[static_cast<std::size_t>(most - counts.begin())];
}

// Holds a line back while it may be a watermark.
class Unmarked {
 public:
  explicit Unmarked(TextSource source) : source_(std::move(source)) {}

  Result<std::size_t> operator()(std::span<char> space) {
    while (at_ == ready_.size() && !ended_) {
      ready_.clear();
      at_ = 0;
      ROOTLET_TRY(const std::size_t count, source_(piece_));
      ended_ = count == 0;
      for (std::size_t i = 0; i < count; ++i) take(piece_[i]);
      if (ended_) end_line();
    }
    const std::size_t count = std::min(space.size(), ready_.size() - at_);
    ready_.copy(space.data(), count, at_);
    at_ += count;
    return count;
  }

 private:
  void take(char c) {
    if (is_start_) is_held_ = c == '#';
    is_start_ = false;
    if (is_held_) return hold(c);
    pass(c);
  }
  void pass(char c) {
    if (c == '"') is_quoted_ = !is_quoted_;
    ready_ += c;
    is_start_ = c == '\n' && !is_quoted_;
  }
  void hold(char c) {
    const bool ends = c == '\n';
    if (!ends && held_.size() < kMarkBytes) {
      held_ += c;
      return;
    }
    end_line();
    pass(c);
  }
  void end_line() {
    is_held_ = false;
    if (is_watermark(held_)) held_.clear();
    for (const char c : std::exchange(held_, {})) pass(c);
  }

  TextSource source_;
  std::array<char, 16 * limits::kKiB> piece_{};
  std::string ready_, held_;  // held_: a line that may be a mark, from its beginning
  std::size_t at_ = 0;
  bool is_start_ = true, is_held_ = false, is_quoted_ = false, ended_ = false;
};

}  // namespace

bool is_watermark(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const bool en = line.starts_with("# Exported by ") && line.find("; ledger entry ") != line.npos;
  const bool zh = line.starts_with("# 由") && line.find(" 导出，用途 ") != line.npos &&
                  line.find("，台账第 ") != line.npos && line.ends_with(" 条");
  return en || zh;
}

TextSource without_watermark(TextSource source) {
  auto text = std::make_shared<Unmarked>(std::move(source));
  return [text](std::span<char> space) { return (*text)(space); };
}

Result<DelimitedText> with_delimiter(TextSource source) {
  ROOTLET_TRY(std::string first, read_first(source));
  constexpr std::string_view kSep = "sep=";
  std::optional<char> named;
  if (first.starts_with(kSep) && first.size() > kSep.size() &&
      std::ranges::find(kDelimiters, first[kSep.size()]) != kDelimiters.end()) {
    named = first[kSep.size()];
    first.erase(0, std::min(first.find('\n'), first.size()));
  }
  const char delimiter = named.value_or(delimiter_of(first));
  return DelimitedText{Replayed(std::move(first), std::move(source)), delimiter};
}

}  // namespace rootlet
