// An invented table by key, and what differs between two of its days.
#pragma once

#include <map>
#include <string>

namespace rootlet::bench {

template <typename Row>
using RowsByKey = std::map<std::string, Row>;

template <typename Row, typename Table>
RowsByKey<Row> rows_by_key(const Table& table) {
  RowsByKey<Row> rows;
  table.for_each([&](const Row& row) { rows[row[0]] = row; });
  return rows;
}

struct TableChange {
  std::size_t deleted = 0, inserted = 0, updated = 0;
  std::map<std::size_t, std::size_t> columns;  // updated cells by column
};

template <typename Row>
TableChange change_between(const RowsByKey<Row>& old_rows, const RowsByKey<Row>& new_rows) {
  TableChange change;
  for (const auto& [key, row] : old_rows) change.deleted += new_rows.count(key) == 0;
  for (const auto& [key, row] : new_rows) {
    const auto old_row = old_rows.find(key);
    if (old_row == old_rows.end()) {
      ++change.inserted;
      continue;
    }
    change.updated += row != old_row->second;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (row[c] != old_row->second[c]) ++change.columns[c];
    }
  }
  return change;
}

}  // namespace rootlet::bench
