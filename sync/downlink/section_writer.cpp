// Blocks of a pack, row by row, into the table.
#include "sync/downlink/section_writer.hpp"

namespace rootlet {

Status CommitSteps::begin() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(*database_));
  transaction_.emplace(std::move(transaction));
  return ok();
}

Status CommitSteps::count_row() {
  if (step_rows_ == 0 || ++rows_ < step_rows_) return ok();
  ROOTLET_TRY(finish());
  return begin();
}

Status CommitSteps::finish() {
  rows_ = 0;
  Status committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

// Rows are passed on first: whoever writes them need not wait for the digest.
Status DigestingSink::remove(const RowBlock& old_rows) {
  ROOTLET_TRY(next_->remove(old_rows));
  digest_.remove(key_, old_rows);
  return ok();
}

Status DigestingSink::update(const RowBlock& old_rows, const RowBlock& new_rows) {
  ROOTLET_TRY(next_->update(old_rows, new_rows));
  digest_.remove(key_, old_rows);
  digest_.add(key_, new_rows);
  return ok();
}

Status DigestingSink::insert(const RowBlock& rows) {
  ROOTLET_TRY(next_->insert(rows));
  digest_.add(key_, rows);
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
  for (std::size_t row = 0; row < rows.rids.size(); ++row) {
    ROOTLET_TRY(is_first_ ? table_.insert(rows, row) : table_.fill(rows, row));
    ROOTLET_TRY(steps_->count_row());
  }
  return ok();
}

}  // namespace rootlet
