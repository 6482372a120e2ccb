// Writes blocks of a pack to the table, one statement for many rows.
#include "sync/downlink/apply/section_writer.hpp"

#include <algorithm>

namespace rootlet {
namespace {

// The WAL starts anew only if a transaction begins when all of it is copied. So the writing thread
// waits for the copy after this many, which bounds the WAL.
constexpr int kCopiesBeforeWait = 8;

}  // namespace

Status CommitSteps::begin() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(store_->database()));
  transaction_.emplace(std::move(transaction));
  return ok();
}

Status CommitSteps::count_rows(std::size_t rows) {
  rows_ += rows;
  if (step_rows_ == 0 || rows_ < step_rows_) return ok();
  uncopied_rows_ += rows_;
  const bool copies = uncopied_rows_ >= store_->copy_rows();
  if (copies) {
    ROOTLET_TRY(start_copier());
  }
  ROOTLET_TRY(commit());
  if (copies) {
    ROOTLET_TRY(copy());
  }
  return begin();
}

// What the copier has not begun to copy stays in the WAL, where the next long commit finds it.
Status CommitSteps::finish() {
  ROOTLET_TRY(commit());
  stop_copier();
  return ok();
}

Status CommitSteps::commit() {
  rows_ = 0;
  Status committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

// From now on no commit of this thread copies the WAL. Without a second thread it still does.
Status CommitSteps::start_copier() {
  if (copier_ != nullptr) return ok();
  ROOTLET_TRY(Database connection, store_->another_connection());
  copier_ = WalCopier::start(std::move(connection));
  if (copier_ != nullptr) store_->database().copy_wal_on_commit(false);
  return ok();
}

void CommitSteps::stop_copier() {
  if (copier_ == nullptr) return;
  copier_.reset();
  store_->database().copy_wal_on_commit(true);
}

Status CommitSteps::copy() {
  uncopied_rows_ = 0;
  if (copier_ == nullptr) return ok();
  copier_->request();
  if (++copies_ < kCopiesBeforeWait) return ok();
  copies_ = 0;
  return copier_->wait();
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
  return is_first_ ? table_->erase(old_rows) : ok();
}

Status SectionWriter::update(const RowBlock& old_rows, const RowBlock& new_rows) {
  updated_ += new_rows.rids.size();
  return table_->change(old_rows, new_rows);
}

Status SectionWriter::insert(const RowBlock& rows) {
  inserted_ += rows.rids.size();
  for (std::size_t begin = 0, count = 0; begin < rows.rids.size(); begin += count) {
    count = std::min(rows.rids.size() - begin, steps_->room());
    ROOTLET_TRY(is_first_ ? table_->insert(rows, begin, count) : table_->fill(rows, begin, count));
    ROOTLET_TRY(steps_->count_rows(count));
  }
  return ok();
}

}  // namespace rootlet
