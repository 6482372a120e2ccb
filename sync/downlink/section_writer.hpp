// Writes one section of a pack into one slot, and keeps that section's digest as it goes. The old
// rows that it is given are what the table really held, so rows that changed behind our back show
// up as a digest that does not match.
#pragma once

#include "sync/downlink/row_table.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {

// Commits what was written so far whenever enough has come together, so that a snapshot of any size
// keeps the WAL small. Does nothing for a delta, which is one transaction.
class CommitSteps {
 public:
  // `step_rows` 0: never.
  CommitSteps(Database& database, std::size_t step_rows)
      : database_(&database), step_rows_(step_rows) {}
  Status begin();
  Status count_row();
  Status finish();

 private:
  Database* database_;
  std::size_t step_rows_;
  std::size_t rows_ = 0;
  std::optional<Transaction> transaction_;
};

class SectionWriter final : public ChangeSink {
 public:
  struct Options {
    bool is_first = true;  // the section that says which rows exist
    SectionDigest before = {};
  };
  SectionWriter(RowTable table, SymmetricKey digest_key, CommitSteps& steps, Options options)
      : table_(std::move(table)),
        digest_key_(std::move(digest_key)),
        steps_(&steps),
        options_(options),
        digest_(options.before) {}

  Status remove(const RowBlock& old_rows) override;
  Status update(const RowBlock& old_rows, const RowBlock& new_rows) override;
  Status insert(const RowBlock& rows) override;

  const SectionDigest& digest() const { return digest_; }
  std::uint64_t inserted() const { return inserted_; }
  std::uint64_t updated() const { return updated_; }
  std::uint64_t removed() const { return removed_; }

 private:
  RowTable table_;
  SymmetricKey digest_key_;
  CommitSteps* steps_;
  Options options_;
  SectionDigest digest_;
  std::uint64_t inserted_ = 0, updated_ = 0, removed_ = 0;
};

}  // namespace rootlet
