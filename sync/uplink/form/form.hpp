// Form definitions, and the validation of values (docs/FORMATS.md, "Form"). Pure. The office
// validates before it keeps a record and the platform before it accepts one, with the same code, so
// a clerk sees at the field exactly the errors that the platform would find.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/format/json_fwd.hpp"
#include "sync/uplink/form/pattern.hpp"

namespace rootlet {

class Mistakes;  // core/format/mistakes.hpp

enum class FieldType {
  kText,
  kInteger,   // a JSON integer
  kDecimal,   // text: "12.50"
  kDate,      // text: YYYY-MM-DD
  kDatetime,  // text: YYYY-MM-DDThh:mm:ssZ, or local "YYYY-MM-DD hh:mm[:ss]"
  kBoolean,   // a JSON boolean
  kChoice,    // the choice's value as text
  kIdCard,    // GB 11643
  kUscc,      // GB 32100
  kDivision,
  kPhone,
};
std::string_view name_of(FieldType type);

struct Choice {
  std::string value;
  Text title;
};

struct FormField {
  std::string name;
  Text title;
  FieldType type = FieldType::kText;
  int scale = 0;  // places of a decimal
  bool required = false;
  // Numbers are compared scaled, dates as text; absent: no bound.
  std::optional<std::string> min, max;
  std::size_t max_length = 4000;  // characters of a text
  std::vector<Choice> choices;
  std::string pattern_text;
  std::optional<Pattern> pattern;
  std::vector<std::string> tags;  // pi, sensitive_pi, minor …
  std::string column;             // of the prefill dataset; "" if typed by hand
};

// The dataset that fills in known values, so that nobody types them twice.
struct Prefill {
  std::string dataset;
  std::string key_field;  // the field with the key of the row
  std::string purpose;    // for which the row is read; "": the person names it
};

enum class Review { kAutomatic, kManual };  // who accepts a record that satisfies the form

struct FormDefinition {
  std::string id;
  int version = 1;
  Text title, purpose, basis, unit, contact;  // shown to the person who is asked (PIPL 7)
  int retention_days = 0;                     // of the local copy after acceptance
  Review review = Review::kAutomatic;
  std::optional<Prefill> prefill;
  std::vector<FormField> fields;
  std::vector<std::string> subject;  // fields that say what a record is about; may be empty
  std::string source;                // the original JSON, for the catalogue

  // kBadInput with the first mistake. `all`, if given, gets every mistake.
  static Result<FormDefinition> parse(std::string_view text, std::string_view what,
                                      Mistakes* all = nullptr);
  const FormField* field(std::string_view name) const;
};

// One error in one field. `reason` is a stable word: required, unknown, type, length,
// characters, date, checksum, range, choice, pattern, places, division, phone, kept.
struct Violation {
  std::string field;
  std::string reason;
  Text words;
  bool operator==(const Violation& other) const {
    return field == other.field && reason == other.reason;
  }
};

// The values as stored: trims blanks; converts full-width digits and letters in codes and numbers;
// upper-cases the x of an identity number; converts numbers to and from text as the form requires;
// drops empty values and null. Leaves unreadable values as they are for `validate_values` to
// report.
json::object normalise_values(const FormDefinition& form, const json::object& values);

// All errors: unknown fields first, then in the order of the form. `kept` names fields whose value
// the platform already has (prefilled and unchanged); they need no value.
std::vector<Violation> validate_values(const FormDefinition& form, const json::object& values,
                                       const json::object& kept);

// The title of a field; the name itself of an unknown one.
std::string title_of(const FormDefinition& form, std::string_view field, Language language);

// "Members: Must be between 1 and 30.": what a person reads who sees titles only.
Text words_at_field(const FormDefinition& form, const Violation& violation);

// All violations as one error for people: kBadInput with the first one's field; the hint has a line
// for each, by the field's title.
Error error_of(const FormDefinition& form, const std::vector<Violation>& violations);

}  // namespace rootlet
