// Finds column statistics from the priming rows (docs/FORMATS.md, "Modelled body"). Part of the
// format: both ends must find the same, so this code uses integers only.
#include "sync/pack/model/column_statistics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "sync/pack/model/predictor.hpp"

namespace rootlet {
namespace {

using Kind = ColumnStatistics::Kind;
using Sample = std::span<const ModelRow* const>;

constexpr std::string_view kDateShape = "\1\1\1\1-\1\1-\1\1";
constexpr std::size_t kIdentityBytes = 18;
constexpr std::size_t kMaxShape = 24;
constexpr std::size_t kMaxWords = 2'000;
constexpr int kMaxWordBits = 12;
constexpr std::size_t kMinRowsForRandom = 100;      // fewer rows cannot show that digits are random
constexpr std::int64_t kMinNibblesForRandom = 512;  // nor can fewer bytes
constexpr std::size_t kNearColumns = 24;   // earlier columns that are considered, to bound the work
constexpr std::size_t kScoringRows = 256;  // rows on which predictors are scored

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// --- shapes of texts ---------------------------------------------------------------------------

char shape_of(char c, std::size_t position, std::size_t size) {
  const bool may_be_check = size == kIdentityBytes && position == kIdentityBytes - 1;
  return is_digit(c) || (may_be_check && c == 'X') ? char{kAnyDigit} : c;
}

// The shape that all texts share; empty if they differ.
std::string common_shape(Sample sample, std::size_t column) {
  std::string shape;
  for (const ModelRow* row : sample) {
    const ModelCell& cell = (*row)[column];
    if (cell.is_null()) continue;
    const std::string_view text = cell.value.text;
    if (shape.empty()) shape.resize(std::min(text.size(), kMaxShape + 1));
    if (text.size() != shape.size() || text.empty()) return {};
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char seen = shape_of(text[i], i, text.size());
      if (shape[i] == 0) shape[i] = seen;
      const bool plain =
          seen == kAnyDigit || (seen >= ' ' && static_cast<unsigned char>(seen) < 0x80);
      if (shape[i] != seen || !plain) return {};
    }
  }
  return shape;
}

// For one digit position: how often each digit occurs, and follows each previous digit.
struct DigitCounts {
  std::array<std::int64_t, 10> digit{}, before{};
  std::array<std::int64_t, 100> pair{};
  std::int64_t total = 0;
};

DigitCounts count_digits(Sample sample, std::size_t column, std::size_t position) {
  DigitCounts counts;
  for (const ModelRow* row : sample) {
    const std::string_view text = (*row)[column].value.text;
    if (position >= text.size() || !is_digit(text[position])) continue;
    const auto digit = static_cast<std::size_t>(text[position] - '0');
    const char last = position > 0 ? text[position - 1] : '0';
    const auto before = static_cast<std::size_t>(is_digit(last) ? last - '0' : 0);
    ++counts.total;
    ++counts.digit[digit];
    ++counts.before[before];
    ++counts.pair[before * 10 + digit];
  }
  return counts;
}

// Chi-square of `counts` against the uniform distribution, times 10.
std::int64_t chi_square_10(std::span<const std::int64_t> counts, std::int64_t total) {
  const auto kinds = static_cast<std::int64_t>(counts.size());
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    const std::int64_t off = count * kinds - total;
    sum += off * off;
  }
  return total > 0 ? 10 * sum / (kinds * total) : 0;
}

bool is_below_deviations(std::int64_t chi_10, std::int64_t freedom) {
  // chi < freedom + 4 sqrt(2 freedom), squared to stay in integers.
  const std::int64_t over = chi_10 - 10 * freedom;
  return over <= 0 || over * over < 100 * 16 * 2 * freedom;
}

// Tests whether digits are uniform and independent of the previous one.
char digit_mark_of(const DigitCounts& counts) {
  std::int64_t pairs_10 = 0, freedom = 0;
  for (std::size_t before = 0; before < 10; ++before) {
    if (counts.before[before] <= 30) continue;
    pairs_10 +=
        chi_square_10(std::span(counts.pair).subspan(before * 10, 10), counts.before[before]);
    freedom += 10;
  }
  if (chi_square_10(counts.digit, counts.total) < 250 && is_below_deviations(pairs_10, freedom)) {
    return kRandomDigit;
  }
  const bool up_to_five = std::all_of(counts.digit.begin() + 6, counts.digit.end(),
                                      [](std::int64_t count) { return count == 0; });
  const bool alike = chi_square_10(std::span(counts.digit).first(6), counts.total) < 160;
  return up_to_five && alike ? kRandomToFive : kAnyDigit;
}

void mark_random_digits(Sample sample, std::size_t column, std::string& shape) {
  if (sample.size() < kMinRowsForRandom) return;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == kAnyDigit) shape[i] = digit_mark_of(count_digits(sample, column, i));
  }
}

bool is_identity(Sample sample, std::size_t column) {
  return std::all_of(sample.begin(), sample.end(), [&](const ModelRow* row) {
    const ModelCell& cell = (*row)[column];
    return cell.is_null() || identity_check_of(cell.value.text) == cell.value.text.back();
  });
}

int bits_for(std::size_t words) {
  int bits = 2;
  while ((std::size_t{1} << bits) - 1 < words + words / 4 + 2 && bits < kMaxWordBits) ++bits;
  return bits;
}

void describe_texts(Sample sample, std::size_t column, ColumnStatistics& statistics) {
  std::set<std::uint32_t> different;
  std::size_t filled = 0;
  for (const ModelRow* row : sample) {
    if ((*row)[column].is_null()) continue;
    ++filled;
    different.insert((*row)[column].hash);
  }
  if (filled == 0) return;
  if (different.size() * 4 < filled + 3 && different.size() < kMaxWords) {
    statistics.kind = Kind::kWords;
    statistics.word_bits = bits_for(different.size());
    return;
  }
  std::string shape = common_shape(sample, column);
  const bool has_digits =
      shape.size() >= 4 && shape.size() <= kMaxShape && shape.find(kAnyDigit) != std::string::npos;
  if (!has_digits) return;
  if (shape.size() == kIdentityBytes && is_identity(sample, column)) shape.back() = kIdentityCheck;
  mark_random_digits(sample, column, shape);
  statistics.kind = Kind::kDigits;
  statistics.shape = std::move(shape);
}

// True also while there are too few bytes to tell.
bool looks_random(Sample sample, std::size_t column) {
  std::array<std::int64_t, 16> counts{};
  std::int64_t total = 0;
  for (const ModelRow* row : sample) {
    for (const char c : (*row)[column].value.text) {
      ++counts[static_cast<unsigned char>(c) >> 4];
      ++counts[static_cast<unsigned char>(c) & 15];
      total += 2;
    }
  }
  return total < kMinNibblesForRandom || is_below_deviations(chi_square_10(counts, total), 15);
}

// --- columns derived from another --------------------------------------------------------------

bool is_always_derived(Sample sample, std::size_t column, const ColumnStatistics& statistics) {
  std::string buffer;
  return std::all_of(sample.begin(), sample.end(), [&](const ModelRow* row) {
    return derive_cell(statistics, *row, buffer) == (*row)[column].value;
  });
}

// Tries every place where the other column's text contains the first row's text.
bool try_source(Sample sample, std::size_t column, std::size_t other, bool with_dashes,
                ColumnStatistics& statistics) {
  const auto first = std::find_if(sample.begin(), sample.end(),
                                  [&](const ModelRow* row) { return !(*row)[column].is_null(); });
  if (first == sample.end()) return false;
  std::string wanted((**first)[column].value.text);
  if (with_dashes) {
    if (!has_shape(wanted, kDateShape)) return false;
    std::erase(wanted, '-');
  }
  if (wanted.size() < 2 || wanted.size() > 60) return false;
  const std::string_view whole = (**first)[other].value.text;
  for (std::size_t at = whole.find(wanted); at < 200; at = whole.find(wanted, at + 1)) {
    ColumnStatistics tried = statistics;
    tried.source = {static_cast<int>(other), static_cast<std::uint8_t>(at),
                    static_cast<std::uint8_t>(wanted.size())};
    tried.with_dashes = with_dashes;
    if (!is_always_derived(sample, column, tried)) continue;
    statistics = std::move(tried);
    return true;
  }
  return false;
}

void find_source(Sample sample, std::span<ColumnStatistics> statistics, std::size_t column) {
  const std::size_t start = column > kNearColumns ? column - kNearColumns : 0;
  for (std::size_t other = start; other < column; ++other) {
    if (statistics[other].source.column >= 0 || statistics[other].kind == Kind::kNumber) continue;
    if (try_source(sample, column, other, false, statistics[column])) return;
    if (try_source(sample, column, other, true, statistics[column])) return;
  }
}

// --- columns that predict another --------------------------------------------------------------

// Scores how well a piece predicts a column: for rows in a shuffled order, how similar the column's
// cell is to that of the last row with the same piece.
class PredictorScorer {
 public:
  explicit PredictorScorer(Sample sample) : rows_(sample.begin(), sample.end()) {
    std::uint64_t state = 12'345;
    for (std::size_t i = rows_.size(); i > 1; --i) {
      state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
      std::swap(rows_[i - 1], rows_[(state >> 33) % i]);
    }
    rows_.resize(std::min(rows_.size(), kScoringRows));
  }

  // A row of the shuffled order, and the row before it with the same piece.
  struct Link {
    std::uint16_t row, before;
  };
  using Links = std::vector<Link>;  // by row; rows without such a predecessor have none
  Links link(const ColumnPiece& piece) const {
    constexpr std::uint16_t kNone = 0xFFFF;
    std::vector<std::uint16_t> last(std::bit_ceil(2 * rows_.size()), kNone);
    Links links;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      std::uint16_t& slot = last[piece.hash_in(*rows_[i]) & (last.size() - 1)];
      const auto row = static_cast<std::uint16_t>(i);
      if (slot != kNone) links.push_back({row, slot});
      slot = row;
    }
    return links;
  }

  // The column's cells, in the shuffled order.
  std::vector<ModelCell> cells(std::size_t column) const {
    std::vector<ModelCell> cells;
    for (const ModelRow* row : rows_) cells.push_back((*row)[column]);
    return cells;
  }

  // Counts only rows that `covered` does not predict exactly.
  static std::int64_t score(std::span<const ModelCell> cells, Kind kind, const Links& links,
                            std::span<const Link> covered) {
    std::int64_t sum = 0;
    for (const Link& link : links) {
      while (!covered.empty() && covered.front().row < link.row) covered = covered.subspan(1);
      const bool is_covered = !covered.empty() && covered.front().row == link.row &&
                              cells[covered.front().before] == cells[link.row];
      if (!is_covered) sum += similarity(cells[link.before], cells[link.row], kind);
    }
    return sum;
  }

 private:
  static std::int64_t similarity(const ModelCell& a, const ModelCell& b, Kind kind) {
    const auto size = static_cast<std::int64_t>(b.value.text.size());
    if (a.hash == b.hash) return kind == Kind::kText ? 12 + 4 * size : 12;
    if (kind == Kind::kWords || kind == Kind::kNumber) return 0;
    const std::string_view x = a.value.text, y = b.value.text;
    const std::size_t most = std::min(x.size(), y.size());
    std::size_t same = 0;
    while (same < most && x[same] == y[same]) ++same;
    const auto start = static_cast<std::int64_t>(same);
    return kind == Kind::kText ? 4 * start : 12 * start / (size + 1);
  }

  std::vector<const ModelRow*> rows_;
};

// A piece, and its links in the shuffled order.
struct LinkedPiece {
  ColumnPiece piece;
  PredictorScorer::Links links;
};

// Pieces of a column that may have a meaning of their own: an area in a code, a birth date in a
// number.
std::vector<ColumnPiece> pieces_of(std::size_t column, const ColumnStatistics& statistics,
                                   bool is_code) {
  const int c = static_cast<int>(column);
  std::vector<ColumnPiece> pieces{{c, 0, 0}};
  const std::size_t size = statistics.shape.size();
  if (statistics.kind == Kind::kDigits && size == kIdentityBytes) {
    pieces.insert(pieces.end(), {{c, 16, 1}, {c, 6, 3}, {c, 6, 4}});
  }
  for (const std::uint8_t length : {4, 6, 9, 10}) {
    const bool fits = statistics.kind == Kind::kDigits ? length < size
                                                       : statistics.kind == Kind::kWords && is_code;
    if (fits) pieces.push_back({c, 0, length});
  }
  if (statistics.kind == Kind::kText) pieces.push_back({c, 0, 3});
  return pieces;
}

bool holds_codes(Sample sample, std::size_t column) {
  if (sample.empty()) return false;
  const std::string_view text = (*sample.front())[column].value.text;
  return text.size() > 4 && std::all_of(text.begin(), text.end(), is_digit);
}

void find_predictors(std::span<ColumnStatistics> all, std::size_t column,
                     const PredictorScorer& scorer,
                     std::span<const std::vector<LinkedPiece>> pieces) {
  ColumnStatistics& statistics = all[column];
  const std::size_t start = column > kNearColumns ? column - kNearColumns : 0;
  const std::vector<ModelCell> cells = scorer.cells(column);
  const PredictorScorer::Links none;
  const LinkedPiece* first = nullptr;
  for (ColumnPiece* found : {&statistics.first_predictor, &statistics.second_predictor}) {
    const LinkedPiece* best = nullptr;
    std::int64_t most = -1;
    for (std::size_t other = start; other < column; ++other) {
      for (const LinkedPiece& tried : pieces[other]) {
        if (&tried == first) continue;
        const std::int64_t score = PredictorScorer::score(cells, statistics.kind, tried.links,
                                                          first != nullptr ? first->links : none);
        if (score <= most) continue;
        most = score;
        best = &tried;
      }
    }
    if (best == nullptr) return;
    *found = best->piece;
    first = best;
  }
}

}  // namespace

std::uint32_t ColumnPiece::hash_in(const ModelRow& row) const {
  if (column < 0) return 0;
  const ModelCell& cell = row[static_cast<std::size_t>(column)];
  if (length == 0 && skip == 0) return cell.hash;
  return hash_text(piece_of(cell.value.text, skip, length));
}

std::vector<ColumnStatistics> find_column_statistics(std::span<const ColumnSpec> columns,
                                                     Sample sample) {
  std::vector<ColumnStatistics> all(columns.size());
  std::vector<std::vector<LinkedPiece>> pieces(columns.size());
  const PredictorScorer scorer(sample);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ColumnStatistics& statistics = all[c];
    statistics.is_text = columns[c].type != ColumnType::kBytes;
    statistics.has_nulls =
        sample.empty() ||
        std::any_of(sample.begin(), sample.end(), [&](auto* row) { return (*row)[c].is_null(); });
    if (holds_integers(columns[c].type)) {
      statistics.kind = Kind::kNumber;
    } else if (columns[c].type == ColumnType::kBytes) {
      if (looks_random(sample, c)) statistics.kind = Kind::kRandomBytes;
    } else {
      describe_texts(sample, c, statistics);
      find_source(sample, all, c);
    }
    if (sample.empty() || statistics.source.column >= 0) continue;
    find_predictors(all, c, scorer, pieces);
    for (const ColumnPiece& piece : pieces_of(c, statistics, holds_codes(sample, c))) {
      pieces[c].push_back({piece, scorer.link(piece)});
    }
  }
  return all;
}

CellView derive_cell(const ColumnStatistics& statistics, const ModelRow& row, std::string& buffer) {
  const ModelCell& source = row[static_cast<std::size_t>(statistics.source.column)];
  if (source.value.kind != CellView::Kind::kText) return {};
  const std::string_view piece =
      piece_of(source.value.text, statistics.source.skip, statistics.source.length);
  if (piece.size() != statistics.source.length) return {};
  buffer.clear();
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (statistics.with_dashes && (i == 4 || i == 6)) buffer.push_back('-');
    buffer.push_back(piece[i]);
  }
  return {CellView::Kind::kText, 0, buffer};
}

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (shape[i]) {
      case kAnyDigit:
      case kRandomDigit:
        if (!is_digit(c)) return false;
        break;
      case kRandomToFive:
        if (c < '0' || c > '5') return false;
        break;
      case kIdentityCheck:
        if (!is_digit(c) && c != 'X') return false;
        break;
      default:
        if (c != shape[i]) return false;
    }
  }
  return true;
}

char identity_check_of(std::string_view digits) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size() && i < digits.size(); ++i) {
    sum += (digits[i] - '0') * kWeights[i];
  }
  return "10X98765432"[((sum % 11) + 11) % 11];
}

}  // namespace rootlet
