// The reader's window of rows, and the writer's search: rows that continue where the row before
// pointed, and the latest rows that share a rare value.
#include "sync/pack/body/earlier_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sync/pack/coding/sizes.hpp"

namespace rootlet {
namespace {

std::size_t bytes_of(const RowBlock& rows) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) {
    bytes += column.size() * kCellOverheadBytes + column.text_bytes();
  }
  return bytes;
}

}  // namespace

void KeptRows::keep(std::uint64_t first, const RowBlock& rows) {
  const std::size_t bytes = bytes_of(rows);
  while (!blocks_.empty() && bytes_ + bytes > pack_sizes().kept_bytes) {
    bytes_ -= blocks_.front().bytes;
    blocks_.pop_front();
  }
  if (bytes > pack_sizes().kept_bytes) return;
  blocks_.push_back(
      {.first = first, .bytes = bytes, .rows = {.rids = {}, .columns = rows.columns}});
  bytes_ += bytes;
}

std::optional<RowPlace> KeptRows::find(std::uint64_t number) const {
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), number,
                       [](std::uint64_t n, const Kept& block) { return n < block.first; });
  if (after == blocks_.begin()) return std::nullopt;
  const Kept& block = *std::prev(after);
  const auto row = static_cast<std::size_t>(number - block.first);
  if (block.rows.columns.empty() || row >= block.rows.columns.front().size()) return std::nullopt;
  return RowPlace{&block.rows, row};
}

namespace {

constexpr std::size_t kFewRows = 256;
constexpr std::size_t kKeyColumns = 3;       // that candidates are looked up by
constexpr std::size_t kOlderCandidates = 3;  // rows with the same value before the latest one
constexpr double kRareBits = 6;              // a value that says which row is meant
constexpr double kContinuationBits = 0.5, kJumpBits = 3;  // cost of naming the row; a jump more
constexpr double kLeastGain = 2;                          // bits of a row
constexpr double kLeastShare = 0.03;                      // of all bits
constexpr std::uint8_t kBitsScale = 8, kSameAsAbove = 2;  // bits in 1/8
constexpr std::uint32_t kNoRow = UINT32_MAX;

std::uint32_t hash_of(const CellView& cell) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL ^ static_cast<std::uint64_t>(cell.kind);
  hash = (hash ^ static_cast<std::uint64_t>(cell.integer)) * 0x9E37'79B9'7F4A'7C15ULL;
  for (const char c : cell.text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3ULL;
  hash = (hash ^ hash >> 29) * 0xBF58'476D'1CE4'E5B9ULL;
  return static_cast<std::uint32_t>(hash >> 32);
}

// A number for each value of a column: open addressing by hash.
class ValueNumbers {
 public:
  explicit ValueNumbers(std::size_t values)
      : shift_(32 - static_cast<int>(std::bit_width(2 * values))),
        slots_(std::size_t{1} << (32 - shift_), kNoRow) {}
  // The value's slot; the same for equal values.
  std::size_t slot(std::uint32_t hash) {
    std::size_t at = hash * 0x9E3779B1U >> shift_;
    while (slots_[at] != kNoRow && slots_[at] != (hash & kMask)) at = (at + 1) % slots_.size();
    slots_[at] = hash & kMask;
    return at;
  }
  std::size_t size() const { return slots_.size(); }

 private:
  static constexpr std::uint32_t kMask = kNoRow >> 1;
  int shift_;
  std::vector<std::uint32_t> slots_;  // the value's hash without its top bit; kNoRow: free
};

class EarlierRowSearch {
 public:
  EarlierRowSearch(const RowBlock& rows, const std::vector<std::size_t>& block_begins)
      : rows_(rows),
        begins_(block_begins),
        count_(rows.columns.empty() ? 0 : rows.columns.front().size()) {}

  RowDistances find() {
    if (count_ < kFewRows || count_ >= kNoRow) return {};
    for (std::size_t c = 0; c < rows_.columns.size(); ++c) measure(c);
    choose_keys();
    if (keys_.empty()) return {};
    RowDistances distances(count_);
    std::size_t oldest = 0;
    for (std::size_t block = 0; block < begins_.size(); ++block) {
      oldest = oldest_for(block, oldest);
      const std::size_t end = block + 1 < begins_.size() ? begins_[block + 1] : count_;
      for (std::size_t row = begins_[block]; row < end; ++row) {
        const std::uint32_t found = best_for(row, oldest);
        distances[row] = found == kNoRow ? 0 : static_cast<std::uint32_t>(row) - found;
      }
    }
    if (saved_ < kLeastShare * bits_) return {};
    return distances;
  }

 private:
  struct Column {
    std::vector<std::uint32_t> hashes;
    std::vector<std::uint8_t> bits;  // that a cell costs without a reference, in 1/kBitsScale
    double rare_bits = 0;            // of repeated cells that few rows share
  };
  struct Key {
    std::size_t column;
    std::vector<std::uint32_t> latest, before;  // by slot the latest row; by row the one before it
    ValueNumbers numbers;
  };

  void measure(std::size_t c) {
    const CellColumn& cells = rows_.columns[c];
    Column column;
    column.hashes.reserve(count_);
    for (std::size_t row = 0; row < count_; ++row) column.hashes.push_back(hash_of(cells.at(row)));
    ValueNumbers numbers(count_);
    std::vector<std::uint32_t> uses(numbers.size());
    for (const std::uint32_t hash : column.hashes) ++uses[numbers.slot(hash)];
    const double all = static_cast<double>(count_);
    for (std::size_t row = 0; row < count_; ++row) {
      const std::uint32_t count = uses[numbers.slot(column.hashes[row])];
      const double bits = std::log2(all / count);
      const bool is_same = row > 0 && column.hashes[row] == column.hashes[row - 1];
      column.bits.push_back(
          is_same ? kSameAsAbove : static_cast<std::uint8_t>(std::min(bits * kBitsScale, 255.0)));
      bits_ += static_cast<double>(column.bits.back()) / kBitsScale;
      if (!is_same && count > 1 && bits >= kRareBits) column.rare_bits += bits;
    }
    columns_.push_back(std::move(column));
  }

  void choose_keys() {
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].rare_bits > kLeastShare * bits_)
        ranked.emplace_back(-columns_[c].rare_bits, c);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min(ranked.size(), kKeyColumns));
    for (const auto& [rank, c] : ranked) {
      ValueNumbers numbers(count_);
      std::vector<std::uint32_t> latest(numbers.size(), kNoRow);
      keys_.push_back(
          {c, std::move(latest), std::vector<std::uint32_t>(count_, kNoRow), std::move(numbers)});
    }
  }

  // The first row that a reader still keeps when it comes to `block`, not before `oldest`.
  std::size_t oldest_for(std::size_t block, std::size_t oldest) {
    if (block == 0) return 0;
    std::size_t bytes = 0;
    for (std::size_t row = begins_[block - 1]; row < begins_[block]; ++row) {
      for (const CellColumn& column : rows_.columns) {
        bytes += kCellOverheadBytes + column.at(row).text.size();
      }
    }
    block_bytes_.push_back(bytes);
    kept_bytes_ += bytes;
    while (kept_bytes_ > pack_sizes().kept_bytes) kept_bytes_ -= block_bytes_[dropped_++];
    return std::max(oldest, begins_[dropped_]);
  }

  std::uint32_t best_for(std::size_t row, std::size_t oldest) {
    candidates_.clear();
    if (last_ != kNoRow && last_ + 1 < row) candidates_.push_back(last_ + 1);
    for (Key& key : keys_) {
      std::uint32_t& latest = key.latest[key.numbers.slot(columns_[key.column].hashes[row])];
      std::uint32_t earlier = latest;
      for (std::size_t i = 0; i <= kOlderCandidates && earlier != kNoRow; ++i) {
        candidates_.push_back(earlier);
        earlier = key.before[earlier];
      }
      key.before[row] = std::exchange(latest, static_cast<std::uint32_t>(row));
    }
    std::uint32_t best = kNoRow;
    double best_gain = kLeastGain;
    for (const std::uint32_t candidate : candidates_) {
      if (candidate < oldest) continue;
      const double gain = gain_of(row, candidate);
      if (gain <= best_gain) continue;
      best = candidate;
      best_gain = gain;
    }
    // After a row that resembles none, the next ones may go on where the others did.
    last_ = best != kNoRow ? best : last_ != kNoRow && last_ + 1 < row ? last_ + 1 : kNoRow;
    if (best != kNoRow) saved_ += best_gain;
    return best;
  }

  double gain_of(std::size_t row, std::uint32_t candidate) const {
    std::size_t bits = 0;
    for (const Column& column : columns_) {
      if (column.hashes[row] == column.hashes[candidate]) bits += column.bits[row];
    }
    const double jump = kJumpBits + std::log2(1 + static_cast<double>(row - candidate));
    const bool goes_on = last_ != kNoRow && candidate == last_ + 1;
    return static_cast<double>(bits) / kBitsScale - (goes_on ? kContinuationBits : jump);
  }

  const RowBlock& rows_;
  const std::vector<std::size_t>& begins_;
  const std::size_t count_;
  std::vector<Column> columns_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> candidates_;
  std::uint32_t last_ = kNoRow;  // what the row before resembles
  std::vector<std::size_t> block_bytes_;
  std::size_t kept_bytes_ = 0, dropped_ = 0;
  double bits_ = 0, saved_ = 0;
};

}  // namespace

RowDistances find_earlier_rows(const RowBlock& rows, const std::vector<std::size_t>& block_begins) {
  return EarlierRowSearch(rows, block_begins).find();
}

}  // namespace rootlet
