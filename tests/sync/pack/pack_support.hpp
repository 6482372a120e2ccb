// A table in memory from which packs are built and to which they are applied; random tables and
// edits.
#pragma once

#include <map>
#include <random>
#include <set>

#include "sync/pack/pack.hpp"
#include "sync/pack/table/dataset.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

using Row = std::vector<OwnedCell>;
using Rows = std::map<Rid, Row>;

RowBlock block_of(const Rows& rows, std::size_t columns);
SectionDigest digest_of(const Rows& rows, std::size_t columns, const SymmetricKey& content_key);

// The changes from `before` to `after`; with `first_section` they name the deletes.
SectionChanges changes_between(const SectionSchema& schema, const Rows& before, const Rows& after,
                               const SymmetricKey& content_key, bool first_section = true);

// Both sides of a reader: holds the rows at one version and collects changes until commit().
class MemoryTable final : public BaseTable, public ChangeSink {
 public:
  MemoryTable(Rows rows, std::size_t columns)
      : committed_(std::move(rows)), working_(committed_), columns_(columns) {}
  Result<RowBlock> find(std::span<const Rid> rids) override;
  Rid bound() const override { return committed_.empty() ? 0 : committed_.rbegin()->first + 1; }
  Status walk(std::span<const std::size_t> columns, const Visit& visit) override;
  Status remove(RowBlock old_rows) override;
  Status update(RowBlock old_rows, RowBlock new_rows) override;
  Status insert(RowBlock rows) override;
  void commit() { committed_ = working_; }
  const Rows& rows() const { return committed_; }
  std::size_t calls() const { return calls_; }

 private:
  Rows committed_;  // what find() sees
  Rows working_;
  std::size_t columns_;
  std::size_t calls_ = 0;
};

// The file's bytes of section `section`, in pieces of at most `piece`.
SectionSource source_of(const Bytes& file, const PackHeader& header, std::size_t section,
                        std::size_t piece = SIZE_MAX);

// One publisher and one key for each section.
struct World {
  SigningKey publisher = SigningKey::generate();
  std::vector<SymmetricKey> keys;
  PackSpec spec{.stream = {"villages", "3304"}, .from = 0, .to = 1, .epoch = 1};
  World() {
    for (int i = 0; i < 4; ++i) keys.push_back(SymmetricKey::random());
  }
};

// Verifies the header and reads the section into `table`; commits only on success.
Status read_into(const World& world, const BuiltPack& pack, const Bytes& file,
                 const SectionSchema& schema, MemoryTable& table);

SectionSchema random_schema(std::mt19937_64& random);
OwnedCell random_cell(std::mt19937_64& random, const ColumnSpec& column);
Rows random_rows(std::mt19937_64& random, const SectionSchema& schema, std::size_t count);
// Deletes, changes and adds some rows; reuses freed rids.
Rows edited(std::mt19937_64& random, const SectionSchema& schema, Rows rows);

}  // namespace rootlet::test
