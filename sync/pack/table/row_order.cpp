// A greedy search: first the column whose groups of equal cells make the other columns cheapest;
// then, one at a time, the column that saves most before or after it. Costs are estimated from what
// a cell shares with the cell above.
#include "sync/pack/table/row_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/crypto.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSampleRows = 12'000;      // of a table with more rows
constexpr std::size_t kSmallSampleRows = 2'000;  // of a smaller table: there are many of them
constexpr std::size_t kFewRows = 64;             // no order pays off
constexpr double kLeastGain = 0.01;              // fraction of the cost
constexpr double kSameBits = 0.3;                // a cell equal to the one above
constexpr double kOtherBits = 1.5;               // a cell that differs
// Per byte not shared: of digits, of other bytes, and of those in phrases that the column repeats.
constexpr double kDigitBits = 3.4, kByteBits = 2.8, kPhraseBits = 0.2;
constexpr std::size_t kPhraseBytes = 8, kLongText = 48;

int compare(const CellView& a, const CellView& b) {
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.kind == CellView::Kind::kInteger) {
    return a.integer == b.integer ? 0 : a.integer < b.integer ? -1 : 1;
  }
  const int order = a.text.compare(b.text);
  return order;
}

std::uint64_t hash_of(const CellView& cell) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL ^ static_cast<std::uint64_t>(cell.integer);
  for (const char c : cell.text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3ULL;
  hash *= 0x9E37'79B9'7F4A'7C15ULL;
  return hash ^ hash >> 32;
}

// Estimated bits of a cell that differs from the one above. `byte_bits`: of a byte not shared that
// is no digit.
double bits_of(const CellView& cell, const CellView& above, double byte_bits) {
  if (cell.kind == CellView::Kind::kNull) return kOtherBits;
  if (cell.kind == CellView::Kind::kInteger) {
    const auto step =
        static_cast<std::uint64_t>(cell.integer) - static_cast<std::uint64_t>(above.integer);
    const std::uint64_t size = std::min(step, ~step + 1);
    return kOtherBits + static_cast<double>(std::bit_width(size));
  }
  const auto shared =
      std::mismatch(cell.text.begin(), cell.text.end(), above.text.begin(), above.text.end());
  double bits = kOtherBits;
  for (auto at = shared.first; at != cell.text.end(); ++at) {
    bits += *at >= '0' && *at <= '9' ? kDigitBits : byte_bits;
  }
  return bits;
}

// What a byte of a column's long texts costs: less if most of it is in phrases that came before.
class PhraseCounter {
 public:
  void add(std::string_view text) {
    if (seen_.empty()) seen_.resize(kSlots);
    for (std::size_t at = 0; at + kPhraseBytes <= text.size(); ++at) {
      const std::uint64_t hash =
          hash_of({.kind = CellView::Kind::kText, .text = text.substr(at, kPhraseBytes)});
      const auto bit = static_cast<std::size_t>(hash % seen_.size());
      fresh_ += seen_[bit] ? 0 : 1;
      seen_[bit] = true;
    }
    bytes_ += text.size();
  }
  double byte_bits() const {
    if (bytes_ == 0) return kByteBits;
    const double share = static_cast<double>(fresh_) / static_cast<double>(bytes_);
    return kPhraseBits + (kByteBits - kPhraseBits) * share;
  }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 20;
  std::vector<bool> seen_;
  std::size_t fresh_ = 0, bytes_ = 0;
};

class OrderSearch {
 public:
  explicit OrderSearch(std::span<const CellColumn> columns) : columns_(columns) {
    // A cell that differs from the one above costs at most an index among the column's distinct
    // values.
    const std::size_t rows = columns_.front().size();
    for (const CellColumn& column : columns_) {
      std::vector<std::uint64_t> hashes;
      PhraseCounter phrases;
      const std::size_t stride = rows / kSampleRows + 1;
      for (std::size_t row = 0; row < rows; row += stride) {
        const CellView cell = column.at(row);
        hashes.push_back(hash_of(cell));
        if (cell.text.size() > kLongText) phrases.add(cell.text);
      }
      byte_bits_.push_back(phrases.byte_bits());
      std::sort(hashes.begin(), hashes.end());
      const auto distinct = std::unique(hashes.begin(), hashes.end()) - hashes.begin();
      most_bits_.push_back(
          1 + static_cast<double>(std::bit_width(static_cast<std::uint64_t>(distinct))));
      repeats_.push_back(static_cast<std::size_t>(distinct) * 10 < hashes.size() * 9);
      many_.push_back(static_cast<std::size_t>(distinct) * 10 > hashes.size());
    }
  }

  // True if `order`, found for other rows, saves something here.
  bool is_good(std::span<const std::size_t> order) {
    rows_ = sample(order.front());
    return cost(order) < cost({}) * (1 - kLeastGain);
  }

  std::vector<std::size_t> search() {
    const std::size_t group = best_group();
    if (group == columns_.size()) return {};
    std::vector<std::size_t> order{group};
    rows_ = sample(group);
    double now = cost(order);
    while (order.size() < kSortColumns && improve(order, now)) continue;
    return order;
  }

 private:
  // Whole groups of rows with equal cells in `column`, spread over the table. If these are too few,
  // because groups are large, the rows of a group are cut off.
  std::vector<std::uint32_t> sample(std::size_t column) const {
    const std::size_t rows = columns_.front().size();
    const std::size_t wanted = rows > kSampleRows ? kSampleRows : kSmallSampleRows;
    const std::uint64_t part = rows / wanted + 1;
    std::vector<std::uint64_t> hashes;
    hashes.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row)
      hashes.push_back(hash_of(columns_[column].at(row)));
    std::vector<std::uint32_t> chosen;
    const auto take = [&](auto is_taken) {
      for (std::size_t row = 0; row < rows && chosen.size() < 4 * wanted; ++row) {
        if (is_taken(hashes[row])) chosen.push_back(static_cast<std::uint32_t>(row));
      }
    };
    take([&](std::uint64_t hash) { return hash % part == 0; });
    if (chosen.size() >= std::min(rows, wanted) / 4) return chosen;
    std::vector<std::uint64_t> groups = hashes;
    std::sort(groups.begin(), groups.end());
    const std::uint64_t last = groups[std::min(rows, wanted) - 1];
    chosen.clear();
    take([&](std::uint64_t hash) { return hash <= last; });
    return chosen;
  }

  // Estimated bits per row of the sample in this order; stops above `limit`.
  double cost(std::span<const std::size_t> order, double limit = 1e18) const {
    if (rows_.empty()) return 0;
    std::vector<std::uint32_t> rows = rows_;
    sort(rows, columns_, order);
    double bits = 0;
    const double most = limit * static_cast<double>(rows.size());
    for (std::size_t c = 0; c < columns_.size() && bits <= most; ++c) {
      CellView above = columns_[c].at(rows.front());
      for (const std::uint32_t row : rows) {
        const CellView cell = columns_[c].at(row);
        bits += cell == above ? kSameBits
                              : std::min(bits_of(cell, above, byte_bits_[c]), most_bits_for(c));
        above = cell;
      }
    }
    return bits / static_cast<double>(rows.size());
  }
  double most_bits_for(std::size_t column) const {
    return many_[column] ? 1'000 : most_bits_[column];
  }

  // The best column to group by; columns_.size() if none beats the given order.
  std::size_t best_group() {
    std::size_t best = columns_.size();
    double gain = kLeastGain;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!repeats_[c]) continue;
      rows_ = sample(c);
      const double before = cost({});
      const std::size_t alone[] = {c};
      const double now = 1 - cost(alone) / before;
      if (now <= gain) continue;
      gain = now;
      best = c;
    }
    return best;
  }

  // Inserts one more column into `order` where it saves most; false if none saves enough.
  bool improve(std::vector<std::size_t>& order, double& now) {
    std::vector<std::size_t> best = order;
    double best_cost = now * (1 - kLeastGain);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (std::find(order.begin(), order.end(), c) != order.end()) continue;
      for (std::size_t at = 0; at <= order.size(); ++at) {
        std::vector<std::size_t> trial = order;
        trial.insert(trial.begin() + static_cast<std::ptrdiff_t>(at), c);
        const double trial_cost = cost(trial, best_cost);
        if (trial_cost >= best_cost) continue;
        best_cost = trial_cost;
        best = std::move(trial);
      }
    }
    if (best == order) return false;
    order = std::move(best);
    now = best_cost;
    return true;
  }

 public:
  static void sort(std::vector<std::uint32_t>& rows, std::span<const CellColumn> columns,
                   std::span<const std::size_t> order) {
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
      for (const std::size_t c : order) {
        const int difference = compare(columns[c].at(a), columns[c].at(b));
        if (difference != 0) return difference < 0;
      }
      return false;
    });
  }

 private:
  std::span<const CellColumn> columns_;
  std::vector<double> most_bits_, byte_bits_;
  std::vector<bool> repeats_, many_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace

std::vector<std::size_t> row_order(std::span<const CellColumn> columns,
                                   const std::optional<std::vector<std::size_t>>& known) {
  if (columns.empty() || columns.front().size() < kFewRows) return {};
  if (known.has_value() && known->empty()) return {};
  OrderSearch search(columns);
  return known.has_value() && search.is_good(*known) ? *known : search.search();
}

std::vector<std::uint32_t> sorted_rows(std::span<const CellColumn> columns,
                                       std::span<const std::size_t> sort_columns) {
  std::vector<std::uint32_t> rows(columns.empty() ? 0 : columns.front().size());
  std::iota(rows.begin(), rows.end(), 0U);
  OrderSearch::sort(rows, columns, sort_columns);
  return rows;
}

}  // namespace rootlet
