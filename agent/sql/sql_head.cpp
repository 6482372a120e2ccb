#include "agent/sql/sql_head.hpp"

namespace rootlet::agent {
namespace {

void add_text(json::object& to, const json::object& from, const char* key) {
  const std::string more = text_at(from, key);
  if (text_at(to, key) == more) return;
  to[key] = text_at(to, key) + " + " + more;
}

void add_source(json::object& out, const json::object& one) {
  for (const char* key : {"zh", "en"}) {
    add_text(out["title"].get_object(), object_at(one, "title"), key);
    add_text(out["provider"].get_object()["name"].get_object(),
             object_at(object_at(one, "provider"), "name"), key);
  }
  out["dataset"] = text_at(out, "dataset") + "," + text_at(one, "dataset");
  out["version"] = text_at(out, "version") + ", " + text_at(one, "version");
  out["streams"] = integer_at(out, "streams") + integer_at(one, "streams");
  for (const char* key : {"as_of", "lease_until"}) {  // ISO 8601 in UTC sorts as text
    if (text_at(one, key) < text_at(out, key)) out[key] = *one.if_contains(key);
  }
  for (const char* key : {"stale", "damaged", "covers_no_data", "emergency"}) {
    out[key] = boolean_at(out, key) || boolean_at(one, key);
  }
}

json::object head_column(const json::object& column,
                         const std::vector<const ReadableTable*>& tables) {
  const std::string name = text_at(column, "name"), stored = text_at(column, "column");
  json::object out{{"name", name}, {"type", "computed"}, {"masked", false}};
  out["title"] = json::object{{"zh", name}, {"en", name}};
  for (const ReadableTable* table : tables) {
    const bool is_its = table->id() == text_at(column, "dataset");
    const ShownColumn* known = is_its ? table->column(stored) : nullptr;
    if (known == nullptr) continue;
    out["type"] = name_of(known->spec.type);
    out["masked"] = known->shown == Shown::kMasked;
    if (name == stored) out["title"] = to_json(table->entry.definition.column(stored)->title);
  }
  return out;
}

}  // namespace

json::object merged_provenance(const json::array& sources, const std::string& purpose) {
  if (sources.empty()) return {{"purpose", purpose}};
  json::object out = sources.front().get_object();
  for (std::size_t i = 1; i < sources.size(); ++i) add_source(out, sources[i].get_object());
  return out;
}

json::array head_columns(const json::array& columns,
                         const std::vector<const ReadableTable*>& tables) {
  json::array out;
  for (const json::value& value : columns) {
    if (value.is_object()) out.push_back(head_column(value.get_object(), tables));
  }
  return out;
}

}  // namespace rootlet::agent
