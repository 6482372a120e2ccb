// Finds by trying what the probabilities of a leaf should depend on: one part after the other, each
// the one that saves most on a sample of the values, as long as it pays for its bytes.
#pragma once

#include "sync/pack/columns/column_writer.hpp"

namespace rootlet {

class ContextSearch final : public LeafTuner {
 public:
  // Looks at `cells`, which may be null, of the columns that are set now.
  explicit ContextSearch(BlockCells* cells);

  void tune(NumberModel& model, const Items& items, const Numbers& values,
            const ValueDictionary* priming) override;
  void tune(SymbolSpec& spec, const Items& items, const Characters& characters,
            const CharacterDictionary* priming) override;

 private:
  template <typename Costs>
  void improve(SymbolSpec& spec, const Items& items, const Costs& costs);
  template <typename Costs>
  ContextParts promising(SymbolSpec& spec, ContextParts& parts, const ContextParts& candidates,
                         const Costs& costs);
  template <typename Costs>
  double add_best(SymbolSpec& spec, ContextParts& parts, const ContextParts& candidates,
                  double cost_now, const Costs& costs);
  ContextParts candidates(const SymbolSpec& spec, const Items& items) const;

  BlockCells* cells_;
  ContextParts column_parts_;  // that may be worth a try
};

}  // namespace rootlet
