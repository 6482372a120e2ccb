// One fact for each query, "saved_sql/<user>/<name>". No name has a '/', so that the queries of
// user "a" and of user "a/b" are never mixed.
#include "agent/sql/saved_queries.hpp"

#include <algorithm>

#include "config/cli/suggestion.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet::agent {
namespace {

std::string prefix_of(const std::string& user) {
  return "saved_sql/" + user + "/";
}

Status check_name(const std::string& name) {
  const bool is_bad_character = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (!name.empty() && name.size() <= limits::kNameBytes && !is_bad_character && is_utf8(name)) {
    return ok();
  }
  return bad_input(
      "the name of a saved query has 1 to 64 bytes, without '/'", "name",
      {.en = "Such as village-count.", .zh = "例如 各村户数；不超过 64 字节，不含“/”。"});
}

Result<std::vector<std::string>> names_of(KeyStore& keys, const std::string& user) {
  ROOTLET_TRY(std::vector<std::string> names, keys.fact_names(prefix_of(user)));
  std::erase_if(names, [](const std::string& name) { return name.find('/') != name.npos; });
  return names;
}

Result<std::optional<SavedQuery>> load(KeyStore& keys, const std::string& user,
                                       const std::string& name) {
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(prefix_of(user) + name));
  if (!text) return std::optional<SavedQuery>();
  ROOTLET_TRY(const json::value value, parse_json(as_text(*text), "saved query"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "saved query"));
  SavedQuery query{.name = name, .sql = {}, .purpose = {}};
  ROOTLET_TRY(query.sql, object.text("sql", limits::kSqlBytes));
  ROOTLET_TRY(query.purpose, object.text("purpose"));
  return std::optional(std::move(query));
}

Error no_such_query(const std::string& name, const std::vector<std::string>& known) {
  Text hint = did_you_mean(nearest_words(name, known));
  if (hint.empty()) {
    hint = {.en = "`rootlet sql --saved` lists yours.", .zh = "运行 rootlet sql --saved 可列出。"};
  }
  return bad_input("there is no saved query '" + name + "'", "name", std::move(hint));
}

}  // namespace

Status save_query(KeyStore& keys, const std::string& user, const SavedQuery& query) {
  ROOTLET_TRY(check_name(query.name));
  if (query.sql.size() > limits::kSqlBytes) {
    return bad_input("the statement is longer than " + std::to_string(limits::kSqlBytes) + " bytes",
                     "sql");
  }
  ROOTLET_TRY(const std::vector<std::string> names, names_of(keys, user));
  const bool is_new = std::find(names.begin(), names.end(), query.name) == names.end();
  if (is_new && names.size() >= limits::kSavedQueries) {
    return bad_input("there are " + std::to_string(names.size()) + " saved queries already", "name",
                     {.en = "Forget one: rootlet sql --forget NAME.",
                      .zh = "保存的查询已达上限，请先删除：rootlet sql --forget 名称。"});
  }
  const std::string text =
      json::serialize(json::object{{"sql", query.sql}, {"purpose", query.purpose}});
  return keys.save_fact(prefix_of(user) + query.name, as_bytes(text));
}

Result<std::vector<SavedQuery>> saved_queries(KeyStore& keys, const std::string& user) {
  ROOTLET_TRY(const std::vector<std::string> names, names_of(keys, user));
  std::vector<SavedQuery> out;
  for (const std::string& name : names) {
    ROOTLET_TRY(std::optional<SavedQuery> query, load(keys, user, name));
    if (query) out.push_back(std::move(*query));
  }
  return out;
}

Result<SavedQuery> saved_query(KeyStore& keys, const std::string& user, const std::string& name) {
  ROOTLET_TRY(check_name(name));
  ROOTLET_TRY(std::optional<SavedQuery> query, load(keys, user, name));
  if (query) return std::move(*query);
  ROOTLET_TRY(const std::vector<std::string> known, names_of(keys, user));
  return no_such_query(name, known);
}

Status forget_query(KeyStore& keys, const std::string& user, const std::string& name) {
  ROOTLET_TRY(saved_query(keys, user, name));
  return keys.forget_fact(prefix_of(user) + name);
}

}  // namespace rootlet::agent
