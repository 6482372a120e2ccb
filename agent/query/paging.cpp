// A cursor is JSON in hexadecimal digits: {"c": copy, "o": order, "v": values, "r": row}.
#include "agent/query/paging.hpp"

#include <algorithm>

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "storage/database.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kRow = "\"~row\"";
constexpr std::size_t kCursorBytes = limits::kMiB;  // in digits: some long cells

Error bad_cursor(std::string detail) {
  return bad_input("after: " + std::move(detail), "after",
                   {.en = "Begin again without a cursor.", .zh = "请去掉翻页标记，从头查询。"});
}

std::string order_text(const std::vector<OrderTerm>& order) {
  std::string out;
  for (const OrderTerm& term : order) {
    out += (out.empty() ? "" : ",") + term.column + (term.descending ? ".desc" : "");
  }
  return out;
}

json::value value_json(const OwnedCell& cell) {
  if (cell.kind == CellView::Kind::kNull) return nullptr;
  if (cell.kind == CellView::Kind::kInteger) return cell.integer;
  return json::value(json::string_view(cell.text.data(), cell.text.size()));
}

OwnedCell value_from(const json::value& value) {
  if (value.is_int64()) return {.kind = CellView::Kind::kInteger, .integer = value.get_int64()};
  if (!value.is_string()) return {};
  return {.kind = CellView::Kind::kText, .text = std::string(value.get_string())};
}

// Rows whose value in this column comes after the cursor's; empty if none does.
std::string behind_sql(const OrderTerm& term, const OwnedCell& value) {
  const std::string column = quote_identifier(term.column);
  const bool null = value.kind == CellView::Kind::kNull;
  if (term.descending) return null ? "" : "(" + column + " < ? OR " + column + " IS NULL)";
  return null ? column + " IS NOT NULL" : column + " > ?";
}

}  // namespace

Result<std::vector<OrderTerm>> parse_order(const std::vector<std::string>& terms,
                                           std::span<const FilterColumn> columns) {
  std::vector<OrderTerm> order;
  for (const std::string& text : terms) {
    const std::size_t dot = text.rfind('.');
    const std::string_view direction =
        dot == std::string::npos ? "" : std::string_view(text).substr(dot + 1);
    const bool has_direction = direction == "asc" || direction == "desc";
    OrderTerm term{.column = has_direction ? text.substr(0, dot) : text,
                   .descending = direction == "desc"};
    const FilterColumn* named = find_column(columns, term.column);
    if (named == nullptr) return no_such_column(term.column, columns, "order");
    term.column = named->spec.name;
    if (named->whole_values_only) {
      return bad_input("order: column '" + term.column + "' is shown masked", "order");
    }
    if (std::ranges::any_of(order, [&](const auto& one) { return one.column == term.column; })) {
      return bad_input("order: column '" + term.column + "' is named twice", "order");
    }
    order.push_back(std::move(term));
  }
  return order;
}

std::string order_sql(const std::vector<OrderTerm>& order) {
  std::string sql = " ORDER BY ";
  for (const OrderTerm& term : order) {
    sql += quote_identifier(term.column) + (term.descending ? " DESC, " : ", ");
  }
  return sql + std::string(kRow);
}

std::string encode_cursor(const Cursor& cursor, const std::vector<OrderTerm>& order,
                          std::string_view copy) {
  json::array values;
  for (const OwnedCell& value : cursor.values) values.push_back(value_json(value));
  const json::object text{
      {"c", copy}, {"o", order_text(order)}, {"v", std::move(values)}, {"r", cursor.row}};
  return to_hex(as_bytes(json::serialize(text)));
}

Result<Cursor> decode_cursor(std::string_view text, const std::vector<OrderTerm>& order,
                             std::string_view copy) {
  if (text.size() > kCursorBytes) return bad_cursor("is too long");
  const Result<Bytes> bytes = from_hex(text);
  if (bytes.has_error()) return bad_cursor("is not a cursor");
  const Result<json::value> value = parse_json(as_text(bytes.value()), "cursor");
  if (value.has_error()) return bad_cursor("is not a cursor");
  Result<JsonObject> object = JsonObject::from(value.value(), "cursor");
  if (object.has_error()) return bad_cursor("is not a cursor");
  if (object.value().text_or("o", "?") != order_text(order)) {
    return bad_cursor("belongs to another order");
  }
  if (object.value().text_or("c", "") != copy) {
    return bad_cursor("the rows were replaced by a new copy since");
  }
  ROOTLET_TRY(const json::array* values, object.value().array("v", limits::kColumns));
  if (values->size() != order.size()) return bad_cursor("is not a cursor");
  Cursor cursor;
  for (const json::value& one : *values) cursor.values.push_back(value_from(one));
  ROOTLET_TRY(cursor.row, object.value().integer("r", INT64_MIN, INT64_MAX));
  return cursor;
}

Condition after_condition(const Cursor& cursor, const std::vector<OrderTerm>& order) {
  Condition out;
  std::string same;  // equal in all columns before
  std::vector<OwnedCell> same_values;
  const auto add = [&](const std::string& behind, const std::vector<OwnedCell>& values) {
    out.sql += (out.sql.empty() ? "(" : " OR (") + same + behind + ")";
    out.values.insert(out.values.end(), same_values.begin(), same_values.end());
    out.values.insert(out.values.end(), values.begin(), values.end());
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    const OwnedCell& value = cursor.values[i];
    const bool null = value.kind == CellView::Kind::kNull;
    const std::string behind = behind_sql(order[i], value);
    if (!behind.empty()) add(behind, null ? std::vector<OwnedCell>() : std::vector{value});
    const std::string column = quote_identifier(order[i].column);
    same += column + (null ? " IS NULL AND " : " = ? AND ");
    if (!null) same_values.push_back(value);
  }
  add(std::string(kRow) + " > ?", {{.kind = CellView::Kind::kInteger, .integer = cursor.row}});
  return out;
}

}  // namespace rootlet::agent
