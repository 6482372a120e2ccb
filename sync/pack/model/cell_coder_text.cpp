// Texts, coded one code point at a time. A source text predicts the next point as long as it agrees
// (docs/FORMATS.md, "Modelled body").
#include <algorithm>
#include <bit>

#include "core/limits.hpp"
#include "sync/pack/model/cell_coder.hpp"

namespace rootlet {
namespace {

constexpr std::uint32_t kEscape = 0, kEnd = 1, kFirstSymbol = 2;  // symbols; the alphabet follows
constexpr std::uint32_t kEndPoint = 0xFFFFFFFFU;                  // follows the last point
constexpr std::size_t kLookAhead = 12;  // points of the source that may be skipped at once
constexpr std::uint32_t kHanFirst = 0x4E00, kHanCount = 164 * 128;

}  // namespace

struct CellCoder::TextProgress {
  std::uint32_t source_kind = 0;  // 0 none, 1 and 2 reference (by role), 3 cached, 4 previous row
  std::size_t at = 0;             // index into the source
  std::uint32_t index = 0;        // index into the text
  std::uint32_t last[3] = {};     // previous points, latest first
  std::uint32_t prefix = 0, own = 0;  // hashes: of all points; of those not in the source
  std::uint32_t outcomes = 1;         // last predictions by the source, a bit each: 0 hit, 1 miss
  std::uint32_t misses = 0;           // since the last hit
};

void CellCoder::choose_source(Cell& cell, bool without_source, TextProgress& progress) {
  std::string_view text;
  if (!without_source && cell.row_context.role != RowRole::kNew && !cell.reference.text.empty()) {
    progress.source_kind = cell.role;
    text = cell.reference.text;
  } else if (!without_source && !cell.cached.text.empty()) {
    progress.source_kind = 3;
    text = cell.cached.text;
  } else if (!without_source && !cell.previous.text.empty()) {
    progress.source_kind = 4;
    text = cell.previous.text;
  }
  split_text(text, cell.statistics.is_text, source_);
  // Hashes of the rest of the source from each index, and of its next three points.
  const std::size_t size = source_.size();
  remaining_.assign(size + 1, 0);
  ahead_.assign(size + 1, 0);
  for (std::size_t i = size; i-- > 0;) remaining_[i] = hash_of(remaining_[i + 1], source_[i]);
  for (std::size_t i = 0; i <= size; ++i) {
    std::uint32_t hash = 77;
    for (std::size_t k = i; k < std::min(i + 3, size); ++k) hash = hash_of(hash, source_[k]);
    ahead_[i] = hash;
  }
  source_.push_back(kEndPoint);
}

void CellCoder::code_text(Cell& cell, bool without_source) {
  Alphabet& alphabet = cell.state.alphabet;
  if (coder_.has_input()) {
    split_text(cell.actual.text, cell.statistics.is_text, points_);
    points_.push_back(kEndPoint);
  }
  TextProgress progress;
  choose_source(cell, without_source, progress);
  text_.clear();
  for (; !is_bad_; ++progress.index) {
    const std::uint32_t actual = coder_.has_input() ? points_[progress.index] : 0;
    std::uint32_t point = 0;
    if (progress.source_kind == 0 || !follow_source(cell, progress, actual, point)) {
      point = code_point(cell, progress, actual);
    }
    if (point == kEndPoint) break;
    if (alphabet.find(point, mix_bits(point)) == Alphabet::kNone) {
      alphabet.add(point, mix_bits(point));
    }
    const bool fits = append_point(point, cell.statistics.is_text, text_) &&
                      text_.size() <= std::min<std::uint64_t>(limits::kCellBytes, text_budget_) &&
                      !coder_.coder().is_past_end();
    is_bad_ = !fits && !coder_.has_input();  // priming rows may hold any bytes
    progress.last[2] = progress.last[1];
    progress.last[1] = progress.last[0];
    progress.last[0] = point;
    progress.prefix = hash_of(progress.prefix, point);
  }
  finish(cell, coder_.has_input() ? cell.actual : CellView{CellView::Kind::kText, 0, text_});
}

bool CellCoder::follow_source(Cell& cell, TextProgress& progress, std::uint32_t actual,
                              std::uint32_t& point) {
  const auto column = static_cast<std::uint32_t>(cell.column);
  const std::uint32_t kind = progress.source_kind, base = cell.decision + 16;
  const std::uint32_t predicted = source_[progress.at];
  const std::uint32_t run = std::min<std::uint32_t>(
      static_cast<std::uint32_t>(std::bit_width(progress.outcomes)) - 1, 15);
  const std::uint32_t steps = progress.outcomes >= 0x10000 ? 15 : run;
  const std::uint32_t remaining = remaining_[progress.at], ahead = ahead_[progress.at];
  const auto [o1, o2, o3] = progress.last;
  ContextSet contexts(4'096 + (column * 8 + kind) % 512,
                      3'072 + kind * 128 + (progress.outcomes & 3) * 16 + steps);
  contexts.add(
      hash_of(base, kind, progress.outcomes & 15, std::min<std::uint32_t>(progress.index, 3)));
  contexts.add(hash_of(base + 1, kind, remaining, progress.outcomes & 1), 30);
  contexts.add(hash_of(base + 2, kind, ahead, hash_of(o1, progress.outcomes & 3)));
  contexts.add(hash_of(base + 3, predicted, o1, o2));
  contexts.add(hash_of(base + 4, kind, predicted, progress.outcomes & 7));
  contexts.add(hash_of(base + 5, hash_of(o1, o2, o3), predicted));
  contexts.add(hash_of(base + 6, kind, remaining, hash_of(o1, progress.own)), 30);
  contexts.add(hash_of(base + 7, predicted, progress.prefix, cell.first_hash));
  const bool right = coder_.predictor().flag(contexts, actual == predicted);
  progress.outcomes = progress.outcomes << 1 | (right ? 0U : 1U);
  if (!right) return false;
  point = predicted;
  if (progress.at + 1 < source_.size()) ++progress.at;
  progress.misses = 0;
  return true;
}

std::uint32_t CellCoder::code_point(Cell& cell, TextProgress& progress, std::uint32_t actual) {
  const auto column = static_cast<std::uint32_t>(cell.column);
  const std::uint32_t kind = progress.source_kind, base = cell.decision + 16;
  const std::uint32_t predicted = kind != 0 ? source_[progress.at] : 2;
  const std::uint32_t after =
      kind != 0 && progress.at + 1 < source_.size() ? source_[progress.at + 1] : 2;
  const auto [o1, o2, o3] = progress.last;
  const std::uint32_t start = std::min<std::uint32_t>(progress.index, 3);
  ContextSet contexts(4'608 + (column * 4 + start) % 512,
                      3'584 + kind * 8 + std::min<std::uint32_t>(progress.misses, 3));
  contexts.add(hash_of(base + 8, 0));
  contexts.add(hash_of(base + 9, o1));
  contexts.add(hash_of(base + 10, o1, o2));
  contexts.add(hash_of(base + 11, o1, o2, o3));
  contexts.add(hash_of(base + 12, predicted, o1, kind));
  contexts.add(hash_of(base + 13, kind != 0 ? ahead_[progress.at] : progress.index, o1, after));
  contexts.add(hash_of(base + 14, progress.prefix, cell.first_hash));
  contexts.add(hash_of(base + 15, std::min<std::uint32_t>(progress.index, 4), cell.second_hash,
                       progress.index < 2 ? o1 : 0));
  const Alphabet& alphabet = cell.state.alphabet;
  std::uint32_t symbol = kEscape;
  if (coder_.has_input()) {
    const std::uint32_t known = alphabet.find(actual, mix_bits(actual));
    symbol = actual == kEndPoint ? kEnd : known == Alphabet::kNone ? kEscape : known + kFirstSymbol;
  }
  symbol = code_symbol(contexts, symbol);
  if (symbol == kEnd) return kEndPoint;
  const bool known = symbol >= kFirstSymbol && symbol - kFirstSymbol < alphabet.size();
  const std::uint32_t point =
      known ? alphabet.at(symbol - kFirstSymbol) : code_new_point(cell, actual);
  ++progress.misses;
  progress.own = hash_of(progress.own, point);
  // Find where the source continues.
  const std::size_t end = std::min(source_.size() - 1, progress.at + kLookAhead);
  for (std::size_t i = progress.at; kind != 0 && i < end; ++i) {
    if (source_[i] != point) continue;
    progress.at = i + 1;
    break;
  }
  return point;
}

// The symbol's bit width, then its bits.
std::uint32_t CellCoder::code_symbol(ContextSet& contexts, std::uint32_t symbol) {
  const auto width_known = static_cast<std::uint32_t>(std::bit_width(symbol + 1)) - 1;
  const std::uint32_t width = coder_.predictor().bits(contexts, std::min(width_known, 15U), 4, 1);
  const std::uint32_t low = coder_.predictor().bits(contexts, (symbol + 1) & ((1U << width) - 1),
                                                    static_cast<int>(width), width + 2);
  return (1U << width | low) - 1;
}

// A code point that is new to this column.
std::uint32_t CellCoder::code_new_point(const Cell& cell, std::uint32_t point) {
  Predictor& predictor = coder_.predictor();
  if (!cell.statistics.is_text) return predictor.uniform(point, 256);
  const std::uint32_t kind_known = point < 128 ? 0 : point - kHanFirst < kHanCount ? 1 : 2;
  const auto kind = coder_.number(kind_known, 41, {0});
  if (kind == 0) return predictor.uniform(point, 128);
  if (kind == 1) {
    const std::uint32_t high = predictor.uniform((point - kHanFirst) >> 7, kHanCount >> 7);
    return kHanFirst + (high << 7) + predictor.uniform((point - kHanFirst) & 127, 128);
  }
  const std::uint32_t high = predictor.uniform(point >> 8, 0x1101);
  return high << 8 | predictor.uniform(point & 255, 256);
}

}  // namespace rootlet
