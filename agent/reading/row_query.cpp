// Values always become bound parameters, and names are quoted.
#include "agent/reading/row_query.hpp"

#include <algorithm>

#include "core/format/csv.hpp"

namespace rootlet::agent {
namespace {

json::value masked_json(const ShownColumn& column, const CellView& cell) {
  if (cell.kind == CellView::Kind::kNull) return nullptr;
  return json::value(mask_text(column.mask, format_cell(column.spec, cell)));
}

}  // namespace

Result<std::vector<ShownColumn>> choose_columns(const DatasetDefinition& definition,
                                                const VisibleRows& rows,
                                                const std::vector<std::string>& names) {
  const std::vector<FilterColumn> visible = filter_columns(definition, rows);
  std::vector<ShownColumn> out;
  for (const ShownColumn& column : rows.columns) {
    if (names.empty() && column.shown != Shown::kNothing) out.push_back(column);
  }
  for (const std::string& name : names) {
    const FilterColumn* known = find_column(visible, name);
    const std::string& wanted = known != nullptr ? known->spec.name : name;
    const auto found =
        std::find_if(rows.columns.begin(), rows.columns.end(),
                     [&](const ShownColumn& one) { return one.spec.name == wanted; });
    if (found == rows.columns.end()) return no_such_column(name, visible, "columns");
    if (found->shown == Shown::kNothing) {
      return fail(ErrorCode::kNotPermitted, "column " + name + " is above the granted grade");
    }
    out.push_back(*found);
  }
  return out;
}

Status unmask(std::vector<ShownColumn>& columns, const ReadRequest& request) {
  if (request.unmasked) {
    for (ShownColumn& column : columns) column.mask.clear();
  }
  if (request.reveal.empty()) return ok();
  const auto named = [&](const ShownColumn& column) { return column.spec.name == request.reveal; };
  const auto found = std::find_if(columns.begin(), columns.end(), named);
  if (found == columns.end()) {
    return bad_input("there is no column '" + request.reveal + "' among those shown", "column");
  }
  if (found->shown != Shown::kValue) {
    return fail(ErrorCode::kNotPermitted,
                "the full value of column " + request.reveal + " is above the granted grade");
  }
  if (found->mask.empty()) {
    return bad_input("column " + request.reveal + " is not masked", "column");
  }
  found->mask.clear();
  return ok();
}

std::vector<FilterColumn> filter_columns(const DatasetDefinition& definition,
                                         const VisibleRows& rows) {
  std::vector<FilterColumn> out;
  for (const ShownColumn& column : rows.columns) {
    if (column.shown == Shown::kNothing) continue;
    const DatasetColumn* defined = definition.column(column.spec.name);
    out.push_back({.spec = column.spec,
                   .sql = quote_identifier(column.spec.name),
                   .title = defined != nullptr ? defined->title : Text(),
                   .whole_values_only = !column.mask.empty()});
  }
  return out;
}

Result<Condition> key_condition(const DatasetDefinition& definition, const std::string& key,
                                std::span<const FilterColumn> columns) {
  const std::vector<std::size_t> keys = definition.key_columns();
  CsvReader values = CsvReader::over(key, "key");
  ROOTLET_TRY(const bool any, values.next());
  std::string names;
  for (const std::size_t at : keys) {
    names += (names.empty() ? "" : ",") + definition.columns[at].spec.name;
  }
  if (!any || values.size() != keys.size()) {
    return bad_input("the key of dataset " + definition.id + " is " + names, "key");
  }
  Condition out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& name = definition.columns[keys[i]].spec.name;
    Result<Condition> one = parse_filter(name + "=eq." + std::string(values.field(i)), columns);
    if (one.has_error()) {
      return bad_input("key: '" + name + "' cannot be looked up by this value", "key");
    }
    out.sql += (out.sql.empty() ? "" : " AND ") + one.value().sql;
    for (OwnedCell& cell : one.value().values) out.values.push_back(std::move(cell));
  }
  return out;
}

Result<std::vector<Condition>> conditions_of(const DatasetDefinition& definition,
                                             const VisibleRows& rows, const ReadRequest& request) {
  const std::vector<FilterColumn> columns = filter_columns(definition, rows);
  std::vector<Condition> out;
  for (const std::string& filter : request.filters) {
    ROOTLET_TRY(Condition condition, parse_filter(filter, columns));
    out.push_back(std::move(condition));
  }
  return out;
}

std::string where_sql(std::span<const Condition> conditions) {
  std::string sql;
  for (const Condition& condition : conditions) {
    sql += (sql.empty() ? " WHERE (" : " AND (") + condition.sql + ")";
  }
  return sql;
}

void bind_values(Statement& statement, std::span<const Condition> conditions) {
  int index = 0;
  for (const Condition& condition : conditions) {
    for (const OwnedCell& value : condition.values) {
      if (value.kind == CellView::Kind::kInteger) {
        statement.bind(++index, value.integer);
      } else {
        statement.bind(++index, std::string_view(value.text));
      }
    }
  }
}

json::array columns_json(const DatasetDefinition& definition,
                         const std::vector<ShownColumn>& columns) {
  json::array out;
  for (const ShownColumn& column : columns) {
    const DatasetColumn* defined = definition.column(column.spec.name);
    const bool hides = !column.mask.empty();
    out.push_back(json::object{{"name", column.spec.name},
                               {"type", hides ? "text" : name_of(column.spec.type)},
                               {"masked", hides || column.shown == Shown::kMasked},
                               {"reveal", hides},
                               {"title", to_json(defined->title)}});
  }
  return out;
}

json::array row_json(const Statement& statement, int first, const std::vector<ShownColumn>& columns,
                     std::size_t& bytes) {
  json::array cells;
  cells.reserve(columns.size());
  bytes += 2;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const CellView cell = stored_cell(statement, first + static_cast<int>(i), columns[i].spec);
    bytes += cell.text.size() + 12;
    cells.push_back(columns[i].mask.empty() ? cell_json(columns[i].spec, cell)
                                            : masked_json(columns[i], cell));
  }
  return cells;
}

}  // namespace rootlet::agent
