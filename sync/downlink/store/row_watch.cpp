// Temporary triggers hold each changed row against the watches. SQLite runs them in the statement
// that changes the row, so no second pass over the table is needed.
#include "sync/downlink/store/row_watch.hpp"

#include <algorithm>
#include <array>

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

// Notes that the row with `key` matched `before` and matches `after`, if `when`.
std::string note(const RowWatch& watch, const std::string& key, const std::string& before,
                 const std::string& after, const std::string& when) {
  return "INSERT INTO watch_hits(watch,key,before,after) SELECT " + sql_literal(watch.id) + "," +
         key + "," + before + "," + after + " WHERE " + when +
         " ON CONFLICT(watch,key) DO UPDATE SET after=excluded.after;";
}

constexpr std::array<std::string_view, 3> kEvents{"insert", "delete", "update"};
// Watches of one trigger: SQLite bounds the depth of an expression.
constexpr std::size_t kWatchesOfTrigger = 64;

std::size_t groups_of(std::size_t watches) {
  return (watches + kWatchesOfTrigger - 1) / kWatchesOfTrigger;
}

std::string trigger_name(std::size_t group, std::string_view event) {
  return "watch_" + std::to_string(group) + "_" + std::string(event);
}

// What a trigger does: its condition, which most rows do not meet, and what it notes of a row.
struct TriggerText {
  std::string when, body;

  void add(const std::string& condition, const std::string& notes) {
    when += (when.empty() ? "" : " OR ") + condition;
    body += notes;
  }
  std::string sql(std::string_view event, std::size_t group, const std::string& table) const {
    return "CREATE TEMP TRIGGER " + trigger_name(group, event) + " AFTER " + std::string(event) +
           " ON main." + quote_identifier(table) + " WHEN " + when + " BEGIN " + body + " END;";
  }
};

// Three triggers for a group of watches: starting one costs more than most conditions.
std::string triggers(std::span<const RowWatch> watches, std::size_t group, const std::string& table,
                     const StoreLayout& layout) {
  const std::string old_key = key_of(layout, "old"), new_key = key_of(layout, "new");
  // A key that changes is one row that vanished and another that is new.
  const std::string moved = "NOT " + same_key(layout, "old", "new");
  TriggerText insert, remove, update;
  for (const RowWatch& watch : watches) {
    const std::string was = matches(watch, "old"), is = matches(watch, "new");
    const std::string either = "(" + was + " OR " + is + ")";
    insert.add(is, note(watch, new_key, "0", "1", is));
    remove.add(was, note(watch, old_key, "1", "0", was));
    update.add(either, note(watch, old_key, was,
                            "CASE WHEN " + moved + " THEN 0 ELSE " + is + " END", either) +
                           note(watch, new_key, "0", is, moved + " AND " + either));
  }
  return insert.sql("insert", group, table) + remove.sql("delete", group, table) +
         update.sql("update", group, table);
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
  for (std::size_t group = 0; group < groups_of(watched.watches_); ++group) {
    const std::size_t first = group * kWatchesOfTrigger;
    const std::size_t count = std::min(kWatchesOfTrigger, watched.watches_ - first);
    ROOTLET_TRY(database.execute(triggers(watches.subspan(first, count), group, table, layout)));
  }
  return watched;
}

Status WatchedTable::end() {
  for (std::size_t group = 0; group < groups_of(watches_); ++group) {
    for (const std::string_view event : kEvents) {
      ROOTLET_TRY(database_->execute("DROP TRIGGER " + trigger_name(group, event)));
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
