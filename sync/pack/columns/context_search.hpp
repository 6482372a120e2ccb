// Chooses the contexts of leaves' models. ContextSearch is greedy: it adds the part that saves most
// on a sample, as long as it saves more than its own bytes. ContextFit starts from contexts that
// were found for other rows of the same columns. Deterministic. One thread.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "sync/pack/columns/column_writer.hpp"

namespace rootlet {

class ContextSearch final : public LeafTuner {
 public:
  // Considers the columns that `cells` has when it is first used. `cells` may be null.
  explicit ContextSearch(BlockCells* cells) : cells_(cells) {}

  void tune(NumberModel& model, const Items& items, const Numbers& values,
            const ValueDictionary* priming) override;
  void tune(SymbolSpec& spec, const Items& items, const Characters& characters,
            const CharacterDictionary* priming) override;

 private:
  template <typename Costs>
  void improve(SymbolSpec& spec, const Items& items, const Costs& costs);
  using Measured = std::vector<std::pair<double, const ContextPart*>>;  // bytes, candidate
  template <typename Costs>
  Measured promising(SymbolSpec& spec, ContextParts& parts, const ContextParts& candidates,
                     double limit, const Costs& costs);
  template <typename Costs>
  double add_best(SymbolSpec& spec, ContextParts& parts, const ContextParts& candidates,
                  double cost_now, const Costs& costs);
  ContextParts candidates(const SymbolSpec& spec, const Items& items);
  const ContextParts& column_parts();

  BlockCells* cells_;
  std::optional<ContextParts> column_parts_;  // candidates
};

// Fits a plan's contexts to this block: gives each part the sizes that its column has here, drops
// what no longer pays off, and tries nothing else.
class ContextFit final : public LeafTuner {
 public:
  // `cells` may be null.
  explicit ContextFit(BlockCells* cells) : cells_(cells) {}

  void tune(NumberModel& model, const Items& items, const Numbers& values,
            const ValueDictionary* priming) override;
  void tune(SymbolSpec& spec, const Items& items, const Characters& characters,
            const CharacterDictionary* priming) override;

 private:
  template <typename Costs>
  void improve(SymbolSpec& spec, const Items& items, const Costs& costs);
  ContextParts fitted(const ContextParts& parts, int bits, const Items& items);
  std::optional<ContextPart> fitted(const ContextPart& part, int bits, const Items& items);

  BlockCells* cells_;
};

}  // namespace rootlet
