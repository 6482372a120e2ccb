// Costs are measured, not guessed: each trial codes the sample with a coder that only counts.
#include "sync/pack/context_search.hpp"

#include <algorithm>
#include <set>

namespace rootlet {
namespace {

using Kind = ContextPart::Kind;

constexpr std::size_t kFewItems = 48;        // not worth a context
constexpr std::size_t kSampleItems = 3'072;  // of numbers or texts
constexpr std::size_t kSamplePieces = 3;     // each of neighbours, so that "above" keeps its sense
constexpr std::uint32_t kManySymbols = 1'024;  // a column with more tells by its numbers only
constexpr std::uint32_t kFewSymbols = 12;      // such a column may also tell by the row above
constexpr double kLeastGain = 0.004;           // of the bytes
constexpr double kPartBytes = 5;               // what a part costs itself

// Neighbouring items, in a few pieces.
std::vector<std::size_t> sample_of(std::size_t count) {
  std::vector<std::size_t> chosen;
  if (count <= kSampleItems) {
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(i);
    return chosen;
  }
  constexpr std::size_t kPiece = kSampleItems / kSamplePieces;
  for (std::size_t piece = 0; piece < kSamplePieces; ++piece) {
    const std::size_t begin = piece * (count - kPiece) / (kSamplePieces - 1);
    for (std::size_t i = 0; i < kPiece; ++i) chosen.push_back(begin + i);
  }
  return chosen;
}

// Number and day parts that cut the range of the column into about `pieces`.
void add_scaled(ContextParts& parts, Kind kind, std::uint32_t column, const Numbers& seen,
                std::uint64_t pieces) {
  std::int64_t low = INT64_MAX, high = INT64_MIN;
  for (const std::int64_t number : seen) {
    if (number == 0) continue;  // null, or no number
    low = std::min(low, number);
    high = std::max(high, number);
  }
  if (low >= high) return;
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t divisor = range / pieces + 1;
  parts.push_back({.kind = kind,
                   .column = column,
                   .base = low,
                   .divisor = divisor,
                   .size = static_cast<std::uint32_t>(range / divisor) + 2});
}

// What a column may tell. Its numbers only if its values are too many to be told apart.
void add_column(ContextParts& parts, BlockCells& cells, std::uint32_t column) {
  const auto symbols_of = [&](std::size_t prefix) {
    const Numbers& seen = cells.look(column, Look::kSymbol, prefix);
    return static_cast<std::uint32_t>(*std::max_element(seen.begin(), seen.end())) + 1;
  };
  const std::uint32_t symbols = symbols_of(0);
  if (symbols < 2) return;
  if (symbols > 3) parts.push_back({.kind = Kind::kAsAbove, .column = column});
  if (symbols <= kManySymbols) {
    parts.push_back({.kind = Kind::kSymbol, .column = column, .size = symbols});
  }
  if (symbols <= kFewSymbols) {
    parts.push_back({.kind = Kind::kSymbolAbove, .column = column, .size = symbols});
    return;
  }
  for (const auto& [kind, look] :
       {std::pair(Kind::kDay, Look::kDay), std::pair(Kind::kNumber, Look::kNumber)}) {
    const Numbers& seen = cells.look(column, look);
    const auto zeros = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 0));
    if (zeros * 4 > seen.size() * 3) continue;
    add_scaled(parts, kind, column, seen, 16);
    add_scaled(parts, kind, column, seen, 100);
    if (kind == Kind::kDay) return;
  }
  const std::string_view text = cells.at(column, 0).text;
  for (const std::size_t prefix : {text.size() / 2, text.size() * 3 / 4}) {
    if (prefix < 3 || prefix > 16) continue;
    const std::uint32_t prefixes = symbols_of(prefix);
    if (prefixes > 2 && prefixes < symbols / 2 && prefixes <= kManySymbols) {
      parts.push_back({.kind = Kind::kSymbol,
                       .column = column,
                       .prefix = static_cast<std::uint32_t>(prefix),
                       .size = prefixes});
    }
  }
}

bool has_kind(const ContextParts& parts, const ContextPart& part) {
  return std::any_of(parts.begin(), parts.end(), [&](const ContextPart& other) {
    return other.kind == part.kind && other.column == part.column;
  });
}

std::uint64_t size_of(const ContextParts& parts) {
  std::uint64_t size = 1;
  for (const ContextPart& part : parts) size *= part.size;
  return size;
}

// A sample of a leaf's items with rows and places of its own.
struct Sample {
  std::vector<std::size_t> chosen;
  ChildItems child;
  Items items;
  explicit Sample(const Items& from) : chosen(sample_of(from.count)), child(from) {
    for (const std::size_t i : chosen) child.add(from, i);
    items = child.items();
  }
};

}  // namespace

ContextSearch::ContextSearch(BlockCells* cells) : cells_(cells) {
  for (std::size_t c = 0; cells_ != nullptr && c < cells_->columns(); ++c) {
    if (cells_->has(c)) add_column(column_parts_, *cells_, static_cast<std::uint32_t>(c));
  }
}

ContextParts ContextSearch::candidates(const SymbolSpec& spec, const Items& items) const {
  ContextParts out;
  const std::uint32_t symbols = std::min((1U << spec.bits) + 1, kContextSize);
  out.push_back({.kind = Kind::kBefore, .size = std::max(2U, symbols)});
  if (symbols <= 64) out.push_back({.kind = Kind::kBeforeThat, .size = std::max(2U, symbols)});
  if (items.places != nullptr) out.push_back({.kind = Kind::kPlace, .size = 4});
  if (items.rows != nullptr && cells_ != nullptr) {
    out.insert(out.end(), column_parts_.begin(), column_parts_.end());
  }
  return out;
}

// Adds the part to `parts`, which belongs to `spec`, that saves most; returns the new cost.
template <typename Cost>
double ContextSearch::add_best(SymbolSpec& spec, ContextParts& parts,
                               const ContextParts& candidates, double cost_now, Cost cost) {
  double best = cost_now * (1 - kLeastGain) - kPartBytes;
  const ContextPart* found = nullptr;
  for (const ContextPart& candidate : candidates) {
    if (has_kind(parts, candidate) || size_of(parts) > kContexts / candidate.size) continue;
    parts.push_back(candidate);
    const double now = cost(spec);
    parts.pop_back();
    if (now >= best) continue;
    best = now;
    found = &candidate;
  }
  if (found == nullptr) return cost_now;
  parts.push_back(*found);
  return best;
}

template <typename Cost>
void ContextSearch::improve(SymbolSpec& spec, const Items& items, Cost cost) {
  spec.context.clear();
  spec.fallback.clear();
  if (spec.bits == 0) return;
  const ContextParts all = candidates(spec, items);
  double now = cost(spec);
  for (std::size_t parts = 0; parts < 3; ++parts) {
    const double before = now;
    now = add_best(spec, spec.context, all, now, cost);
    if (now == before) break;
  }
  // One more that is trusted only where it has been seen.
  SymbolSpec falling = spec;
  falling.fallback = spec.context;
  if (falling.fallback.empty()) falling.fallback.push_back({.kind = Kind::kPlace, .size = 4});
  if (add_best(falling, falling.context, all, now, cost) < now) spec = falling;
}

void ContextSearch::tune(NumberModel& model, const Items& items, const Numbers& values) {
  if (values.size() < kFewItems) return;
  const Sample sample(items);
  Numbers chosen;
  for (const std::size_t i : sample.chosen) chosen.push_back(values[i]);
  improve(model.symbols, sample.items, [&](const SymbolSpec& spec) {
    NumberModel trial = model;
    trial.symbols = spec;
    return cost_of_numbers(trial, sample.items, cells_, chosen);
  });
}

void ContextSearch::tune(SymbolSpec& spec, const Items& items, const Characters& characters) {
  if (characters.symbols.size() < kFewItems) return;
  const Sample sample(items);
  std::vector<std::size_t> begins{0};
  for (const std::size_t length : characters.lengths) begins.push_back(begins.back() + length);
  std::vector<std::size_t> lengths;
  std::vector<std::uint32_t> symbols;
  for (const std::size_t i : sample.chosen) {
    lengths.push_back(characters.lengths[i]);
    symbols.insert(symbols.end(),
                   characters.symbols.begin() + static_cast<std::ptrdiff_t>(begins[i]),
                   characters.symbols.begin() + static_cast<std::ptrdiff_t>(begins[i + 1]));
  }
  if (symbols.empty()) return;
  improve(spec, sample.items, [&](const SymbolSpec& trial) {
    return cost_of_characters(trial, sample.items, cells_, lengths, symbols);
  });
}

}  // namespace rootlet
