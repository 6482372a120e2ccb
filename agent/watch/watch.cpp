// A watch is the fact "watch/<uid>/<name>" of keys.db; of a paired browser
// "watch/p<person>/<name>", with the person in hexadecimal.
#include "agent/watch/watch.hpp"

#include <algorithm>

#include "agent/query/filter.hpp"
#include "agent/reading/row_query.hpp"
#include "agent/time/lease.hpp"
#include "config/cli/suggestion.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kPrefix = "watch/";

std::string fact_name(const Watch& watch) {
  const std::string owner =
      watch.uid >= 0 ? std::to_string(watch.uid) : "p" + to_hex(as_bytes(watch.person));
  return std::string(kPrefix) + owner + "/" + watch.name;
}

Result<Watch> parse_watch(ByteView bytes, const std::string& name) {
  const std::string what = "keys.db: watch " + name;
  ROOTLET_TRY(const json::value value, parse_json(as_text(bytes), what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what));
  Watch watch;
  ROOTLET_TRY(watch.id, object.text("id"));
  ROOTLET_TRY(watch.name, object.text("name"));
  ROOTLET_TRY(watch.dataset, object.text("dataset"));
  ROOTLET_TRY(watch.purpose, object.text("purpose"));
  ROOTLET_TRY(watch.filters, object.texts("where", limits::kWatchFilters));
  ROOTLET_TRY(watch.uid, object.integer("uid", -1, INT64_MAX));
  watch.person = object.text_or("person", "");
  ROOTLET_TRY(const std::string made, object.text("made"));
  ROOTLET_TRY(watch.made, parse_time(made));
  return watch;
}

std::string literal_of(const OwnedCell& cell) {
  return cell.kind == CellView::Kind::kInteger ? std::to_string(cell.integer)
                                               : sql_literal(cell.text);
}

// `condition` with its values in the places of '?' outside of quotes: a trigger has no parameters.
std::string with_literals(const Condition& condition) {
  std::string out;
  std::size_t next = 0;
  char quote = 0;
  for (const char c : condition.sql) {
    if (c == '?' && quote == 0) {
      out += literal_of(condition.values[next++]);
      continue;
    }
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;  // a doubled quote closes and opens again
    }
    out.push_back(c);
  }
  return out;
}

Result<std::string> condition_sql(const std::vector<std::string>& filters,
                                  std::vector<FilterColumn> columns, std::string_view row) {
  for (FilterColumn& column : columns) column.sql = std::string(row) + "." + column.sql;
  std::string sql;
  for (const std::string& filter : filters) {
    ROOTLET_TRY(const Condition condition, parse_filter(filter, columns));
    sql += (sql.empty() ? "(" : " AND (") + with_literals(condition) + ")";
  }
  return sql.empty() ? std::string("1") : sql;
}

// As they are stored: a masked form has a column of its own.
std::vector<FilterColumn> stored_columns(const DatasetDefinition& definition, const Grant& grant) {
  VisibleRows rows;
  rows.columns = shown_columns(definition, right_of(grant));
  std::vector<FilterColumn> columns = filter_columns(definition, rows);
  for (const ShownColumn& shown : rows.columns) {
    if (shown.shown != Shown::kMasked) continue;
    for (FilterColumn& column : columns) {
      if (column.spec.name == shown.spec.name) {
        column.sql = quote_identifier(masked_name(shown.spec.name));
      }
    }
  }
  return columns;
}

}  // namespace

bool belongs_to(const Watch& watch, const Peer& peer) {
  if (watch.uid >= 0 || peer.uid >= 0) return watch.uid == peer.uid;
  return watch.person == peer.user;
}

Result<std::vector<Watch>> load_watches(KeyStore& keys) {
  ROOTLET_TRY(const std::vector<std::string> names, keys.fact_names(kPrefix));
  std::vector<Watch> watches;
  for (const std::string& name : names) {
    ROOTLET_TRY(const std::optional<Bytes> bytes, keys.fact(std::string(kPrefix) + name));
    if (!bytes.has_value()) continue;
    ROOTLET_TRY(Watch watch, parse_watch(*bytes, name));
    watches.push_back(std::move(watch));
  }
  return watches;
}

Status add_watch(KeyStore& keys, const Watch& watch) {
  ROOTLET_TRY(check_identifier(watch.name, "name"));
  ROOTLET_TRY(const std::vector<Watch> known, load_watches(keys));
  std::size_t own = 0;
  for (const Watch& one : known) {
    if (one.uid != watch.uid || one.person != watch.person) continue;
    ++own;
    if (one.name == watch.name) {
      return fail(ErrorCode::kUsage,
                  "there is a watch " + watch.name + " already; `rootlet watch remove` ends it");
    }
  }
  if (own >= limits::kWatches) {
    return fail(ErrorCode::kUsage, "there are " + std::to_string(own) +
                                       " watches, the most of one user; remove one first");
  }
  return keys.save_fact(fact_name(watch), as_bytes(json::serialize(to_json(watch))));
}

Result<Watch> find_watch(KeyStore& keys, const Peer& owner, std::string_view name) {
  ROOTLET_TRY(std::vector<Watch> watches, load_watches(keys));
  std::vector<std::string> names;
  for (Watch& watch : watches) {
    if (!belongs_to(watch, owner)) continue;
    if (watch.name == name) return std::move(watch);
    names.push_back(watch.name);
  }
  return bad_input("there is no watch '" + std::string(name) + "'", "name",
                   did_you_mean(nearest_words(name, names)));
}

Status remove_watch(KeyStore& keys, const Watch& watch) {
  return keys.forget_fact(fact_name(watch));
}

Result<RowWatch> compile_watch(const Watch& watch, const DatasetDefinition& definition,
                               const Grant& grant) {
  const std::vector<FilterColumn> columns = stored_columns(definition, grant);
  ROOTLET_TRY(const std::string once, condition_sql(watch.filters, columns, "new"));
  static_cast<void>(once);  // what fits once fits for any name of the row
  return RowWatch{.id = watch.id,
                  .condition = [filters = watch.filters, columns](std::string_view row) {
                    return condition_sql(filters, columns, row).value();
                  }};
}

Result<std::vector<RowWatch>> compile_watches(KeyStore& keys, const DatasetDefinition& definition,
                                              const Grant& grant) {
  ROOTLET_TRY(const std::vector<Watch> watches, load_watches(keys));
  std::vector<RowWatch> out;
  for (const Watch& watch : watches) {
    if (watch.dataset != definition.id || check_purpose(grant, watch.purpose).has_error()) continue;
    Result<RowWatch> compiled = compile_watch(watch, definition, grant);
    if (compiled.has_value()) out.push_back(std::move(compiled).value());
  }
  return out;
}

json::array shown_key(const DatasetDefinition& definition, json::array key) {
  const std::vector<std::size_t> columns = definition.key_columns();
  for (std::size_t i = 0; i < key.size() && i < columns.size(); ++i) {
    const DatasetColumn& column = definition.columns[columns[i]];
    if (column.mask.empty() || key[i].is_null()) continue;
    const std::string text =
        key[i].is_string() ? std::string(key[i].get_string()) : json::serialize(key[i]);
    key[i] = json::string(mask_text(column.mask, text));
  }
  return key;
}

Status forget_hits_of(Office& office, const Watch& watch) {
  ROOTLET_TRY(const bool is_held, office.keys().has_file_key(dataset_key_name(watch.dataset)));
  std::error_code ignored;
  if (!is_held || !fs::exists(office.home().dataset(watch.dataset), ignored)) return ok();
  ROOTLET_TRY(const SymmetricKey key, office.keys().file_key(dataset_key_name(watch.dataset)));
  ROOTLET_TRY(Database database, Database::open(office.home().dataset(watch.dataset), key,
                                                {.mode = OpenMode::kReadWrite}));
  return forget_hits(database, watch.id);
}

json::object to_json(const Watch& watch) {
  json::object out{{"id", watch.id},
                   {"name", watch.name},
                   {"dataset", watch.dataset},
                   {"purpose", watch.purpose},
                   {"where", json::array(watch.filters.begin(), watch.filters.end())},
                   {"uid", watch.uid},
                   {"made", format_time(watch.made)}};
  if (!watch.person.empty()) out["person"] = watch.person;
  return out;
}

}  // namespace rootlet::agent
