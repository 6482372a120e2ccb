// What a clerk prints as proof that a record arrived: the record, the times of its states, and the
// platform's signed words as they were received.
#pragma once

#include "agent/records/record_view.hpp"

namespace rootlet::agent {

// {"id", "form", "form_title", "subject", "state", "attempt", "states": [{"state", "at"}],
// "receipt", "judgement", "statement_key", "judgement_key", "office", "realm"}. Receipt and
// judgement are base64 of the signed texts; the judgement is null before there is one. `form` may
// be null. kBadInput, field "receipt", if the platform has not confirmed the record yet.
Result<json::object> receipt_json(const RecordDetail& detail, const FormDefinition* form,
                                  const Identity& identity);

}  // namespace rootlet::agent
