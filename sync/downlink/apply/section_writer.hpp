// Writes one section of a pack into one slot. The old rows of a change come from the table itself,
// so a row that something else changed there shows up as a digest mismatch.
#pragma once

#include <memory>
#include <optional>

#include "sync/downlink/apply/change_relay.hpp"
#include "sync/downlink/apply/wal_copier.hpp"
#include "sync/downlink/store/dataset_store.hpp"
#include "sync/downlink/store/row_table.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

// Commits after every `step_rows` rows, so that a snapshot of any size keeps the WAL small, and has
// the WAL copied into the file meanwhile. A delta is one transaction and has no steps.
class CommitSteps {
 public:
  // `step_rows` 0: never.
  CommitSteps(DatasetStore& store, std::size_t step_rows) : store_(&store), step_rows_(step_rows) {}
  ~CommitSteps() { stop_copier(); }
  CommitSteps(const CommitSteps&) = delete;
  CommitSteps& operator=(const CommitSteps&) = delete;
  Status begin();
  // Rows left until the next commit.
  std::size_t room() const { return step_rows_ == 0 ? SIZE_MAX : step_rows_ - rows_; }
  Status count_rows(std::size_t rows);
  Status finish();

 private:
  Status commit();
  Status start_copier();
  void stop_copier();
  Status copy();

  DatasetStore* store_;
  std::size_t step_rows_;
  std::size_t rows_ = 0;           // since the last commit
  std::size_t uncopied_rows_ = 0;  // since the last request to copy the WAL
  int copies_ = 0;                 // requests since the WAL could start anew
  std::optional<Transaction> transaction_;
  std::unique_ptr<WalCopier> copier_;
};

// Writes the changes of one section.
class SectionWriter {
 public:
  // `table` stands at the slot. `is_first`: this section inserts and removes rows; the others only
  // fill columns.
  SectionWriter(RowTable& table, bool is_first, CommitSteps& steps)
      : table_(&table), is_first_(is_first), steps_(&steps) {}

  Status write(const Change& change);

  std::uint64_t inserted() const { return inserted_; }
  std::uint64_t updated() const { return updated_; }
  std::uint64_t removed() const { return removed_; }

 private:
  Status remove(const RowBlock& old_rows);
  Status update(const RowBlock& old_rows, const RowBlock& new_rows);
  Status insert(const RowBlock& rows);

  RowTable* table_;
  bool is_first_;
  CommitSteps* steps_;
  std::uint64_t inserted_ = 0, updated_ = 0, removed_ = 0;
};

}  // namespace rootlet
