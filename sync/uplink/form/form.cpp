// Parses form definitions (docs/FORMATS.md, "Form"). Strict: an unknown key, a rule that does not
// fit the type or a bound that is not a value of the field is an error with file and field, so that
// a wrong form never reaches an office.
#include "sync/uplink/form/form.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/format/json.hpp"
#include "core/format/mistakes.hpp"
#include "core/ids.hpp"
#include "core/limits.hpp"
#include "sync/uplink/form/validators.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kFields = 256;
constexpr std::size_t kChoices = 2'000;  // a national list of ethnic groups, crops, diseases
constexpr std::size_t kTags = 16;
constexpr std::size_t kSubjectFields = 4;  // what fits into one line of a list
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

void read_optional_parts(JsonObject& object, FormField& field, Mistakes& mistakes) {
  field.title = Text{.en = field.name, .zh = field.name};
  if (object.has("title")) mistakes.read(field.title, object.both_languages("title"));
  if (object.has("required")) mistakes.read(field.required, object.boolean("required"));
  if (object.has("tags")) mistakes.read(field.tags, object.texts("tags", kTags));
  if (!object.has("column")) return;
  if (mistakes.read(field.column, object.text("column", limits::kNameBytes))) {
    mistakes.note(check_column_name(field.column, object.path_of("column")));
  }
}

FormField read_field(JsonObject object, Mistakes& mistakes) {
  FormField field;
  if (mistakes.read(field.name, object.text("name"))) {
    mistakes.note(check_column_name(field.name, object.path_of("name")));
  }
  read_optional_parts(object, field, mistakes);
  // What bounds and choices may be depends on the type.
  if (!mistakes.note(read_type(object, field))) return field;
  mistakes.note(read_bound(object, "min", field, field.min));
  mistakes.note(read_bound(object, "max", field, field.max));
  mistakes.note(read_text_rules(object, field));
  mistakes.note(read_choices(object, field));
  mistakes.note(object.finish());
  return field;
}

void read_fields(JsonObject& object, FormDefinition& form, Mistakes& mistakes) {
  const json::array* items = nullptr;
  if (!mistakes.read(items, object.array("fields", kFields))) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string path = "fields[" + std::to_string(i) + "]";
    Result<JsonObject> item = JsonObject::from((*items)[i], object.what(), path);
    if (item.has_error()) {
      mistakes.note(item.error());
      continue;
    }
    FormField field = read_field(std::move(item).value(), mistakes);
    if (!field.name.empty() && form.field(field.name) != nullptr) {
      mistakes.note(object.error(path + ".name", "is \"" + field.name + "\", used already"));
    }
    form.fields.push_back(std::move(field));
  }
  if (items->empty()) mistakes.note(object.error("fields", "is empty"));
}

Result<Review> read_review(JsonObject& object) {
  if (!object.has("review")) return Review::kAutomatic;
  ROOTLET_TRY(const std::string review, object.text("review"));
  if (review == "automatic") return Review::kAutomatic;
  if (review == "manual") return Review::kManual;
  return object.error("review", "must be automatic or manual");
}

void read_notice(JsonObject& object, FormDefinition& form, Mistakes& mistakes) {
  mistakes.read(form.title, object.both_languages("title"));
  mistakes.read(form.purpose, object.both_languages("purpose"));
  mistakes.read(form.basis, object.both_languages("basis"));
  mistakes.read(form.unit, object.both_languages("unit"));
  mistakes.read(form.contact, object.both_languages("contact"));
  mistakes.read(form.retention_days, object.integer("retention_days", 0, kLongestRetentionDays));
  mistakes.read(form.review, read_review(object));
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
  if (inner.has("purpose")) {
    ROOTLET_TRY(prefill.purpose, inner.text("purpose", limits::kNameBytes));
    ROOTLET_TRY(check_identifier(prefill.purpose, inner.path_of("purpose")));
  }
  ROOTLET_TRY(inner.finish());
  if (form.field(prefill.key_field) == nullptr) {
    return inner.error("key_field", "names no field of this form");
  }
  form.prefill = std::move(prefill);
  return ok();
}

Status read_subject(JsonObject& object, FormDefinition& form) {
  if (!object.has("subject")) return ok();
  ROOTLET_TRY(form.subject, object.texts("subject", kSubjectFields));
  for (const std::string& name : form.subject) {
    if (form.field(name) == nullptr) {
      return object.error("subject", "names \"" + name + "\", which is no field of this form");
    }
  }
  return ok();
}

void read_form(const json::value& document, std::string_view what, FormDefinition& form,
               Mistakes& mistakes) {
  Result<JsonObject> found = JsonObject::from(document, what);
  if (found.has_error()) return mistakes.note(found.error());
  JsonObject& object = found.value();
  object.find("$schema");  // for editors
  if (mistakes.read(form.id, object.text("id"))) mistakes.note(check_identifier(form.id, "id"));
  mistakes.read(form.version, object.integer("version", 1, 1'000'000));
  read_notice(object, form, mistakes);
  read_fields(object, form, mistakes);
  mistakes.note(read_prefill(object, form));
  mistakes.note(read_subject(object, form));
  mistakes.note(object.finish());
  form.source = json::serialize(document);
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

Result<FormDefinition> FormDefinition::parse(std::string_view text, std::string_view what,
                                             Mistakes* all) {
  Mistakes found;
  Mistakes& mistakes = all != nullptr ? *all : found;
  FormDefinition form;
  json::value document;
  if (text.size() > limits::kDefinitionBytes) {
    mistakes.note(bad_input(std::string(what) + ": longer than 1 MiB", "document"));
  } else if (mistakes.read(document, parse_json(text, what))) {
    read_form(document, what, form, mistakes);
  }
  if (mistakes.none()) return form;
  return mistakes.all().front();
}

}  // namespace rootlet
