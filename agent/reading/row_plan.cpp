#include "agent/reading/row_plan.hpp"

namespace rootlet::agent {
namespace {

Result<std::int64_t> first_integer(Database& database, const std::string& sql,
                                   const std::vector<Condition>& conditions) {
  ROOTLET_TRY(Statement statement, database.prepare(sql));
  bind_values(statement, conditions);
  ROOTLET_TRY(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

OwnedCell cell_at(const Statement& statement, int at) {
  if (statement.is_null(at)) return {};
  if (statement.is_integer(at)) {
    return {.kind = CellView::Kind::kInteger, .integer = statement.integer(at)};
  }
  return {.kind = CellView::Kind::kText, .text = std::string(statement.text(at))};
}

}  // namespace

Result<RowPlan> plan_rows(const DatasetDefinition& definition, const VisibleRows& rows,
                          const ReadRequest& request) {
  RowPlan plan;
  ROOTLET_TRY(plan.columns, choose_columns(definition, rows, request.columns));
  ROOTLET_TRY(plan.conditions, conditions_of(definition, rows, request));
  ROOTLET_TRY(plan.order, parse_order(request.order, filter_columns(definition, rows)));
  plan.is_ordered = !request.order.empty() || request.has_pages;
  return plan;
}

std::string copy_of(const std::vector<HeldStream>& streams) {
  ByteWriter writer;
  for (const HeldStream& stream : streams) {
    writer.sized(as_bytes(stream.partition));
    writer.u64(static_cast<std::uint64_t>(stream.slot));
  }
  return to_hex(ByteView(blake2b(writer.view())).first(8));
}

Result<RowPlan> page_of(const RowPlan& plan, const ReadRequest& request, std::string_view copy) {
  RowPlan page = plan;
  if (request.after.empty()) return page;
  ROOTLET_TRY(const Cursor cursor, decode_cursor(request.after, plan.order, copy));
  page.conditions.push_back(after_condition(cursor, plan.order));
  page.is_ordered = true;
  return page;
}

Result<Statement> prepare_rows(Database& database, const VisibleRows& rows, const RowPlan& plan,
                               std::size_t limit) {
  std::string sql;
  for (const ShownColumn& column : plan.columns) {
    sql += (sql.empty() ? "SELECT " : ", ") + quote_identifier(column.spec.name);
  }
  for (const OrderTerm& term : plan.order) sql += ", " + quote_identifier(term.column);
  sql += ", \"~row\" FROM " + rows.sql + where_sql(plan.conditions);
  if (plan.is_ordered) sql += order_sql(plan.order);
  if (limit > 0) sql += " LIMIT " + std::to_string(limit + 1);
  ROOTLET_TRY(Statement statement, database.prepare(sql));
  bind_values(statement, plan.conditions);
  return statement;
}

Cursor cursor_at(const Statement& statement, const RowPlan& plan) {
  Cursor cursor;
  int at = static_cast<int>(plan.columns.size());
  for (std::size_t i = 0; i < plan.order.size(); ++i, ++at) {
    cursor.values.push_back(cell_at(statement, at));
  }
  cursor.row = statement.integer(at);
  return cursor;
}

Status add_counts(Database& database, const VisibleRows& rows, const RowPlan& all,
                  const RowPlan& page, const WantedCounts& wanted, json::object& head) {
  const auto from = [&](const RowPlan& plan) {
    return " FROM " + rows.sql + where_sql(plan.conditions);
  };
  if (wanted.total && wanted.known_total) {
    head["total"] = *wanted.known_total;
  } else if (wanted.total) {
    ROOTLET_TRY(head["total"],
                first_integer(database, "SELECT count(*)" + from(all), all.conditions));
  }
  if (!wanted.limited) return ok();
  head["limited"] = false;
  if (wanted.limit == 0) return ok();
  const std::string beyond = " LIMIT 1 OFFSET " + std::to_string(wanted.limit);
  ROOTLET_TRY(const std::int64_t more,
              first_integer(database, "SELECT 1" + from(page) + beyond, page.conditions));
  head["limited"] = more == 1;
  return ok();
}

}  // namespace rootlet::agent
