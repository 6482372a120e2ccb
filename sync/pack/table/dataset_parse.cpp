// The strict parser of a dataset's definition (dataset.hpp). Every error names the file and the
// field; unknown keys are errors; grades "important" and "core" are refused.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/format/json.hpp"
#include "core/format/mistakes.hpp"
#include "core/limits.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"

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

void read_column_grade(JsonObject& object, DatasetColumn& column, Mistakes& mistakes) {
  constexpr std::array<std::string_view, 5> kMasks{"phone", "id", "name", "address", "all"};
  if (object.has("grade")) mistakes.read(column.grade, object.integer("grade", 1, 4));
  if (!object.has("mask")) return;
  mistakes.read(column.mask, word(object, "mask", kMasks));
  if (column.grade == 1) mistakes.note(object.error("mask", "needs a column of grade 2 to 4"));
}

Result<std::string> read_column_name(JsonObject& object) {
  constexpr std::array<std::string_view, 3> kReserved{"row_id", "rowid", "oid"};
  ROOTLET_TRY(std::string name, object.text("name"));
  ROOTLET_TRY(check_column_name(name, object.path_of("name")));
  if (!is_one_of(name, kReserved)) return name;
  return object.error("name", "is \"" + name + "\", a name the agent's tables use");
}

DatasetColumn read_column(JsonObject object, Mistakes& mistakes) {
  DatasetColumn column;
  mistakes.read(column.spec.name, read_column_name(object));
  mistakes.note(read_type(object, column.spec));
  mistakes.read(column.key, optional_flag(object, "key"));
  mistakes.read(column.search, optional_flag(object, "search"));
  read_column_grade(object, column, mistakes);
  mistakes.read(column.tags, identifiers(object, "tags", kMaxTags));
  column.title = {.en = column.spec.name, .zh = column.spec.name};
  if (object.has("title")) mistakes.read(column.title, object.both_languages("title"));
  mistakes.note(object.finish());
  return column;
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void read_columns(JsonObject& object, DatasetDefinition& definition, Mistakes& mistakes) {
  const json::array* items = nullptr;
  if (!mistakes.read(items, object.array("columns", limits::kColumns))) return;
  const std::size_t before = mistakes.all().size();
  std::set<std::string> names;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string path = "columns[" + std::to_string(i) + "]";
    Result<JsonObject> item = JsonObject::from((*items)[i], object.what(), path);
    if (item.has_error()) {
      mistakes.note(item.error());
      continue;
    }
    DatasetColumn column = read_column(std::move(item).value(), mistakes);
    // Column names in the agent's tables are case-insensitive.
    if (!column.spec.name.empty() && !names.insert(lower(column.spec.name)).second) {
      mistakes.note(object.error(path + ".name", "is \"" + column.spec.name + "\", used already"));
    }
    definition.columns.push_back(std::move(column));
  }
  const bool is_whole = mistakes.all().size() == before;
  if (is_whole && definition.key_columns().empty()) {
    mistakes.note(object.error("columns", "need at least one column with \"key\": true"));
  }
}

Result<std::string> read_provider_code(JsonObject& provider) {
  ROOTLET_TRY(std::string code, provider.text("code", limits::kNameBytes));
  const bool plain = std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (code.empty() || !plain) return provider.error("code", "must be letters and digits");
  return code;
}

void read_provider(JsonObject& object, DatasetDefinition& definition, Mistakes& mistakes) {
  Result<JsonObject> found = object.object("provider");
  if (found.has_error()) return mistakes.note(found.error());
  JsonObject& provider = found.value();
  mistakes.read(definition.provider_code, read_provider_code(provider));
  mistakes.read(definition.provider_name, provider.both_languages("name"));
  mistakes.note(provider.finish());
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

Result<std::vector<std::string>> read_uses(JsonObject& sharing, SharingAttribute attribute) {
  ROOTLET_TRY(std::vector<std::string> uses, identifiers(sharing, "uses", kMaxUses));
  if (attribute == SharingAttribute::kConditional && uses.empty()) {
    return sharing.error("uses", "must name at least one use when sharing is conditional");
  }
  if (attribute == SharingAttribute::kNotShared && !uses.empty()) {
    return sharing.error("uses", "cannot be named for what is not shared");
  }
  return uses;
}

Result<std::string> read_mode(JsonObject& sharing) {
  if (!sharing.has("mode")) return std::string("batch");
  ROOTLET_TRY(std::string mode, sharing.text("mode"));
  ROOTLET_TRY(check_identifier(mode, sharing.path_of("mode")));
  return mode;
}

void read_sharing(JsonObject& object, DatasetDefinition& definition, Mistakes& mistakes) {
  Result<JsonObject> found = object.object("sharing");
  if (found.has_error()) return mistakes.note(found.error());
  JsonObject& sharing = found.value();
  mistakes.read(definition.mode, read_mode(sharing));
  // What the other keys must be depends on the attribute.
  if (!mistakes.read(definition.sharing, read_attribute(sharing))) return;
  const bool conditional = definition.sharing == SharingAttribute::kConditional;
  const bool not_shared = definition.sharing == SharingAttribute::kNotShared;
  mistakes.read(definition.scope, bound_text(sharing, "scope", conditional, "conditional"));
  mistakes.read(definition.uses, read_uses(sharing, definition.sharing));
  mistakes.read(definition.reason, bound_text(sharing, "reason", not_shared, "not_shared"));
  mistakes.read(definition.basis, bound_text(sharing, "basis", not_shared, "not_shared"));
  mistakes.note(sharing.finish());
}

Result<std::string> read_grade(JsonObject& object) {
  ROOTLET_TRY(std::string grade, object.text("grade"));
  if (grade == "general") return grade;
  Error error = object.error("grade", "must be \"general\"");
  if (grade == "important" || grade == "core") {
    error = object.error("grade", "is \"" + grade + "\": such data is not taken in");
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

Status read_publish(JsonObject& object, DatasetDefinition& definition) {
  if (!object.has("publish")) return ok();
  ROOTLET_TRY(JsonObject publish, object.object("publish"));
  if (publish.has("accept_changes")) {
    ROOTLET_TRY(const std::int64_t percent, publish.integer("accept_changes", 0, 100));
    definition.accept_changes = static_cast<int>(percent);
  }
  ROOTLET_TRY(definition.trim, optional_flag(publish, "trim"));
  return publish.finish();
}

Result<std::string> read_id(JsonObject& object) {
  ROOTLET_TRY(std::string id, object.text("id"));
  ROOTLET_TRY(check_identifier(id, "id"));
  if (!id.starts_with(kDirectoryPrefix)) return id;
  return object.error("id", "must not begin with \"directory\", as the directory's own streams do");
}

void read_catalogue(JsonObject& object, DatasetDefinition& definition, Mistakes& mistakes) {
  constexpr std::array<std::string_view, 1> kFormats{"table"};
  constexpr std::array<std::string_view, 7> kUpdates{"realtime",  "daily",  "weekly",   "monthly",
                                                     "quarterly", "yearly", "irregular"};
  object.find("$schema");  // for editors
  mistakes.read(definition.id, read_id(object));
  mistakes.read(definition.title, object.both_languages("title"));
  read_provider(object, definition, mistakes);
  mistakes.read(definition.format, word(object, "format", kFormats));
  mistakes.read(definition.update, word(object, "update", kUpdates));
  read_sharing(object, definition, mistakes);
  mistakes.read(definition.grade, read_grade(object));
  mistakes.read(definition.assessment, optional_text(object, "assessment"));
  mistakes.read(definition.classification, optional_text(object, "class"));
  mistakes.read(definition.open, optional_text(object, "open"));
  if (object.has("summary")) mistakes.read(definition.summary, object.both_languages("summary"));
}

void read_source(const json::value& document, std::string_view what, DatasetDefinition& definition,
                 Mistakes& mistakes) {
  if (!mistakes.read(definition.source, canonical_json(document))) return;
  if (definition.source.size() <= limits::kCellBytes) return;
  mistakes.note(bad_input(
      std::string(what) + ": is longer than 65536 bytes, which no row of the catalogue holds",
      "document"));
}

void read_definition(const json::value& document, std::string_view what,
                     DatasetDefinition& definition, Mistakes& mistakes) {
  Result<JsonObject> found = JsonObject::from(document, what);
  if (found.has_error()) return mistakes.note(found.error());
  JsonObject& object = found.value();
  read_catalogue(object, definition, mistakes);
  read_columns(object, definition, mistakes);
  mistakes.note(read_division(object, definition));
  mistakes.note(read_publish(object, definition));
  mistakes.note(object.finish());
  read_source(document, what, definition, mistakes);
}

// An identifier's error names only the field.
Error with_source(Error error, std::string_view what) {
  return error.message.starts_with(what) ? error : within(what, std::move(error));
}

}  // namespace

Result<DatasetDefinition> DatasetDefinition::parse(std::string_view text, std::string_view what,
                                                   Mistakes* all) {
  Mistakes found;
  Mistakes& mistakes = all != nullptr ? *all : found;
  DatasetDefinition definition;
  json::value document;
  if (text.size() > limits::kDefinitionBytes) {
    mistakes.note(bad_input(std::string(what) + ": is larger than 1 MiB", "document"));
  } else if (mistakes.read(document, parse_json(text, what))) {
    read_definition(document, what, definition, mistakes);
  }
  if (mistakes.none()) return definition;
  return with_source(mistakes.all().front(), what);
}

}  // namespace rootlet
