// The strict parser of a dataset's definition (dataset.hpp). Every error names the file and the
// field; unknown keys are errors; grades "important" and "core" are refused.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMaxUses = 64;
constexpr std::size_t kMaxTags = 16;
constexpr int kMaxScale = 18;  // 10^18 fits in 64 bits

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A text that must be one of `words`.
template <std::size_t N>
Result<std::string> word(JsonObject& object, std::string_view key,
                         const std::array<std::string_view, N>& words) {
  ROOTLET_TRY(std::string text, object.text(key));
  if (is_one_of(text, words)) return text;
  std::string list;
  for (const std::string_view one : words) list += (list.empty() ? "" : ", ") + std::string(one);
  return object.error(key, "is \"" + text.substr(0, 40) + "\", not one of: " + list);
}

Result<std::string> filled_text(JsonObject& object, std::string_view key) {
  ROOTLET_TRY(std::string text, object.text(key));
  if (text.empty()) return object.error(key, "is empty");
  return text;
}

Result<std::string> optional_text(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return std::string();
  return object.text(key);
}

Result<bool> optional_flag(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return false;
  return object.boolean(key);
}

// Names that become parts of paths and column names elsewhere: purposes and tags.
Result<std::vector<std::string>> identifiers(JsonObject& object, std::string_view key,
                                             std::size_t max_items) {
  if (!object.has(key)) return std::vector<std::string>();
  ROOTLET_TRY(std::vector<std::string> names, object.texts(key, max_items));
  for (const std::string& name : names) {
    if (check_identifier(name, key).has_error()) {
      return object.error(
          key, "holds \"" + name.substr(0, 40) + "\", which is not a name of a-z, 0-9, - and _");
    }
    if (std::count(names.begin(), names.end(), name) > 1) {
      return object.error(key, "holds \"" + name + "\" twice");
    }
  }
  return names;
}

// "decimal(2)" sets `scale` to 2; false for anything else.
bool parse_scale(std::string_view type, std::uint8_t& scale) {
  if (!type.starts_with("decimal(") || !type.ends_with(")")) return false;
  const std::string_view digits = type.substr(8, type.size() - 9);
  int value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc() || end != digits.data() + digits.size()) return false;
  if (value < 0 || value > kMaxScale || (digits.size() > 1 && digits[0] == '0')) return false;
  scale = static_cast<std::uint8_t>(value);
  return true;
}

Status read_type(JsonObject& object, ColumnSpec& spec) {
  struct Named {
    std::string_view name;
    ColumnType type;
  };
  constexpr std::array<Named, 5> kTypes{{{"text", ColumnType::kText},
                                         {"integer", ColumnType::kInteger},
                                         {"date", ColumnType::kDate},
                                         {"datetime", ColumnType::kDatetime},
                                         {"boolean", ColumnType::kBoolean}}};
  ROOTLET_TRY(const std::string type, object.text("type"));
  for (const Named& named : kTypes) {
    if (named.name != type) continue;
    spec.type = named.type;
    return ok();
  }
  if (!parse_scale(type, spec.scale)) {
    return object.error("type",
                        "is none of: text, integer, decimal(0..18), date, datetime, boolean");
  }
  spec.type = ColumnType::kDecimal;
  return ok();
}

Status read_column_grade(JsonObject& object, DatasetColumn& column) {
  constexpr std::array<std::string_view, 5> kMasks{"phone", "id", "name", "address", "all"};
  if (object.has("grade")) {
    ROOTLET_TRY(const std::int64_t grade, object.integer("grade", 1, 4));
    column.grade = static_cast<Grade>(grade);
  }
  if (!object.has("mask")) return ok();
  ROOTLET_TRY(column.mask, word(object, "mask", kMasks));
  if (column.grade == 1) return object.error("mask", "needs a column of grade 2 to 4");
  return ok();
}

Result<DatasetColumn> read_column(JsonObject object) {
  constexpr std::array<std::string_view, 3> kReserved{"row_id", "rowid", "oid"};
  DatasetColumn column;
  ROOTLET_TRY(column.spec.name, object.text("name"));
  ROOTLET_TRY(check_column_name(column.spec.name, object.path_of("name")));
  if (is_one_of(column.spec.name, kReserved)) {
    return object.error("name", "is \"" + column.spec.name + "\", a name the agent's tables use");
  }
  ROOTLET_TRY(read_type(object, column.spec));
  ROOTLET_TRY(column.key, optional_flag(object, "key"));
  ROOTLET_TRY(column.search, optional_flag(object, "search"));
  ROOTLET_TRY(read_column_grade(object, column));
  ROOTLET_TRY(column.tags, identifiers(object, "tags", kMaxTags));
  column.title = {.en = column.spec.name, .zh = column.spec.name};
  if (object.has("title")) {
    ROOTLET_TRY(column.title, object.both_languages("title"));
  }
  ROOTLET_TRY(object.finish());
  return column;
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Status read_columns(JsonObject& object, DatasetDefinition& definition) {
  ROOTLET_TRY(const json::array* items, object.array("columns", limits::kColumns));
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string path = "columns[" + std::to_string(i) + "]";
    ROOTLET_TRY(JsonObject item, JsonObject::from((*items)[i], object.what(), path));
    ROOTLET_TRY(DatasetColumn column, read_column(std::move(item)));
    for (const DatasetColumn& other : definition.columns) {
      // Column names in the agent's tables are case-insensitive.
      if (lower(other.spec.name) != lower(column.spec.name)) continue;
      return object.error(path + ".name", "is \"" + column.spec.name + "\", used already");
    }
    definition.columns.push_back(std::move(column));
  }
  if (definition.key_columns().empty()) {
    return object.error("columns", "need at least one column with \"key\": true");
  }
  return ok();
}

Status read_provider(JsonObject& object, DatasetDefinition& definition) {
  ROOTLET_TRY(JsonObject provider, object.object("provider"));
  ROOTLET_TRY(definition.provider_code, provider.text("code", limits::kNameBytes));
  const std::string& code = definition.provider_code;
  const bool plain = std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (code.empty() || !plain) return provider.error("code", "must be letters and digits");
  ROOTLET_TRY(definition.provider_name, provider.both_languages("name"));
  return provider.finish();
}

Result<SharingAttribute> read_attribute(JsonObject& sharing) {
  constexpr std::array<std::string_view, 3> kAttributes{"unconditional", "conditional",
                                                        "not_shared"};
  ROOTLET_TRY(const std::string attribute, word(sharing, "attribute", kAttributes));
  if (attribute == "conditional") return SharingAttribute::kConditional;
  if (attribute == "not_shared") return SharingAttribute::kNotShared;
  return SharingAttribute::kUnconditional;
}

// A text that Order 809 Art. 15 requires under `attribute` and that has no meaning under any other.
Result<std::string> bound_text(JsonObject& sharing, std::string_view key, bool belongs,
                               std::string_view attribute) {
  if (belongs) return filled_text(sharing, key);
  if (!sharing.has(key)) return std::string();
  return sharing.error(key, "belongs to the attribute " + std::string(attribute) + " only");
}

Status read_sharing(JsonObject& object, DatasetDefinition& definition) {
  ROOTLET_TRY(JsonObject sharing, object.object("sharing"));
  ROOTLET_TRY(definition.sharing, read_attribute(sharing));
  const bool conditional = definition.sharing == SharingAttribute::kConditional;
  const bool not_shared = definition.sharing == SharingAttribute::kNotShared;
  definition.mode = "batch";
  if (sharing.has("mode")) {
    ROOTLET_TRY(definition.mode, sharing.text("mode"));
    ROOTLET_TRY(check_identifier(definition.mode, sharing.path_of("mode")));
  }
  ROOTLET_TRY(definition.scope, bound_text(sharing, "scope", conditional, "conditional"));
  ROOTLET_TRY(definition.uses, identifiers(sharing, "uses", kMaxUses));
  if (conditional && definition.uses.empty()) {
    return sharing.error("uses", "must name at least one use when sharing is conditional");
  }
  if (not_shared && !definition.uses.empty()) {
    return sharing.error("uses", "cannot be named for what is not shared");
  }
  ROOTLET_TRY(definition.reason, bound_text(sharing, "reason", not_shared, "not_shared"));
  ROOTLET_TRY(definition.basis, bound_text(sharing, "basis", not_shared, "not_shared"));
  return sharing.finish();
}

Status read_grade(JsonObject& object, DatasetDefinition& definition) {
  ROOTLET_TRY(definition.grade, object.text("grade"));
  if (definition.grade == "general") return ok();
  Error error = object.error("grade", "must be \"general\"");
  if (definition.grade == "important" || definition.grade == "core") {
    error = object.error("grade", "is \"" + definition.grade + "\": such data is not taken in");
    error.hint = {
        "GB/T 43697-2024: important and core data need protection that Rootlet does not give; only "
        "general data may be shared through it",
        "按 GB/T 43697-2024，重要数据和核心数据须另行保护，不得经本系统共享，只接受一般数据"};
  }
  return error;
}

Status read_division(JsonObject& object, DatasetDefinition& definition) {
  if (!object.has("division")) return ok();
  ROOTLET_TRY(JsonObject division, object.object("division"));
  ROOTLET_TRY(const std::int64_t digits, division.integer("digits", 0, 12));
  constexpr std::array<std::int64_t, 6> kLevels{0, 2, 4, 6, 9, 12};
  if (std::find(kLevels.begin(), kLevels.end(), digits) == kLevels.end()) {
    return division.error("digits", "must be 0, 2, 4, 6, 9 or 12");
  }
  definition.division_digits = static_cast<int>(digits);
  if (digits == 0 && !division.has("column")) return division.finish();
  ROOTLET_TRY(const std::string name, division.text("column"));
  const DatasetColumn* column = definition.column(name);
  if (column == nullptr) {
    return division.error("column", "is \"" + name.substr(0, 40) + "\", not one of the columns");
  }
  if (column->spec.type != ColumnType::kText) {
    return division.error("column", "must be a column of type text");
  }
  if (digits > 0) definition.division_column = name;
  return division.finish();
}

Status read_catalogue(JsonObject& object, DatasetDefinition& definition) {
  constexpr std::array<std::string_view, 1> kFormats{"table"};
  constexpr std::array<std::string_view, 7> kUpdates{"realtime",  "daily",  "weekly",   "monthly",
                                                     "quarterly", "yearly", "irregular"};
  ROOTLET_TRY(definition.id, object.text("id"));
  ROOTLET_TRY(check_identifier(definition.id, "id"));
  if (definition.id == "directory")
    return object.error("id", "is the name of the catalogue's own stream");
  ROOTLET_TRY(definition.title, object.both_languages("title"));
  ROOTLET_TRY(read_provider(object, definition));
  ROOTLET_TRY(definition.format, word(object, "format", kFormats));
  ROOTLET_TRY(definition.update, word(object, "update", kUpdates));
  ROOTLET_TRY(read_sharing(object, definition));
  ROOTLET_TRY(read_grade(object, definition));
  ROOTLET_TRY(definition.assessment, optional_text(object, "assessment"));
  ROOTLET_TRY(definition.classification, optional_text(object, "class"));
  ROOTLET_TRY(definition.open, optional_text(object, "open"));
  if (object.has("summary")) {
    ROOTLET_TRY(definition.summary, object.both_languages("summary"));
  }
  return ok();
}

Result<DatasetDefinition> read_definition(const json::value& document, std::string_view what) {
  DatasetDefinition definition;
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  ROOTLET_TRY(read_catalogue(object, definition));
  ROOTLET_TRY(read_columns(object, definition));
  ROOTLET_TRY(read_division(object, definition));
  ROOTLET_TRY(object.finish());
  ROOTLET_TRY(definition.source, canonical_json(document));
  if (definition.source.size() > limits::kCellBytes) {
    return bad_input(std::string(what) +
                         ": is longer than 65536 bytes, which no row of the "
                         "catalogue holds",
                     "document");
  }
  return definition;
}

}  // namespace

Result<DatasetDefinition> DatasetDefinition::parse(std::string_view text, std::string_view what) {
  if (text.size() > limits::kDefinitionBytes) {
    return bad_input(std::string(what) + ": is larger than 1 MiB", "document");
  }
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  Result<DatasetDefinition> definition = read_definition(document, what);
  if (definition.has_error() && !definition.error().message.starts_with(what)) {
    return within(what, definition.error());
  }
  return definition;
}

}  // namespace rootlet
