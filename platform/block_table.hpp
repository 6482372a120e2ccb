// Rows that stand together in one block, as the base of a pack.
#pragma once

#include <algorithm>

#include "sync/pack/pack.hpp"

namespace rootlet {

class BlockTable final : public BaseTable {
 public:
  explicit BlockTable(RowBlock rows) : rows_(std::move(rows)) {}

  Result<RowBlock> find(std::span<const Rid> rids) override {
    RowBlock found;
    found.columns.resize(rows_.columns.size());
    for (const Rid rid : rids) {
      const auto at = std::lower_bound(rows_.rids.begin(), rows_.rids.end(), rid);
      if (at == rows_.rids.end() || *at != rid) continue;
      const auto row = static_cast<std::size_t>(at - rows_.rids.begin());
      found.rids.push_back(rid);
      for (std::size_t c = 0; c < rows_.columns.size(); ++c) {
        found.columns[c].push(rows_.columns[c].at(row));
      }
    }
    return found;
  }

  Rid bound() const override { return rows_.rids.empty() ? 0 : rows_.rids.back() + 1; }

  Status walk(const std::function<void(Rid, std::span<const CellView>)>& visit) override {
    std::vector<CellView> cells(rows_.columns.size());
    for (std::size_t row = 0; row < rows_.rids.size(); ++row) {
      for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = rows_.columns[c].at(row);
      visit(rows_.rids[row], cells);
    }
    return ok();
  }

 private:
  RowBlock rows_;
};

}  // namespace rootlet
