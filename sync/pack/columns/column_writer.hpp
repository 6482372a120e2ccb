// Writes values by a plan. Where a leaf's values are not what the plan was found for, another leaf
// is taken; where the texts have not the plan's form, it says so and nothing of what it wrote
// counts.
#pragma once

#include "sync/pack/columns/column_plan.hpp"

namespace rootlet {

// Finds what the probabilities of a leaf should depend on, while it is being written.
class LeafTuner {
 public:
  virtual ~LeafTuner() = default;
  // With a `priming`, it is known that the model learns from it first.
  virtual void tune(NumberModel& model, const Items& items, const Numbers& values,
                    const ValueDictionary* priming) = 0;
  virtual void tune(SymbolSpec& spec, const Items& items, const Characters& characters,
                    const CharacterDictionary* priming) = 0;
};

class ColumnWriter {
 public:
  // `cells` may be null; `tuner` too, and then plans stay as they are.
  ColumnWriter(ByteWriter& out, BlockCells* cells, LeafTuner* tuner = nullptr)
      : out_(out), cells_(cells), tuner_(tuner) {}

  // False if the plan does not fit. `old_values` is empty or as long as `values`.
  bool numbers(ColumnPlan& plan, const Items& items, const Numbers& values,
               const Numbers& old_values);
  bool texts(ColumnPlan& plan, const Items& items, const TextViews& values,
             const TextViews& old_values);
  // How many numbers are 1, and the numbers, each 0 or 1.
  bool marks(ColumnPlan& plan, const Items& items, const Numbers& marks);

 private:
  bool number_leaf(ColumnPlan& plan, const Items& items, const Numbers& values,
                   const ValueDictionary* priming);
  bool child(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool child(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool split(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool choice(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool common(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool repeated(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool from_cell(ColumnPlan& plan, const Items& items, const Numbers& values);
  bool plain_text(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool after_prefix(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool inside_old(ColumnPlan& plan, const Items& items, const TextViews& values,
                  const TextViews& old_values);
  bool text_choice(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool characters(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool put_characters(Code code, ColumnPlan& plan, const Items& items, const Characters& characters,
                      ByteView coded);
  bool moment(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool identity(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool part_of_cell(const ColumnPlan& plan, const Items& items, const TextViews& values);
  bool repeated_text(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool date(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool with_exceptions(ColumnPlan& plan, std::uint64_t form, const Items& items,
                       const TextViews& values);
  bool either(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool known_choice(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool known_characters(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool counted(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool digits(ColumnPlan& plan, const Items& items, const TextViews& values,
              const TextViews& old_values);
  void put(Code code) { out_.u8(static_cast<std::uint8_t>(code)); }

  ByteWriter& out_;
  BlockCells* cells_;
  LeafTuner* tuner_;
  const ValueDictionary* priming_ = nullptr;  // for the next node
};

}  // namespace rootlet
