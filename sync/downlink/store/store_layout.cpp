// A layout as JSON and as SQL. Quotes every name that enters SQL.
#include "sync/downlink/store/store_layout.hpp"

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "storage/database.hpp"

namespace rootlet {
namespace {

std::string_view sql_type(ColumnType type) {
  if (type == ColumnType::kBytes) return "BLOB";
  return holds_integers(type) ? "INTEGER" : "TEXT";
}

json::object column_json(const ColumnSpec& column) {
  return {{"name", column.name},
          {"scale", static_cast<std::int64_t>(column.scale)},
          {"type", static_cast<std::int64_t>(column.type)}};
}

Result<ColumnSpec> parse_column(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "layout"));
  ROOTLET_TRY(std::string name, object.text("name"));
  ROOTLET_TRY(const std::int64_t type, object.integer("type", 1, 7));
  ROOTLET_TRY(const std::int64_t scale, object.integer("scale", 0, 18));
  return ColumnSpec{std::move(name), static_cast<ColumnType>(type),
                    static_cast<std::uint8_t>(scale)};
}

Result<SectionSchema> parse_section(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "layout"));
  SectionSchema section;
  ROOTLET_TRY(const std::int64_t grade, object.integer("grade", 1, 4));
  section.grade = static_cast<Grade>(grade);
  ROOTLET_TRY(const json::array* columns, object.array("columns", limits::kColumns));
  for (const json::value& column : *columns) {
    ROOTLET_TRY(ColumnSpec spec, parse_column(column));
    section.columns.push_back(std::move(spec));
  }
  return section;
}

Result<StoreLayout> parse_layout(std::string_view text) {
  ROOTLET_TRY(const json::value value, parse_json(text, "layout"));
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "layout"));
  StoreLayout layout;
  ROOTLET_TRY(const json::array* sections, object.array("sections", 4));
  for (const json::value& section : *sections) {
    ROOTLET_TRY(SectionSchema schema, parse_section(section));
    layout.sections.push_back(std::move(schema));
  }
  ROOTLET_TRY(layout.key, object.texts("key", limits::kColumns));
  return layout;
}

std::vector<std::string> lookup_columns(const DatasetDefinition& definition,
                                        const StoreLayout& layout) {
  std::vector<std::string> names;
  for (const std::size_t index : definition.key_columns()) {
    const std::string& name = definition.columns[index].spec.name;
    if (layout.column(name) != nullptr) {
      names.push_back(name);
    } else if (layout.column(masked_name(name)) != nullptr) {
      names.push_back(masked_name(name));
    }
  }
  return names;
}

// Numbers with a scale are stored as other digits than people see.
bool is_searchable(ColumnType type) {
  return type == ColumnType::kText || type == ColumnType::kDate || type == ColumnType::kDatetime ||
         type == ColumnType::kInteger;
}

std::vector<SearchedColumn> searched_columns(const DatasetDefinition& definition,
                                             const StoreLayout& layout) {
  std::vector<SearchedColumn> out;
  for (const DatasetColumn& column : definition.columns) {
    if (!column.search) continue;
    const std::string masked = masked_name(column.spec.name);
    if (layout.column(column.spec.name) != nullptr && is_searchable(column.spec.type)) {
      out.push_back({column.spec.name, column.key});
    }
    if (layout.column(masked) != nullptr) out.push_back({masked, column.key});
  }
  return out;
}

}  // namespace

const ColumnSpec* StoreLayout::column(std::string_view name) const {
  for (const SectionSchema& section : sections) {
    for (const ColumnSpec& spec : section.columns) {
      if (spec.name == name) return &spec;
    }
  }
  return nullptr;
}

std::string StoreLayout::encode() const {
  json::array section_list;
  for (const SectionSchema& section : sections) {
    json::array columns;
    for (const ColumnSpec& column : section.columns) columns.push_back(column_json(column));
    section_list.push_back(json::object{{"columns", std::move(columns)},
                                        {"grade", static_cast<std::int64_t>(section.grade)}});
  }
  json::array key_list(key.begin(), key.end());
  const json::object whole{{"key", std::move(key_list)}, {"sections", std::move(section_list)}};
  return canonical_json(whole).value();  // integers and texts only: cannot fail
}

Result<StoreLayout> StoreLayout::parse(std::string_view text) {
  Result<StoreLayout> layout = parse_layout(text);
  if (layout.has_error()) return fail(ErrorCode::kStorageDamaged, layout.error().message);
  return layout;
}

StoreLayout dataset_layout(const DatasetDefinition& definition, Grade max_grade) {
  StoreLayout layout;
  for (SectionSchema& section : definition.sections()) {
    if (section.grade <= max_grade) layout.sections.push_back(std::move(section));
  }
  layout.key = lookup_columns(definition, layout);
  layout.search = searched_columns(definition, layout);
  return layout;
}

StoreLayout directory_layout() {
  return {.sections = {directory_schema()}, .key = {"kind", "id"}};
}

std::string create_table_sql(const StoreLayout& layout, std::string_view table) {
  std::string sql = "CREATE TABLE " + quote_identifier(table) + "(row_id INTEGER PRIMARY KEY";
  for (const SectionSchema& section : layout.sections) {
    for (const ColumnSpec& column : section.columns) {
      sql += "," + column_sql(column);
    }
  }
  sql += ");";
  if (layout.key.empty()) return sql;
  sql += "CREATE INDEX " + quote_identifier(std::string(table) + "_key") + " ON " +
         quote_identifier(table) + "(";
  for (std::size_t i = 0; i < layout.key.size(); ++i) {
    sql += (i == 0 ? "" : ",") + quote_identifier(layout.key[i]);
  }
  return sql + ");";
}

std::string column_sql(const ColumnSpec& column) {
  return quote_identifier(column.name) + " " + std::string(sql_type(column.type));
}

std::string masked_name(std::string_view column) {
  return std::string(column) + "~";
}

}  // namespace rootlet
