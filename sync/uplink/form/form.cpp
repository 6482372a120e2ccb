// Parses form definitions (docs/FORMATS.md, "Form"). Strict: an unknown key, a rule that does not
// fit the type or a bound that is not a value of the field is an error with file and field, so that
// a wrong form never reaches an office.
#include "sync/uplink/form/form.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/format/json.hpp"
#include "core/ids.hpp"
#include "core/limits.hpp"
#include "sync/uplink/form/validators.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kFields = 256;
constexpr std::size_t kChoices = 2'000;  // a national list of ethnic groups, crops, diseases
constexpr std::size_t kTags = 16;
constexpr int kLongestRetentionDays = 36'500;

struct TypeName {
  std::string_view name;
  FieldType type;
};
constexpr std::array<TypeName, 11> kTypes = {{{"text", FieldType::kText},
                                              {"integer", FieldType::kInteger},
                                              {"decimal", FieldType::kDecimal},
                                              {"date", FieldType::kDate},
                                              {"datetime", FieldType::kDatetime},
                                              {"boolean", FieldType::kBoolean},
                                              {"choice", FieldType::kChoice},
                                              {"id_card", FieldType::kIdCard},
                                              {"uscc", FieldType::kUscc},
                                              {"division", FieldType::kDivision},
                                              {"phone", FieldType::kPhone}}};

Status read_type(JsonObject& object, FormField& field) {
  ROOTLET_TRY(std::string name, object.text("type"));
  if (name.starts_with("decimal(") && name.size() == 10 && name.back() == ')' && name[8] >= '0' &&
      name[8] <= '9') {
    field.scale = name[8] - '0';
    name = "decimal";
  } else if (name == "decimal") {
    return object.error("type", "needs its places: decimal(2)");
  }
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const TypeName& type) { return type.name == name; });
  if (found == kTypes.end()) {
    return object.error("type",
                        "must be text, integer, decimal(n), date, datetime, boolean, choice, "
                        "id_card, uscc, division or phone");
  }
  field.type = found->type;
  return ok();
}

bool is_bound(const FormField& field, const std::string& text) {
  switch (field.type) {
    case FieldType::kInteger:
      return scaled_decimal(text, 0).has_value();
    case FieldType::kDecimal:
      return scaled_decimal(text, field.scale).has_value();
    case FieldType::kDate:
      return is_date(text);
    case FieldType::kDatetime:
      return is_datetime(text);
    default:
      return false;
  }
}

// A bound is a number for integers (or text), text for decimals, dates and times.
Status read_bound(JsonObject& object, std::string_view key, const FormField& field,
                  std::optional<std::string>& bound) {
  const json::value* value = object.find(key);
  if (value == nullptr) return ok();
  if (value->is_int64()) {
    bound = std::to_string(value->get_int64());
  } else if (value->is_string()) {
    bound = std::string(value->get_string());
  }
  if (!bound || !is_bound(field, *bound)) {
    return object.error(key, "is not a value of a " + std::string(name_of(field.type)) + " field");
  }
  return ok();
}

Result<Choice> parse_choice(const json::value& value, const std::string& path,
                            const std::string& what) {
  if (value.is_string()) {
    const std::string text(value.get_string());
    if (text.empty()) return bad_input(what + ": " + path + " holds an empty choice", path);
    return Choice{text, Text{.en = text, .zh = text}};
  }
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what, path));
  Choice choice;
  ROOTLET_TRY(choice.value, object.text("value", 256));
  ROOTLET_TRY(choice.title, object.both_languages("title"));
  ROOTLET_TRY(object.finish());
  if (choice.value.empty()) return object.error("value", "is empty");
  return choice;
}

Status read_choices(JsonObject& object, FormField& field) {
  if (field.type != FieldType::kChoice) {
    if (object.has("choices")) return object.error("choices", "is for choice fields only");
    return ok();
  }
  ROOTLET_TRY(const json::array* items, object.array("choices", kChoices));
  std::set<std::string> seen;
  for (const json::value& item : *items) {
    ROOTLET_TRY(Choice choice, parse_choice(item, object.path_of("choices"), object.what()));
    if (!seen.insert(choice.value).second) return object.error("choices", "name a value twice");
    field.choices.push_back(std::move(choice));
  }
  if (field.choices.empty()) return object.error("choices", "is empty");
  return ok();
}

Status read_text_rules(JsonObject& object, FormField& field) {
  for (const std::string_view key : {"max_length", "pattern"}) {
    if (object.has(key) && field.type != FieldType::kText) {
      return object.error(key, "is for text fields only");
    }
  }
  if (object.has("max_length")) {
    ROOTLET_TRY(const std::int64_t most, object.integer("max_length", 1, 16'000));
    field.max_length = static_cast<std::size_t>(most);
  }
  if (object.has("pattern")) {
    ROOTLET_TRY(field.pattern_text, object.text("pattern", 256));
    Result<Pattern> pattern = Pattern::parse(field.pattern_text);
    if (pattern.has_error()) return object.error("pattern", pattern.error().message);
    field.pattern = std::move(pattern).value();
  }
  return ok();
}

Status read_optional_parts(JsonObject& object, FormField& field) {
  if (object.has("title")) {
    ROOTLET_TRY(field.title, object.both_languages("title"));
  } else {
    field.title = Text{.en = field.name, .zh = field.name};
  }
  if (object.has("required")) {
    ROOTLET_TRY(field.required, object.boolean("required"));
  }
  if (object.has("tags")) {
    ROOTLET_TRY(field.tags, object.texts("tags", kTags));
  }
  if (object.has("column")) {
    ROOTLET_TRY(field.column, object.text("column", limits::kNameBytes));
    ROOTLET_TRY(check_column_name(field.column, object.path_of("column")));
  }
  return ok();
}

Result<FormField> parse_field(const json::value& value, const std::string& what,
                              const std::string& path) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, what, path));
  FormField field;
  ROOTLET_TRY(field.name, object.text("name"));
  ROOTLET_TRY(check_column_name(field.name, object.path_of("name")));
  ROOTLET_TRY(read_type(object, field));
  ROOTLET_TRY(read_optional_parts(object, field));
  ROOTLET_TRY(read_bound(object, "min", field, field.min));
  ROOTLET_TRY(read_bound(object, "max", field, field.max));
  ROOTLET_TRY(read_text_rules(object, field));
  ROOTLET_TRY(read_choices(object, field));
  ROOTLET_TRY(object.finish());
  return field;
}

Status read_fields(JsonObject& object, FormDefinition& form) {
  ROOTLET_TRY(const json::array* items, object.array("fields", kFields));
  for (const json::value& item : *items) {
    const std::string path = "fields[" + std::to_string(form.fields.size()) + "]";
    ROOTLET_TRY(FormField field, parse_field(item, object.what(), path));
    if (form.field(field.name) != nullptr) {
      return object.error("fields", "name \"" + field.name + "\" twice");
    }
    form.fields.push_back(std::move(field));
  }
  if (form.fields.empty()) return object.error("fields", "is empty");
  return ok();
}

Status read_notice(JsonObject& object, FormDefinition& form) {
  ROOTLET_TRY(form.title, object.both_languages("title"));
  ROOTLET_TRY(form.purpose, object.both_languages("purpose"));
  ROOTLET_TRY(form.basis, object.both_languages("basis"));
  ROOTLET_TRY(form.unit, object.both_languages("unit"));
  ROOTLET_TRY(form.contact, object.both_languages("contact"));
  ROOTLET_TRY(const std::int64_t days, object.integer("retention_days", 0, kLongestRetentionDays));
  form.retention_days = static_cast<int>(days);
  if (object.has("review")) {
    ROOTLET_TRY(const std::string review, object.text("review"));
    if (review != "automatic" && review != "manual") {
      return object.error("review", "must be automatic or manual");
    }
    form.review = review == "manual" ? Review::kManual : Review::kAutomatic;
  }
  return ok();
}

Status read_prefill(JsonObject& object, FormDefinition& form) {
  const bool columns = std::any_of(form.fields.begin(), form.fields.end(),
                                   [](const FormField& field) { return !field.column.empty(); });
  if (!object.has("prefill")) {
    if (columns) return object.error("prefill", "is missing, but a field names a column");
    return ok();
  }
  ROOTLET_TRY(JsonObject inner, object.object("prefill"));
  Prefill prefill;
  ROOTLET_TRY(prefill.dataset, inner.text("dataset"));
  ROOTLET_TRY(check_identifier(prefill.dataset, inner.path_of("dataset")));
  ROOTLET_TRY(prefill.key_field, inner.text("key_field"));
  ROOTLET_TRY(inner.finish());
  if (form.field(prefill.key_field) == nullptr) {
    return inner.error("key_field", "names no field of this form");
  }
  form.prefill = std::move(prefill);
  return ok();
}

}  // namespace

std::string_view name_of(FieldType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

const FormField* FormDefinition::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const FormField& each) { return each.name == name; });
  return found != fields.end() ? &*found : nullptr;
}

Result<FormDefinition> FormDefinition::parse(std::string_view text, std::string_view what) {
  if (text.size() > limits::kDefinitionBytes) {
    return bad_input(std::string(what) + ": longer than kDefinitionBytes", "document");
  }
  ROOTLET_TRY(const json::value document, parse_json(text, what));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, what));
  FormDefinition form;
  ROOTLET_TRY(form.id, object.text("id"));
  ROOTLET_TRY(check_identifier(form.id, "id"));
  ROOTLET_TRY(const std::int64_t version, object.integer("version", 1, 1'000'000));
  form.version = static_cast<int>(version);
  ROOTLET_TRY(read_notice(object, form));
  ROOTLET_TRY(read_fields(object, form));
  ROOTLET_TRY(read_prefill(object, form));
  ROOTLET_TRY(object.finish());
  form.source = json::serialize(document);
  return form;
}

}  // namespace rootlet
