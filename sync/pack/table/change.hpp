// The change of one section: as values, for a writer of packs; as calls, from a reader; and the
// rows at the base version, which both read.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sync/pack/table/digest.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// The change of one section. Updates carry whole rows, old and new; the encoder finds the
// difference. Only the first section names deletes and the rids of inserts; the inserts of other
// sections have the same rows in the same order.
struct SectionChanges {
  SectionSchema schema;
  std::vector<Rid> deletes = {};  // first section only; ascending
  RowBlock updated_old = {};
  RowBlock updated_new = {};  // same rids as updated_old
  RowBlock inserts = {};
  SectionDigest before = {}, after = {};
};

class ModelMemo;

// The rows at version `from`, whatever a sink has applied since. Old values, digests, references
// and priming rows are read from it. Called from one thread.
class BaseRows {
 public:
  virtual ~BaseRows() = default;
  // Announces rows that find() will be called for soon, so that an implementation can prefetch
  // them. If it must choose, it starts with the latest announcement: those rows will be changed.
  virtual void announce(std::span<const Rid> /*rids*/) {}
  // Those of the rows `rids` (ascending, distinct) that exist, in that order, with every column of
  // the section's schema. Errors are those of the store.
  virtual Result<RowBlock> find(std::span<const Rid> rids) = 0;
  // Where to keep the primed model for the next pack from the same base; null: nowhere. The caller
  // does not own it.
  virtual ModelMemo* memo() { return nullptr; }
};

// The base of a snapshot: no rows.
class EmptyBase final : public BaseRows {
 public:
  explicit EmptyBase(const SectionSchema& schema) : columns_(schema.columns.size()) {}
  Result<RowBlock> find(std::span<const Rid>) override {
    RowBlock none;
    none.columns.resize(columns_);
    return none;
  }

 private:
  std::size_t columns_;
};

// The base as its publisher holds it.
class BaseTable : public BaseRows {
 public:
  virtual Rid bound() const = 0;  // above every rid in use
  // Calls `visit` for every row in the order of rids, with its cells in `columns` (distinct) only.
  // The cells are valid during the call. Stops at the first error and returns it.
  using Visit = std::function<void(Rid, std::span<const CellView>)>;
  virtual Status walk(std::span<const std::size_t> columns, const Visit& visit) = 0;
};

// Receives decoded blocks in order: deletes, then updates, then inserts of each block. An error
// that it returns ends the reading.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  virtual Status remove(RowBlock old_rows) = 0;
  virtual Status update(RowBlock old_rows, RowBlock new_rows) = 0;
  virtual Status insert(RowBlock rows) = 0;
};

// The rids that the first section of a pack deletes and inserts, which the other sections refer to.
struct RowLists {
  std::vector<Rid> deletes;
  std::vector<Rid> inserts;
};

}  // namespace rootlet
