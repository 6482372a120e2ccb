// A greedy search, and a fit that tries neighbours. Costs are measured: each trial codes a sample
// with BitCost.
#include "sync/pack/columns/context_search.hpp"

#include <algorithm>

namespace rootlet {
namespace {

using Kind = ContextPart::Kind;

constexpr std::size_t kFewItems = 48;        // too few for a context to pay off
constexpr std::size_t kSampleItems = 2'048;  // numbers or texts
constexpr std::size_t kLargeSample = 6'144;  // in a large block, whose plan serves many more rows
constexpr std::size_t kLargeBlock = 8'192;
constexpr std::size_t kCoarsePart = 4;  // the coarse sample, which ranks all candidates, is 1/4
constexpr std::size_t kKeptCandidates = 3;
constexpr std::size_t kGreedyParts = 3;
constexpr std::size_t kSamplePieces = 3;       // contiguous, so that "above" keeps its meaning
constexpr std::uint32_t kManySymbols = 1'024;  // columns with more are used by ranges only
constexpr std::uint64_t kFewPieces = 16, kManyPieces = 100;  // of a range of numbers or days
constexpr std::uint32_t kFewSymbols = 12;      // such columns may use the row above too
constexpr double kPredictionAllowance = 1.01;  // a hit decodes faster than the symbol's bits
constexpr double kLeastGain = 0.004;           // fraction of the bytes
constexpr double kPartBytes = 5;               // cost of storing a part

// Indexes of neighbouring items, in a few pieces.
std::vector<std::size_t> sample_of(std::size_t count, std::size_t most) {
  std::vector<std::size_t> chosen;
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(i);
    return chosen;
  }
  const std::size_t size = most / kSamplePieces;
  for (std::size_t piece = 0; piece < kSamplePieces; ++piece) {
    const std::size_t begin = piece * (count - size) / (kSamplePieces - 1);
    for (std::size_t i = 0; i < size; ++i) chosen.push_back(begin + i);
  }
  return chosen;
}

// Adds a part that divides the column's range of numbers or days into about `pieces`.
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

// Adds the parts that a column may contribute. If it has too many distinct values, only ranges of
// its numbers.
void add_column(ContextParts& parts, BlockCells& cells, std::uint32_t column) {
  if (cells.has_old(column)) {
    const Numbers& equals_old = cells.feature(column, CellFeature::kEqualsOld);
    const auto changed = std::count(equals_old.begin(), equals_old.end(), 0);
    const bool is_informative =
        changed > 0 && changed < static_cast<std::ptrdiff_t>(equals_old.size());
    if (is_informative) parts.push_back({.kind = Kind::kEqualsOld, .column = column});
  }
  const auto symbols_of = [&](std::size_t prefix) {
    const Numbers& seen = cells.feature(column, CellFeature::kSymbol, prefix);
    return static_cast<std::uint32_t>(*std::max_element(seen.begin(), seen.end())) + 1;
  };
  const std::uint32_t symbols = symbols_of(0);
  if (symbols < 2) return;
  if (symbols > 3) parts.push_back({.kind = Kind::kEqualsAbove, .column = column});
  if (symbols <= kManySymbols) {
    parts.push_back({.kind = Kind::kSymbol, .column = column, .size = symbols});
  }
  if (symbols <= kFewSymbols) {
    parts.push_back({.kind = Kind::kSymbolAbove, .column = column, .size = symbols});
    return;
  }
  for (const auto& [kind, feature] :
       {std::pair(Kind::kDay, CellFeature::kDay), std::pair(Kind::kNumber, CellFeature::kNumber)}) {
    const Numbers& seen = cells.feature(column, feature);
    const auto zeros = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 0));
    if (zeros * 4 > seen.size() * 3) continue;
    add_scaled(parts, kind, column, seen, kFewPieces);
    add_scaled(parts, kind, column, seen, kManyPieces);
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

std::uint32_t previous_size(int bits) {
  return std::max(2U, std::min((1U << bits) + 1, kContextSize));
}

std::size_t sample_size(std::size_t items) {
  return items >= kLargeBlock ? kLargeSample : kSampleItems;
}

// A sample of a leaf's items, with their rows and positions.
struct Sample {
  std::vector<std::size_t> chosen;
  ChildItems child;
  Items items;
  Sample(const Items& from, std::size_t most) : chosen(sample_of(from.count, most)), child(from) {
    for (const std::size_t i : chosen) child.add(from, i);
    items = child.items();
  }
};

}  // namespace

const ContextParts& ContextSearch::column_parts() {
  if (column_parts_) return *column_parts_;
  column_parts_.emplace();
  for (std::size_t c = 0; c < cells_->columns(); ++c) {
    if (cells_->has(c)) add_column(*column_parts_, *cells_, static_cast<std::uint32_t>(c));
  }
  return *column_parts_;
}

ContextParts ContextSearch::candidates(const SymbolSpec& spec, const Items& items) {
  ContextParts out;
  const std::uint32_t symbols = previous_size(spec.bits);
  out.push_back({.kind = Kind::kPrevious, .size = symbols});
  if (symbols <= 64) out.push_back({.kind = Kind::kSecondPrevious, .size = symbols});
  if (items.positions != nullptr) out.push_back({.kind = Kind::kPosition, .size = 4});
  if (items.rows != nullptr && cells_ != nullptr) {
    out.insert(out.end(), column_parts().begin(), column_parts().end());
  }
  return out;
}

// The candidates that cost least on the coarse sample, each with that cost, cheapest first. If the
// coarse sample is the fine one, only the best of those below `limit`.
template <typename Costs>
ContextSearch::Measured ContextSearch::promising(SymbolSpec& spec, ContextParts& parts,
                                                 const ContextParts& candidates, double limit,
                                                 const Costs& costs) {
  const std::size_t most = costs.is_small() ? 1 : kKeptCandidates;
  if (!costs.is_small()) limit = kNoLimit;
  Measured kept;
  for (const ContextPart& candidate : candidates) {
    if (has_kind(parts, candidate) || size_of(parts) > kContexts / candidate.size) continue;
    parts.push_back(candidate);
    const double cost = costs.coarse(spec, limit);
    parts.pop_back();
    if (cost >= limit) continue;
    const auto place = std::upper_bound(kept.begin(), kept.end(), cost,
                                        [](double c, const auto& one) { return c < one.first; });
    kept.emplace(place, cost, &candidate);
    if (kept.size() > most) kept.pop_back();
    if (kept.size() == most) limit = kept.back().first;
  }
  return kept;
}

// Adds to `parts`, which belongs to `spec`, the part that saves most. Returns the new cost.
template <typename Costs>
double ContextSearch::add_best(SymbolSpec& spec, ContextParts& parts,
                               const ContextParts& candidates, double cost_now,
                               const Costs& costs) {
  double best = cost_now * (1 - kLeastGain) - kPartBytes;
  const ContextPart* found = nullptr;
  for (const auto& [coarse, candidate] : promising(spec, parts, candidates, best, costs)) {
    parts.push_back(*candidate);
    const double now = costs.is_small() ? coarse : costs.fine(spec, best);
    parts.pop_back();
    if (now >= best) continue;
    best = now;
    found = candidate;
  }
  if (found == nullptr) return cost_now;
  parts.push_back(*found);
  return best;
}

template <typename Costs>
void ContextSearch::improve(SymbolSpec& spec, const Items& items, const Costs& costs) {
  spec = {.bits = spec.bits, .memory = spec.memory, .context = {}, .fallback = {}};
  if (spec.bits == 0) return;
  const ContextParts all = candidates(spec, items);
  double now = costs.fine(spec);
  for (std::size_t parts = 0; parts < kGreedyParts; ++parts) {
    const double before = now;
    now = add_best(spec, spec.context, all, now, costs);
    if (now == before) break;
  }
  // One more part, used only where its context has been seen.
  SymbolSpec fallback_spec = spec;
  fallback_spec.fallback = spec.context;
  if (fallback_spec.fallback.empty())
    fallback_spec.fallback.push_back({.kind = Kind::kPosition, .size = 4});
  const double with_fallback = add_best(fallback_spec, fallback_spec.context, all, now, costs);
  if (with_fallback < now) {
    spec = fallback_spec;
    now = with_fallback;
  }
  spec.predicts_symbols = spec.bits > 1;
  const double most = now * kPredictionAllowance;
  if (spec.predicts_symbols && costs.fine(spec, most) > most) spec.predicts_symbols = false;
}

namespace {

class NumberCosts {
 public:
  NumberCosts(const NumberModel& model, const Items& items, BlockCells* cells,
              const Numbers& values, const ValueDictionary* priming)
      : model_(model),
        cells_(cells),
        priming_(priming),
        fine_(items, sample_size(items.count)),
        coarse_(items, sample_size(items.count) / kCoarsePart) {
    for (const std::size_t i : fine_.chosen) fine_values_.push_back(values[i]);
    for (const std::size_t i : coarse_.chosen) coarse_values_.push_back(values[i]);
  }
  // True if the coarse sample is the fine one: all items.
  bool is_small() const { return coarse_.chosen.size() == fine_.chosen.size(); }
  double fine(const SymbolSpec& spec, double limit = kNoLimit) const {
    return cost(spec, fine_.items, fine_values_, limit);
  }
  double coarse(const SymbolSpec& spec, double limit) const {
    return cost(spec, coarse_.items, coarse_values_, limit);
  }

 private:
  double cost(const SymbolSpec& spec, const Items& items, const Numbers& values,
              double limit) const {
    NumberModel trial = model_;
    trial.symbols = spec;
    return cost_of_numbers(trial, items, cells_, values, priming_, limit);
  }

  const NumberModel& model_;
  BlockCells* cells_;
  const ValueDictionary* priming_;
  Sample fine_, coarse_;
  Numbers fine_values_, coarse_values_;
};

class CharacterCosts {
 public:
  CharacterCosts(const Items& items, BlockCells* cells, const Characters& characters,
                 const CharacterDictionary* priming)
      : cells_(cells),
        priming_(priming),
        fine_(items, sample_size(items.count) / 2),
        coarse_(items, sample_size(items.count) / kCoarsePart) {
    std::vector<std::size_t> begins{0};
    for (const std::size_t length : characters.lengths) begins.push_back(begins.back() + length);
    for (Texts* texts : {&fine_texts_, &coarse_texts_}) {
      for (const std::size_t i : (texts == &fine_texts_ ? fine_ : coarse_).chosen) {
        texts->lengths.push_back(characters.lengths[i]);
        texts->symbols.insert(
            texts->symbols.end(),
            characters.symbols.begin() + static_cast<std::ptrdiff_t>(begins[i]),
            characters.symbols.begin() + static_cast<std::ptrdiff_t>(begins[i + 1]));
      }
    }
  }
  // True if the coarse sample is the fine one: all items.
  bool is_small() const { return coarse_.chosen.size() == fine_.chosen.size(); }
  double fine(const SymbolSpec& spec, double limit = kNoLimit) const {
    return cost(spec, fine_.items, fine_texts_, limit);
  }
  double coarse(const SymbolSpec& spec, double limit) const {
    return cost(spec, coarse_.items, coarse_texts_, limit);
  }

 private:
  struct Texts {
    std::vector<std::size_t> lengths;
    std::vector<std::uint32_t> symbols;
  };
  double cost(const SymbolSpec& spec, const Items& items, const Texts& texts, double limit) const {
    return cost_of_characters(spec, items, cells_, texts.lengths, texts.symbols, priming_, limit);
  }

  BlockCells* cells_;
  const CharacterDictionary* priming_;
  Sample fine_, coarse_;
  Texts fine_texts_, coarse_texts_;
};

}  // namespace

void ContextSearch::tune(NumberModel& model, const Items& items, const Numbers& values,
                         const ValueDictionary* priming) {
  if (values.size() < kFewItems) return;
  const NumberCosts costs(model, items, cells_, values, priming);
  SymbolSpec found = model.symbols;
  improve(found, items, costs);
  model.symbols = found;
}

void ContextSearch::tune(SymbolSpec& spec, const Items& items, const Characters& characters,
                         const CharacterDictionary* priming) {
  if (characters.symbols.size() < kFewItems) return;
  improve(spec, items, CharacterCosts(items, cells_, characters, priming));
}

// nullopt if the part does not apply here.
std::optional<ContextPart> ContextFit::fitted(const ContextPart& part, int bits,
                                              const Items& items) {
  ContextPart out = part;
  if (part.kind == Kind::kPrevious || part.kind == Kind::kSecondPrevious) {
    out.size = previous_size(bits);
    return out;
  }
  if (part.kind == Kind::kPosition) {
    return items.positions != nullptr ? std::optional(out) : std::nullopt;
  }
  if (items.rows == nullptr || cells_ == nullptr || !cells_->has(part.column)) return std::nullopt;
  if (part.kind == Kind::kEqualsOld) {
    return cells_->has_old(part.column) ? std::optional(out) : std::nullopt;
  }
  if (part.kind == Kind::kNumber || part.kind == Kind::kDay) {
    const CellFeature feature = part.kind == Kind::kDay ? CellFeature::kDay : CellFeature::kNumber;
    ContextParts scaled;
    add_scaled(scaled, part.kind, part.column, cells_->feature(part.column, feature),
               part.size > 2 * kFewPieces ? kManyPieces : kFewPieces);
    return scaled.empty() ? std::nullopt : std::optional(scaled.front());
  }
  if (part.is_binary()) return out;
  const Numbers& seen = cells_->feature(part.column, CellFeature::kSymbol, part.prefix);
  const auto symbols = static_cast<std::uint32_t>(*std::max_element(seen.begin(), seen.end())) + 1;
  if (symbols < 2 || symbols > kManySymbols) return std::nullopt;
  out.size = symbols;
  return out;
}

ContextParts ContextFit::fitted(const ContextParts& parts, int bits, const Items& items) {
  ContextParts out;
  for (const ContextPart& part : parts) {
    const std::optional<ContextPart> now = fitted(part, bits, items);
    if (now && size_of(out) <= kContexts / now->size) out.push_back(*now);
  }
  return out;
}

template <typename Costs>
void ContextFit::improve(SymbolSpec& spec, const Items& items, const Costs& costs) {
  SymbolSpec best = spec;
  best.context = fitted(spec.context, spec.bits, items);
  best.fallback = fitted(spec.fallback, spec.bits, items);
  double now = costs.fine(best);
  const auto offer = [&](SymbolSpec other, double saved) {
    const double cost = costs.fine(other, now + saved);
    if (cost >= now + saved) return;
    now = cost;
    best = std::move(other);
  };
  while (!best.context.empty()) {
    const std::size_t parts = best.context.size();
    SymbolSpec fewer = best;
    fewer.context.pop_back();
    if (fewer.context.size() <= fewer.fallback.size()) fewer.fallback.clear();
    offer(std::move(fewer), kPartBytes);
    if (best.context.size() == parts) break;
  }
  if (!best.fallback.empty()) {
    SymbolSpec alone = best;
    alone.fallback.clear();
    offer(std::move(alone), kPartBytes);
  }
  if (best.bits > 1) {
    SymbolSpec other = best;
    other.predicts_symbols = !other.predicts_symbols;
    offer(std::move(other), 0);
  }
  spec = std::move(best);
}

void ContextFit::tune(NumberModel& model, const Items& items, const Numbers& values,
                      const ValueDictionary* priming) {
  SymbolSpec& spec = model.symbols;
  if (spec.bits == 0 || values.size() < kFewItems) {
    spec = {.bits = spec.bits, .memory = spec.memory, .context = {}, .fallback = {}};
    return;
  }
  improve(spec, items, NumberCosts(model, items, cells_, values, priming));
}

void ContextFit::tune(SymbolSpec& spec, const Items& items, const Characters& characters,
                      const CharacterDictionary* priming) {
  if (spec.bits == 0 || characters.symbols.size() < kFewItems) {
    spec = {.bits = spec.bits, .memory = spec.memory, .context = {}, .fallback = {}};
    return;
  }
  improve(spec, items, CharacterCosts(items, cells_, characters, priming));
}

}  // namespace rootlet
