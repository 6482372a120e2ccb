// Reads nearby rows in one range scan: a new search from the root of the B-tree costs as much as
// scanning past some unneeded rows.
#include "sync/downlink/apply/held_base.hpp"

#include <algorithm>

namespace rootlet {
namespace {

constexpr Rid kWalkedGap = 16;  // unneeded rows that cost less than a new search

std::string range_sql(std::string_view table, const SectionSchema& schema) {
  std::string sql = "SELECT row_id";
  for (const ColumnSpec& column : schema.columns) sql += "," + quote_identifier(column.name);
  return sql + " FROM " + quote_identifier(table) +
         " WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id";
}

// How many of `rids`, from the first, are close enough for one scan.
std::size_t stretch_of(std::span<const Rid> rids) {
  std::size_t count = 1;
  while (count < rids.size() && rids[count] - rids[count - 1] <= kWalkedGap) ++count;
  return count;
}

}  // namespace

Result<HeldBase> HeldBase::open(Database& reader, std::string_view table,
                                const SectionSchema& schema, Slot slot) {
  ROOTLET_TRY(Statement range, reader.prepare(range_sql(table, schema)));
  return HeldBase(schema, slot, std::move(range));
}

Result<RowBlock> HeldBase::find(std::span<const Rid> rids) {
  RowBlock rows;
  rows.columns.resize(schema_.columns.size());
  rids = rids.first(static_cast<std::size_t>(
      std::upper_bound(rids.begin(), rids.end(), limits::kMaxRid) - rids.begin()));
  while (!rids.empty()) {
    const std::size_t count = stretch_of(rids);
    const Status read = read_stretch(rids.first(count), rows);
    range_.reset();  // also after an error: an open cursor would outlive the transaction
    ROOTLET_TRY(read);
    rids = rids.subspan(count);
  }
  return rows;
}

Status HeldBase::read_stretch(std::span<const Rid> rids, RowBlock& out) {
  range_.bind_all(row_id(slot_, rids.front()), row_id(slot_, rids.back()));
  for (auto wanted = rids.begin();;) {
    ROOTLET_TRY(const bool more, range_.step());
    if (!more) return ok();
    const Rid rid = rid_of(range_.integer(0));
    wanted = std::lower_bound(wanted, rids.end(), rid);
    if (wanted == rids.end() || *wanted != rid) continue;
    push_row(rid, out);
    if (rid == rids.back()) return ok();  // another step might read the next page
  }
}

void HeldBase::push_row(Rid rid, RowBlock& out) const {
  out.rids.push_back(rid);
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    out.columns[i].push(stored_cell(range_, static_cast<int>(i) + 1, schema_.columns[i]));
  }
}

}  // namespace rootlet
