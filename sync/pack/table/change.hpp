// A change of one section, as values and as calls: what a writer of packs is given, what a reader
// of packs hands out, and the rows at the base version that both look into.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sync/pack/table/digest.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// What one section says. Updates carry whole rows, old and new; the encoder finds what differs.
// Sections after the first repeat neither deletes nor insert rids, but their inserts have the same
// rows in the same order as the first section's.
struct SectionChanges {
  SectionSchema schema;
  std::vector<Rid> deletes = {};  // first section only; ascending
  RowBlock updated_old = {};
  RowBlock updated_new = {};  // same rids as updated_old
  RowBlock inserts = {};
  SectionDigest before = {}, after = {};
};

class ModelMemo;

// Rows as they stand at version `from`, whatever a sink has been given since: for old values, for
// digests, and for what both ends can guess from rows that both hold.
class BaseRows {
 public:
  virtual ~BaseRows() = default;
  // find() will be asked for just these, a little later: whoever can may look for them meanwhile,
  // beginning, if he is to change some, with what was announced last.
  virtual void announce(std::span<const Rid> /*rids*/) {}
  // Those of the rows `rids` (ascending, distinct) that exist, with every column of the section's
  // schema, in the same order.
  virtual Result<RowBlock> find(std::span<const Rid> rids) = 0;
  // Where to keep what a model learns from these rows, if it will be wanted again.
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
  // Every row in the order of rids, but only its cells in `columns` (distinct); `visit` may not
  // keep them.
  using Visit = std::function<void(Rid, std::span<const CellView>)>;
  virtual Status walk(std::span<const std::size_t> columns, const Visit& visit) = 0;
};

// Receives decoded blocks in order, to keep: deletes, then updates, then inserts of each block.
// Whatever it returns as an error ends the reading.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  virtual Status remove(RowBlock old_rows) = 0;
  virtual Status update(RowBlock old_rows, RowBlock new_rows) = 0;
  virtual Status insert(RowBlock rows) = 0;
};

// The rids that section 0 of the pack deleted and inserted, which the other sections need.
struct RowLists {
  std::vector<Rid> deletes;
  std::vector<Rid> inserts;
};

}  // namespace rootlet
