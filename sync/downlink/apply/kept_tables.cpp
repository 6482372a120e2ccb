// Statements follow from pack to pack by moving to the slot of the next stream.
#include "sync/downlink/apply/kept_tables.hpp"

namespace rootlet {

KeptTables::KeptTables(DatasetStore& store, std::span<const RowWatch> watches)
    : store_(&store),
      sections_(store.layout().sections.size()),
      watched_(store.database(), store.table(), store.layout(), watches) {}

Result<RowTable*> KeptTables::section(std::size_t section, Slot slot) {
  std::optional<RowTable>& table = sections_[section];
  if (!table.has_value()) {
    ROOTLET_TRY(RowTable opened,
                RowTable::open(store_->database(), store_->table(),
                               store_->layout().sections[section], store_->layout().key, slot));
    table.emplace(std::move(opened));
  }
  table->move_to(slot);
  return &*table;
}

}  // namespace rootlet
