// Writes values by a plan (docs/FORMATS.md, "Column codes"). A leaf that does not suit its values
// is replaced by one that does. If the texts do not have the plan's form, the functions return
// false, and the caller must discard the output. One thread.
#pragma once

#include "sync/pack/columns/column_plan.hpp"

namespace rootlet {

// Chooses the context of a leaf's model while the leaf is being written.
class LeafTuner {
 public:
  virtual ~LeafTuner() = default;
  // `priming`, if not null, is what the model will be primed with.
  virtual void tune(NumberModel& model, const Items& items, const Numbers& values,
                    const ValueDictionary* priming) = 0;
  virtual void tune(SymbolSpec& spec, const Items& items, const Characters& characters,
                    const CharacterDictionary* priming) = 0;
};

class ColumnWriter {
 public:
  // `cells` may be null. Without a `tuner`, plans keep their contexts.
  ColumnWriter(ByteWriter& out, BlockCells* cells, LeafTuner* tuner = nullptr)
      : out_(out), cells_(cells), tuner_(tuner) {}

  // Appends the code tree; false if the plan does not fit. `old_values` is empty or as long as
  // `values`. The writer may change the plan's models.
  bool numbers(ColumnPlan& plan, const Items& items, const Numbers& values,
               const Numbers& old_values);
  bool texts(ColumnPlan& plan, const Items& items, const TextViews& values,
             const TextViews& old_values);
  // Appends how many numbers are 1, and the numbers, each 0 or 1.
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
  bool credit_code(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool part_of_cell(const ColumnPlan& plan, const Items& items, const TextViews& values);
  bool repeated_text(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool date(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool with_exceptions(ColumnPlan& plan, std::uint64_t form, const Items& items,
                       const TextViews& values);
  bool either(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool known_choice(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool known_characters(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool pieces(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool around_cell(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool counted(ColumnPlan& plan, const Items& items, const TextViews& values);
  bool digits(ColumnPlan& plan, const Items& items, const TextViews& values,
              const TextViews& old_values);
  void put(Code code) { out_.u8(static_cast<std::uint8_t>(code)); }

  ByteWriter& out_;
  BlockCells* cells_;
  LeafTuner* tuner_;
  const ValueDictionary* priming_ = nullptr;  // of the next node
};

}  // namespace rootlet
