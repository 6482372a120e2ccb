// Records and forms as answers: what a person needs to recognise a record, by titles instead of
// names.
#pragma once

#include <map>

#include "agent/office/office.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

// The forms of the catalogue and the built-in ones, each parsed once.
class FormShelf {
 public:
  // Without a catalogue it has the built-in forms only.
  static Result<FormShelf> open(Office& office);
  // Null if this form is not here (any more).
  const FormDefinition* find(std::string_view kind, std::string_view form) const;

 private:
  std::map<std::string, FormDefinition, std::less<>> forms_;
};

// What or whom the record is about, for one line of a list: the form's subject fields, else the
// prefill key and the first texts. Identity numbers, phones and sensitive personal information are
// masked.
std::string record_subject(const FormDefinition& form, const json::object& values);

// The newest form of this id. kUnreachable if none has arrived, kBadInput if there is none.
Result<FormDefinition> find_form(Office& office, const std::string& id);

json::object form_json(const FormDefinition& form);
// The values in the order of the form: {"name", "title", "value"} and, of a choice, "words".
json::array fields_json(const FormDefinition& form, const json::object& values);
// `form` may be null.
json::object summary_json(const RecordSummary& summary, const FormDefinition* form);
json::object detail_json(const RecordDetail& detail, const FormDefinition* form);

// {"record": number from 1, "field", "title", "reason", "words"}
json::object mistake_json(std::size_t record, const FormDefinition& form,
                          const Violation& violation);

// The whole id of the record that `given` begins. kBadInput if there is none, or several: then the
// hint lists them.
Result<std::string> find_record_id(Outbox& outbox, const FormShelf& forms, std::string given);

}  // namespace rootlet::agent
