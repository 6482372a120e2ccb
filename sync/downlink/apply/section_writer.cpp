// Writes blocks of a pack to the table row by row.
#include "sync/downlink/apply/section_writer.hpp"

#include <algorithm>

namespace rootlet {

Status CommitSteps::begin() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(*database_));
  transaction_.emplace(std::move(transaction));
  return ok();
}

Status CommitSteps::count_rows(std::size_t rows) {
  rows_ += rows;
  if (step_rows_ == 0 || rows_ < step_rows_) return ok();
  ROOTLET_TRY(finish());
  return begin();
}

Status CommitSteps::finish() {
  rows_ = 0;
  Status committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

Status SectionWriter::write(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kRemove:
      return remove(change.old_rows);
    case Change::Kind::kUpdate:
      return update(change.old_rows, change.new_rows);
    case Change::Kind::kInsert:
      return insert(change.new_rows);
  }
  return ok();
}

Status SectionWriter::remove(const RowBlock& old_rows) {
  removed_ += old_rows.rids.size();
  if (!is_first_) return ok();
  for (const Rid rid : old_rows.rids) {
    ROOTLET_TRY(table_.erase(rid));
  }
  return ok();
}

Status SectionWriter::update(const RowBlock& old_rows, const RowBlock& new_rows) {
  updated_ += new_rows.rids.size();
  for (std::size_t row = 0; row < new_rows.rids.size(); ++row) {
    ROOTLET_TRY(table_.change(old_rows, new_rows, row));
  }
  return ok();
}

Status SectionWriter::insert(const RowBlock& rows) {
  inserted_ += rows.rids.size();
  for (std::size_t begin = 0, count = 0; begin < rows.rids.size(); begin += count) {
    count = std::min(rows.rids.size() - begin, steps_->room());
    ROOTLET_TRY(is_first_ ? table_.insert(rows, begin, count) : table_.fill(rows, begin, count));
    ROOTLET_TRY(steps_->count_rows(count));
  }
  return ok();
}

}  // namespace rootlet
