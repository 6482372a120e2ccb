// The rows that a decoder sees while a pack is being applied: those of the previous version,
// whatever has been written since.
#include "sync/downlink/apply/held_base.hpp"

#include "sync/downlink/apply/section_writer.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

// The rows of one section as `find` should return them.
RowBlock section_block(const DatasetDefinition& definition, const SectionSchema& schema,
                       const TestRows& rows, const std::vector<Rid>& rids) {
  RowBlock block;
  block.columns.resize(schema.columns.size());
  for (const Rid rid : rids) {
    const auto row = rows.find(rid);
    if (row == rows.end()) continue;
    push_row(block, schema.columns.size(), rid, section_row(definition, schema, row->second));
  }
  return block;
}

bool equal_blocks(const RowBlock& a, const RowBlock& b) {
  if (a.rids != b.rids || a.columns.size() != b.columns.size()) return false;
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    if (a.columns[c].size() != a.rids.size() || b.columns[c].size() != b.rids.size()) return false;
    for (std::size_t row = 0; row < a.rids.size(); ++row) {
      if (a.columns[c].at(row) != b.columns[c].at(row)) return false;
    }
  }
  return true;
}

std::vector<Rid> rids_below(Rid bound, Rid step) {
  std::vector<Rid> rids;
  for (Rid rid = 0; rid < bound; rid += step) rids.push_back(rid);
  return rids;
}

RowBlock changed(const RowBlock& rows) {
  RowBlock out{.rids = rows.rids, .columns = {}};
  out.columns.resize(rows.columns.size());
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    for (std::size_t row = 0; row < rows.rids.size(); ++row) {
      const CellView cell = rows.columns[c].at(row);
      if (cell.kind == CellView::Kind::kText) {
        out.columns[c].push_text(std::string(cell.text) + "+");
      } else {
        out.columns[c].push(cell);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("downlink: the base has the rows of the previous version, whatever was written since") {
  StoreFixture fixture(3);
  std::mt19937_64 random(11);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 300);
  for (const Rid gap : {7U, 8U, 9U, 40U, 299U}) stream.rows.erase(gap);
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  const Slot slot = must(store.stream("3304"))->slot;

  Database& reader = *must(store.base_reader());
  CommitSteps steps(store, 0);
  must(steps.begin());
  ReadTransaction pinned = must(ReadTransaction::begin(reader));
  const std::vector<SectionSchema>& sections = store.layout().sections;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    CAPTURE(i);
    const RowBlock before =
        section_block(fixture.definition, sections[i], stream.rows, rids_below(400, 1));
    HeldBase base = must(HeldBase::open(reader, store.table(), sections[i], slot));
    RowTable table = must(
        RowTable::open(store.database(), store.table(), sections[i], store.layout().key, slot));
    SectionWriter writer(table, i == 0, steps);
    // The base is still the one before the writes.
    const WritingSide side{.write = [&](const Change& change) -> Status {
                             must(writer.write(change));
                             CHECK(equal_blocks(must(base.find(rids_below(400, 1))), before));
                             return ok();
                           },
                           .find = nullptr};
    const ChangeReader read = [](BaseRows& rows, ChangeSink& sink) -> Status {
      const RowBlock gone = must(rows.find(std::vector<Rid>{5, 6, 100}));
      const RowBlock updated = must(rows.find(std::vector<Rid>{0, 10, 11, 12, 298}));
      ROOTLET_TRY(sink.remove(gone));
      ROOTLET_TRY(sink.update(updated, changed(updated)));
      return sink.insert(changed(gone));  // reuses the row numbers at once
    };
    DeferredDigest digest{SymmetricKey(), SectionDigest()};
    must(pass_changes(read, base, side, digest));
  }
  pinned.end();
  must(steps.finish());
  HeldBase now = must(HeldBase::open(reader, store.table(), sections[0], slot));
  CHECK(must(now.find(std::vector<Rid>{5})).columns[0].at(0).text.ends_with("+"));
}

TEST_CASE("downlink: the base returns existing rows, near or far, of its own stream only") {
  StoreFixture fixture(2);
  std::mt19937_64 random(12);
  PublishedStream stream = fixture.stream("3304");
  PublishedStream next = fixture.stream("3305");
  stream.version = next.version = 1;
  stream.rows = random_rows(random, 200);
  next.rows = random_rows(random, 50);
  for (const Rid gap : {0U, 3U, 77U, 78U}) stream.rows.erase(gap);
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  must(apply_pack(store, fixture.staged_snapshot(next), fixture.context(next)));
  const SectionSchema& schema = store.layout().sections[0];
  HeldBase base = must(
      HeldBase::open(store.database(), store.table(), schema, must(store.stream("3304"))->slot));
  for (const Rid step : {1U, 2U, 16U, 17U, 77U, 500U}) {
    CAPTURE(step);
    const std::vector<Rid> rids = rids_below(1'000, step);
    CHECK(equal_blocks(must(base.find(rids)),
                       section_block(fixture.definition, schema, stream.rows, rids)));
  }
  CHECK(must(base.find(std::vector<Rid>{limits::kMaxRid, limits::kMaxRid + 1, ~Rid{0}}))
            .rids.empty());
  CHECK(must(base.find({})).columns.size() == schema.columns.size());
}
