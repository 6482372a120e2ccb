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
  // `row` is "old" or "new". Whether a reader sees the row is asked last: few rows match at all.
  std::string sql(std::string_view event, std::string_view row, std::size_t group,
                  const std::string& table) const {
    return "CREATE TEMP TRIGGER " + trigger_name(group, event) + " AFTER " + std::string(event) +
           " ON main." + quote_identifier(table) + " WHEN (" + when +
           ") AND EXISTS(SELECT 1 FROM streams WHERE slot=" + std::string(row) +
           ".row_id>>31) BEGIN " + body + " END;";
  }
};

std::string triggers_of(std::span<const RowWatch> watches, std::size_t group,
                        const std::string& table, const StoreLayout& layout) {
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
  return insert.sql("insert", "new", group, table) + remove.sql("delete", "old", group, table) +
         update.sql("update", "new", group, table);
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

WatchedTable::WatchedTable(Database& database, std::string table, StoreLayout layout,
                           std::span<const RowWatch> watches)
    : database_(&database), table_(std::move(table)), layout_(std::move(layout)) {
  if (!layout_.key.empty()) watches_.assign(watches.begin(), watches.end());
}

// A connection that cannot drop its triggers is closed soon: its memory is used up.
WatchedTable::~WatchedTable() {
  static_cast<void>(stop().has_error());
}

// Three triggers for a group of watches: starting one costs more than most conditions.
std::string WatchedTable::triggers(std::size_t group) const {
  const std::size_t first = group * kWatchesOfTrigger;
  const std::size_t count = std::min(kWatchesOfTrigger, watches_.size() - first);
  return triggers_of(std::span(watches_).subspan(first, count), group, table_, layout_);
}

Status WatchedTable::watch() {
  if (is_watching_ || watches_.empty()) return ok();
  ROOTLET_TRY(stop());  // what an earlier call made before it failed
  for (std::size_t group = 0; group < groups_of(watches_.size()); ++group) {
    ROOTLET_TRY(database_->execute(triggers(group)));
  }
  is_watching_ = true;
  return ok();
}

Status WatchedTable::stop() {
  is_watching_ = false;
  for (std::size_t group = 0; group < groups_of(watches_.size()); ++group) {
    for (const std::string_view event : kEvents) {
      ROOTLET_TRY(database_->execute("DROP TRIGGER IF EXISTS temp." + trigger_name(group, event)));
    }
  }
  return ok();
}

Status WatchedTable::compare(Slot old_slot, Slot new_slot) {
  for (const RowWatch& watch : watches_) {
    const std::string is = matches(watch, "n"), was = matches(watch, "o");
    const SlotRows before{"o", old_slot}, after{"n", new_slot};
    ROOTLET_TRY(database_->execute(
        note_all(watch, before, after, key_of(layout_, "o") + ",1,n.row_id IS NOT NULL AND " + is,
                 was + " AND (n.row_id IS NULL OR NOT " + is + " OR " +
                     other_cells(layout_, "o", "n") + ")")));
    ROOTLET_TRY(database_->execute(note_all(watch, after, before, key_of(layout_, "n") + ",0,1",
                                            is + " AND (o.row_id IS NULL OR NOT " + was + ")")));
  }
  return ok();
}

std::string WatchedTable::range_of(const SlotRows& rows) {
  return rows.name + ".row_id BETWEEN " + std::to_string(row_id(rows.slot, 0)) + " AND " +
         std::to_string(row_id(rows.slot, limits::kMaxRid));
}

// Notes `cells` of the rows of `from`, each beside the row of `other` with its key, if `when`.
std::string WatchedTable::note_all(const RowWatch& watch, const SlotRows& from,
                                   const SlotRows& other, const std::string& cells,
                                   const std::string& when) const {
  const std::string rows = quote_identifier(table_);
  return "INSERT INTO watch_hits(watch,key,before,after) SELECT " + sql_literal(watch.id) + "," +
         cells + " FROM " + rows + " " + from.name + " LEFT JOIN " + rows + " " + other.name +
         " ON " + same_key(layout_, other.name, from.name) + " AND " + range_of(other) + " WHERE " +
         range_of(from) + " AND " + when +
         " ON CONFLICT(watch,key) DO UPDATE SET after=excluded.after";
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
                               "sum(after=0) FROM watch_hits WHERE before OR after "
                               "GROUP BY watch"));
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
                               "AND (before OR after) ORDER BY before, after DESC, key LIMIT ?2"));
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
  return database.execute("DELETE FROM watch_hits WHERE watch NOT IN (" + ids +
                          ") OR (before=0 AND after=0)");
}

}  // namespace rootlet
