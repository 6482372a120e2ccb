// Indexes the values of new rows in the base, then picks for each new row the candidate that saves
// most bits. Used by the writer only, so floating point is safe.
#include "sync/pack/modelled/reference_finder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace rootlet {
namespace {

using Kind = ColumnStatistics::Kind;

constexpr std::size_t kRowsPerValue = 16;  // more frequent values identify no row
constexpr std::size_t kNextDeletedCandidates = 3;
constexpr std::size_t kMaxCandidates = 48;
constexpr double kBitsOfWord = 6;  // estimate for a word or a number

// The rows of the base that have the values of new rows.
class ValueIndex {
 public:
  struct Occurrences {
    std::uint64_t count = 0;
    std::vector<Rid> rids = {};
  };

  // `cells`: the most values that want() will add.
  explicit ValueIndex(std::size_t cells)
      : shift_(32 - std::clamp(static_cast<int>(std::bit_width(cells)) + 6, 12, 24)),
        filter_(std::size_t{1} << (32 - shift_)) {}
  void want(std::size_t column, const ModelCell& cell) {
    const std::uint32_t key = key_of(column, cell.hash);
    occurrences_[key];
    filter_[key >> shift_] = true;
  }
  void see(Rid rid, std::size_t column, std::uint32_t hash) {
    const std::uint32_t key = key_of(column, hash);
    if (!filter_[key >> shift_]) return;
    const auto found = occurrences_.find(key);
    if (found == occurrences_.end()) return;
    ++found->second.count;
    if (found->second.rids.size() < kRowsPerValue) found->second.rids.push_back(rid);
  }
  const Occurrences& at(std::size_t column, const ModelCell& cell) const {
    return occurrences_.at(key_of(column, cell.hash));
  }

 private:
  static std::uint32_t key_of(std::size_t column, std::uint32_t hash) {
    return hash_of(static_cast<std::uint32_t>(column), hash);
  }
  std::unordered_map<std::uint32_t, Occurrences> occurrences_;
  int shift_;
  std::vector<bool> filter_;  // skips the map lookup for most values of the base
};

std::size_t common_prefix_length(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(
      a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<std::size_t>(ends.first - a.begin());
}

class ReferenceFinder {
 public:
  ReferenceFinder(const RowBlock& inserts, std::span<const Rid> deletes,
                  std::span<const ColumnStatistics> statistics, BaseTable& base)
      : inserts_(inserts),
        deletes_(deletes),
        statistics_(statistics),
        base_(base),
        index_(inserts.rids.size() * statistics.size()),
        row_(statistics.size()),
        previous_(statistics.size()),
        candidate_(statistics.size()),
        cost_(statistics.size()),
        saved_by_previous_(statistics.size()) {}

  Result<std::vector<ReferenceRow>> find() {
    ROOTLET_TRY(index_base());
    std::vector<ReferenceRow> references;
    references.reserve(inserts_.rids.size());
    for (std::size_t i = 0; i < inserts_.rids.size(); ++i) {
      row_.view(inserts_, i);
      ROOTLET_TRY(const ReferenceRow reference, reference_of_row(i > 0));
      references.push_back(reference);
      previous_.view(inserts_, i);
    }
    return references;
  }

 private:
  bool is_coded(std::size_t column) const { return statistics_[column].source.column < 0; }
  // Words and numbers occur in too many rows to identify one.
  bool is_indexed(std::size_t column) const {
    const Kind kind = statistics_[column].kind;
    return is_coded(column) && (kind == Kind::kText || kind == Kind::kDigits);
  }

  Status index_base() {
    for (std::size_t i = 0; i < inserts_.rids.size(); ++i) {
      row_.view(inserts_, i);
      for (std::size_t c = 0; c < statistics_.size(); ++c) {
        if (is_indexed(c) && !row_[c].is_null()) index_.want(c, row_[c]);
      }
    }
    std::vector<std::size_t> indexed;
    for (std::size_t c = 0; c < statistics_.size(); ++c) {
      if (is_indexed(c)) indexed.push_back(c);
    }
    return base_.walk(indexed, [&](Rid rid, std::span<const CellView> cells) {
      ++rows_;
      for (std::size_t i = 0; i < indexed.size(); ++i) {
        index_.see(rid, indexed[i], hash_cell(cells[i]));
      }
    });
  }

  // Estimates the bits that each cell costs, and what the previous row saves of them.
  void estimate_costs(bool has_previous) {
    for (std::size_t c = 0; c < statistics_.size(); ++c) {
      cost_[c] = saved_by_previous_[c] = 0;
      if (!is_coded(c) || row_[c].is_null()) continue;
      cost_[c] = kBitsOfWord;
      if (is_indexed(c)) {
        const std::uint64_t count = index_.at(c, row_[c]).count;
        const bool is_new = statistics_[c].kind == Kind::kText && count == 0;
        cost_[c] = is_new ? 3.0 * static_cast<double>(row_[c].value.text.size())
                          : std::min(std::log2(static_cast<double>(rows_ + 1) /
                                               static_cast<double>(1 + count)),
                                     20.0);
      }
      saved_by_previous_[c] = has_previous ? saved(previous_, c) : 0;
    }
  }

  double saved(const ModelRow& other, std::size_t c) const {
    if (other[c] == row_[c]) return cost_[c];
    const std::string_view wanted = row_[c].value.text, there = other[c].value.text;
    const auto start = static_cast<double>(common_prefix_length(wanted, there));
    if (statistics_[c].kind == Kind::kDigits && wanted.size() == there.size()) {
      return std::min(cost_[c], 1.5 * start);
    }
    if (statistics_[c].kind == Kind::kText && !wanted.empty()) {
      return cost_[c] * 0.85 * start / static_cast<double>(wanted.size());
    }
    return 0;
  }

  std::vector<Rid> candidates() const {
    std::vector<Rid> rids;
    for (std::size_t i = next_deleted_;
         i < std::min(next_deleted_ + kNextDeletedCandidates, deletes_.size()); ++i) {
      rids.push_back(deletes_[i]);
    }
    for (std::size_t c = 0; c < statistics_.size() && rids.size() < kMaxCandidates; ++c) {
      if (cost_[c] <= 0 || !is_indexed(c)) continue;
      const ValueIndex::Occurrences& found = index_.at(c, row_[c]);
      if (found.rids.size() < kRowsPerValue) {
        rids.insert(rids.end(), found.rids.begin(), found.rids.end());
      }
    }
    std::sort(rids.begin(), rids.end());
    rids.erase(std::unique(rids.begin(), rids.end()), rids.end());
    return rids;
  }

  // How to code a reference to `rid`, and about how many bits it takes.
  std::pair<ReferenceRow, double> reference_to(Rid rid) const {
    const auto found = std::lower_bound(deletes_.begin(), deletes_.end(), rid);
    if (found == deletes_.end() || *found != rid) {
      return {{ReferenceRow::Kind::kKept, rid}, std::log2(static_cast<double>(rows_ + 1)) + 1};
    }
    const auto index = static_cast<std::size_t>(found - deletes_.begin());
    if (index == next_deleted_) return {{ReferenceRow::Kind::kNextDeleted, index}, 0.3};
    const double far = std::abs(static_cast<double>(index) - static_cast<double>(next_deleted_));
    const double bits = std::min(4 + 2 * std::log2(1 + far),
                                 std::log2(2.0 + static_cast<double>(deletes_.size())) + 2);
    return {{ReferenceRow::Kind::kDeleted, index}, bits};
  }

  Result<ReferenceRow> reference_of_row(bool has_previous) {
    estimate_costs(has_previous);
    const std::vector<Rid> rids = candidates();
    ROOTLET_TRY(const RowBlock rows, base_.find(rids));
    ReferenceRow best;
    double best_gain = 0.2;
    for (const double saved_bits : saved_by_previous_) best_gain += saved_bits;
    for (std::size_t i = 0; i < rows.rids.size(); ++i) {
      candidate_.view(rows, i);
      const auto [reference, bits] = reference_to(rows.rids[i]);
      double gain = -bits;
      for (std::size_t c = 0; c < statistics_.size(); ++c) {
        if (cost_[c] > 0) gain += std::max(saved_by_previous_[c], saved(candidate_, c));
      }
      if (gain <= best_gain) continue;
      best_gain = gain;
      best = reference;
    }
    const bool is_deleted =
        best.kind == ReferenceRow::Kind::kNextDeleted || best.kind == ReferenceRow::Kind::kDeleted;
    if (is_deleted) next_deleted_ = static_cast<std::size_t>(best.value) + 1;
    return best;
  }

  const RowBlock& inserts_;
  std::span<const Rid> deletes_;
  std::span<const ColumnStatistics> statistics_;
  BaseTable& base_;
  ValueIndex index_;
  std::uint64_t rows_ = 0;
  ModelRow row_, previous_, candidate_;
  std::vector<double> cost_, saved_by_previous_;  // by column, in bits
  std::size_t next_deleted_ = 0;
};

}  // namespace

Result<std::vector<ReferenceRow>> find_references(const RowBlock& inserts,
                                                  std::span<const Rid> deletes,
                                                  std::span<const ColumnStatistics> statistics,
                                                  BaseTable& base) {
  if (inserts.rids.empty()) return std::vector<ReferenceRow>();
  return ReferenceFinder(inserts, deletes, statistics, base).find();
}

}  // namespace rootlet
