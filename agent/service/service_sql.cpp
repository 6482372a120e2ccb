// The commands for SQL: agent/sql.
#include <charconv>

#include "agent/office/office.hpp"
#include "agent/service/service.hpp"
#include "agent/sql/saved_queries.hpp"
#include "agent/sql/sql.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kPurposeBytes = 128;

// Requests keep the digits of numbers as text, so a fraction says that it is a number.
Result<SqlValue> parameter_value(const JsonObject& args, const json::value& value) {
  if (value.is_null()) return SqlValue(nullptr);
  if (value.is_int64()) return SqlValue(value.get_int64());
  if (value.is_string()) return SqlValue(std::string(value.get_string()));
  const std::string text = value.is_object() ? text_at(value.get_object(), "number") : "";
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && problem == std::errc() && end == text.data() + text.size()) {
    return SqlValue(number);
  }
  return args.error("parameters", "a value is a text, a whole number, {\"number\": text} or null");
}

// {"name": value …}
Result<std::vector<SqlParameter>> take_parameters(JsonObject& args) {
  std::vector<SqlParameter> out;
  if (!args.has("parameters")) return out;
  const json::value* given = args.find("parameters");
  if (!given->is_object() || given->get_object().size() > limits::kSqlParameters) {
    return args.error("parameters", "must be an object of at most 100 names with values");
  }
  for (const auto& [name, value] : given->get_object()) {
    ROOTLET_TRY(SqlValue one, parameter_value(args, value));
    out.push_back({.name = std::string(name), .value = std::move(one)});
  }
  return out;
}

Result<std::string> optional_text(JsonObject& args, std::string_view key, std::size_t most) {
  if (!args.has(key)) return std::string();
  return args.text(key, most);
}

// The statement is given, or the name of a saved one.
Result<SqlRequest> take_request(JsonObject& args, KeyStore& keys, const std::string& user) {
  SqlRequest request;
  ROOTLET_TRY(request.sql, optional_text(args, "sql", limits::kSqlBytes));
  ROOTLET_TRY(request.purpose, optional_text(args, "purpose", kPurposeBytes));
  ROOTLET_TRY(const std::string saved, optional_text(args, "saved", limits::kNameBytes));
  ROOTLET_TRY(request.parameters, take_parameters(args));
  if (args.has("limit")) {
    ROOTLET_TRY(const std::int64_t limit, args.integer("limit", 0, INT64_MAX));
    request.limit = static_cast<std::uint64_t>(limit);
  }
  ROOTLET_TRY(args.finish());
  if (!saved.empty()) {
    ROOTLET_TRY(SavedQuery query, saved_query(keys, user, saved));
    request.sql = std::move(query.sql);
    if (request.purpose.empty()) request.purpose = std::move(query.purpose);
  }
  return request;
}

// A person of a paired browser never has the queries of an OS user of the same name.
std::string owner_of(const Peer& peer) {
  return peer.uid < 0 ? "paired:" + peer.user : peer.user;
}

json::object query_json(const SavedQuery& query) {
  return {{"name", query.name}, {"sql", query.sql}, {"purpose", query.purpose}};
}

}  // namespace

Result<json::object> Service::sql(Call& call) {
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const SqlRequest request,
              take_request(call.args, office.keys(), owner_of(call.peer)));
  ROOTLET_TRY(const SqlOutcome outcome,
              run_sql(office, call.peer, request, call.sink, should_stop_));
  return json::object{{"count", outcome.count},
                      {"more", outcome.more},
                      {"truncated", outcome.more},
                      {"cut", outcome.cut}};
}

Result<json::object> Service::sql_schema(Call& call) {
  ROOTLET_TRY(const std::string purpose, call.args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(json::array tables, describe_tables(office, call.peer, purpose));
  return json::object{{"purpose", purpose}, {"tables", std::move(tables)}};
}

Result<json::object> Service::sql_save(Call& call) {
  SavedQuery query;
  ROOTLET_TRY(query.name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(query.sql, call.args.text("sql", limits::kSqlBytes));
  ROOTLET_TRY(query.purpose, call.args.text("purpose", kPurposeBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(save_query(office.keys(), owner_of(call.peer), query));
  return query_json(query);
}

Result<json::object> Service::sql_saved(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const std::vector<SavedQuery> queries,
              saved_queries(office.keys(), owner_of(call.peer)));
  json::array out;
  for (const SavedQuery& query : queries) out.push_back(query_json(query));
  return json::object{{"queries", std::move(out)}};
}

Result<json::object> Service::sql_forget(Call& call) {
  ROOTLET_TRY(const std::string name, call.args.text("name", limits::kNameBytes));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(forget_query(office.keys(), owner_of(call.peer), name));
  return json::object{{"name", name}, {"forgotten", true}};
}

}  // namespace rootlet::agent
