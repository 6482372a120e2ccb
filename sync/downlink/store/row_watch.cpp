// Temporary triggers hold each changed row against the watches. SQLite runs them in the statement
// that changes the row, so no second pass over the table is needed.
#include "sync/downlink/store/row_watch.hpp"

#include "storage/database.hpp"

namespace rootlet {
namespace {

// A condition is null where a cell is null; such a row does not match.
std::string matches(const RowWatch& watch, std::string_view row) {
  return "coalesce((" + watch.condition(row) + "),0)";
}

std::string column_of(std::string_view row, std::string_view name) {
  return std::string(row) + "." + quote_identifier(name);
}

std::string key_of(const StoreLayout& layout, std::string_view row) {
  std::string sql = "json_array(";
  for (std::size_t i = 0; i < layout.key.size(); ++i) {
    sql += (i == 0 ? "" : ",") + column_of(row, layout.key[i]);
  }
  return sql + ")";
}

std::string same_key(const StoreLayout& layout, std::string_view a, std::string_view b) {
  std::string sql;
  for (const std::string& name : layout.key) {
    sql += (sql.empty() ? "" : " AND ") + column_of(a, name) + " IS " + column_of(b, name);
  }
  return "(" + sql + ")";
}

std::string other_cells(const StoreLayout& layout, std::string_view a, std::string_view b) {
  std::string sql;
  for (const SectionSchema& section : layout.sections) {
    for (const ColumnSpec& column : section.columns) {
      sql += (sql.empty() ? "" : " OR ") + column_of(a, column.name) + " IS NOT " +
             column_of(b, column.name);
    }
  }
  return "(" + sql + ")";
}

std::string note(const RowWatch& watch, const std::string& key, const std::string& before,
                 const std::string& after) {
  return "INSERT INTO watch_hits(watch,key,before,after) VALUES(" + sql_literal(watch.id) + "," +
         key + "," + before + "," + after +
         ") ON CONFLICT(watch,key) DO UPDATE SET after=excluded.after;";
}

std::string trigger_name(std::size_t watch, std::string_view event) {
  return "watch_" + std::to_string(watch) + "_" + std::string(event);
}

std::string triggers(const RowWatch& watch, std::size_t number, const std::string& table,
                     const StoreLayout& layout) {
  const std::string on = " ON main." + quote_identifier(table) + " WHEN ";
  const std::string was = matches(watch, "old"), is = matches(watch, "new");
  const std::string old_key = key_of(layout, "old"), new_key = key_of(layout, "new");
  const auto trigger = [&](std::string_view event, const std::string& when,
                           const std::string& body) {
    return "CREATE TEMP TRIGGER " + trigger_name(number, event) + " AFTER " + std::string(event) +
           on + when + " BEGIN " + body + " END;";
  };
  // A key that changes is one row that vanished and another that is new.
  const std::string moved = "NOT " + same_key(layout, "old", "new");
  const std::string moved_to = "INSERT INTO watch_hits(watch,key,before,after) SELECT " +
                               sql_literal(watch.id) + "," + new_key + ",0," + is + " WHERE " +
                               moved +
                               " ON CONFLICT(watch,key) DO UPDATE SET after=excluded.after;";
  return trigger("insert", is, note(watch, new_key, "0", "1")) +
         trigger("delete", was, note(watch, old_key, "1", "0")) +
         trigger("update", was + " OR " + is,
                 note(watch, old_key, was, "CASE WHEN " + moved + " THEN 0 ELSE " + is + " END") +
                     moved_to);
}

std::string range_of(std::string_view row, Slot slot) {
  std::string sql(row);
  sql += ".row_id BETWEEN ";
  sql += std::to_string(row_id(slot, 0));
  sql += " AND ";
  sql += std::to_string(row_id(slot, limits::kMaxRid));
  return sql;
}

Status drop_cancelled(Database& database) {
  return database.execute("DELETE FROM watch_hits WHERE before=0 AND after=0");
}

HitKind kind_of(bool before, bool after) {
  if (!before) return HitKind::kNew;
  return after ? HitKind::kChanged : HitKind::kVanished;
}

}  // namespace

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out.push_back(c);
    if (c == '\'') out.push_back(c);
  }
  return out + "'";
}

Result<WatchedTable> WatchedTable::begin(Database& database, const std::string& table,
                                         const StoreLayout& layout,
                                         std::span<const RowWatch> watches) {
  WatchedTable watched(database, layout.key.empty() ? 0 : watches.size());
  for (std::size_t i = 0; i < watched.watches_; ++i) {
    ROOTLET_TRY(database.execute(triggers(watches[i], i, table, layout)));
  }
  return watched;
}

Status WatchedTable::end() {
  for (std::size_t i = 0; i < watches_; ++i) {
    for (const std::string_view event : {"insert", "delete", "update"}) {
      ROOTLET_TRY(database_->execute("DROP TRIGGER " + trigger_name(i, event)));
    }
  }
  return watches_ == 0 ? ok() : drop_cancelled(*database_);
}

Status watch_replacement(Database& database, const std::string& table, const StoreLayout& layout,
                         Slot old_slot, Slot new_slot, std::span<const RowWatch> watches) {
  if (layout.key.empty()) return ok();
  const std::string rows = quote_identifier(table);
  for (const RowWatch& watch : watches) {
    const std::string is = matches(watch, "n"), was = matches(watch, "o");
    const auto note_all = [&](const std::string& cells, std::string_view from, Slot from_slot,
                              std::string_view other, Slot other_slot, const std::string& where) {
      return "INSERT INTO watch_hits(watch,key,before,after) SELECT " + sql_literal(watch.id) +
             "," + cells + " FROM " + rows + " " + std::string(from) + " LEFT JOIN " + rows + " " +
             std::string(other) + " ON " + same_key(layout, other, from) + " AND " +
             range_of(other, other_slot) + " WHERE " + range_of(from, from_slot) + " AND " + where +
             " ON CONFLICT(watch,key) DO UPDATE SET after=excluded.after";
    };
    ROOTLET_TRY(database.execute(note_all(key_of(layout, "o") + ",1,n.row_id IS NOT NULL AND " + is,
                                          "o", old_slot, "n", new_slot,
                                          was + " AND (n.row_id IS NULL OR NOT " + is + " OR " +
                                              other_cells(layout, "o", "n") + ")")));
    ROOTLET_TRY(
        database.execute(note_all(key_of(layout, "n") + ",0,1", "n", new_slot, "o", old_slot,
                                  is + " AND (o.row_id IS NULL OR NOT " + was + ")")));
  }
  return watches.empty() ? ok() : drop_cancelled(database);
}

std::string_view name_of(HitKind kind) {
  switch (kind) {
    case HitKind::kNew:
      return "new";
    case HitKind::kChanged:
      return "changed";
    case HitKind::kVanished:
      return "vanished";
  }
  return "new";
}

Result<std::vector<WatchCount>> count_hits(Database& database) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT watch, sum(before=0), sum(before=1 AND after=1), "
                               "sum(after=0) FROM watch_hits GROUP BY watch"));
  std::vector<WatchCount> counts;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return counts;
    counts.push_back({.watch = std::string(select.text(0)),
                      .found = select.integer(1),
                      .changed = select.integer(2),
                      .vanished = select.integer(3)});
  }
}

Result<std::vector<WatchHit>> load_hits(Database& database, std::string_view watch,
                                        std::size_t limit) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT before, after, key FROM watch_hits WHERE watch=?1 "
                               "ORDER BY before, after DESC, key LIMIT ?2"));
  select.bind_all(watch, limit);
  std::vector<WatchHit> hits;
  while (true) {
    ROOTLET_TRY(const bool more, select.step());
    if (!more) return hits;
    hits.push_back(
        {kind_of(select.integer(0) != 0, select.integer(1) != 0), std::string(select.text(2))});
  }
}

Status forget_hits(Database& database, std::string_view watch) {
  ROOTLET_TRY(Statement remove, database.prepare("DELETE FROM watch_hits WHERE watch=?1"));
  return remove.bind_all(watch).run();
}

Status keep_hits_of(Database& database, std::span<const RowWatch> watches) {
  std::string ids;
  for (const RowWatch& watch : watches) ids += (ids.empty() ? "" : ",") + sql_literal(watch.id);
  return database.execute("DELETE FROM watch_hits WHERE watch NOT IN (" + ids + ")");
}

}  // namespace rootlet
