// Records and forms laid out for people: short ids, titles, local times, states in the reader's
// language. Pure.
#pragma once

#include "config/output/text_table.hpp"
#include "core/format/json.hpp"

namespace rootlet::agent {

// The beginning of each id of `records` by which it is known among them: at least 8 digits.
std::size_t short_id_length(const json::array& records);

// The list of `outbox list`; it goes on beyond the fields of one screen as blocks.
TextTable records_table(const json::array& records, Language language);

// Everything about one record, a line for each fact.
std::string record_text(const json::object& record, Language language, std::size_t max_width);

// The values of a record or a prefill by their titles.
std::string values_text(const json::object& holder, Language language, std::size_t max_width);

// A form with its fields.
std::string form_text(const json::object& form, Language language, std::size_t max_width);

}  // namespace rootlet::agent
