// The base of a pack as the office holds it: rows of one section before the pack changed them.
// Reads over a second connection whose view of the file is fixed while the first connection writes,
// so the decoder may ask for any row at any time.
#pragma once

#include "sync/downlink/store/row_table.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

class HeldBase final : public BaseRows {
 public:
  // `reader` must be inside a ReadTransaction for as long as this lives.
  static Result<HeldBase> open(Database& reader, std::string_view table,
                               const SectionSchema& schema, Slot slot);
  Result<RowBlock> find(std::span<const Rid> rids) override;

 private:
  HeldBase(SectionSchema schema, Slot slot, Statement range)
      : schema_(std::move(schema)), slot_(slot), range_(std::move(range)) {}
  Status read_stretch(std::span<const Rid> rids, RowBlock& out);
  void push_row(Rid rid, RowBlock& out) const;

  SectionSchema schema_;
  Slot slot_;
  Statement range_;  // rows between two ids, in order of id
};

}  // namespace rootlet
